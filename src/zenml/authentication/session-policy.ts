import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { AuthenticationContext } from './bound-authentication';
import { ecrSessionPolicy } from '../../iam/access-role';
import { containsIntrinsic } from '../../private/intrinsics';
import { isUnknown } from '../../private/known';
import { synthError } from '../../private/synth-error';

/** AWS's limit for a session policy, in characters. */
const SESSION_POLICY_MAX_LENGTH = 2048;

/**
 * The text of the given session policy, or of one that the connector needs; undefined if the session policy of ZenML is
 * sufficient.
 */
export function sessionPolicyOf(
  scope: Construct, context: AuthenticationContext, given: iam.PolicyDocument | undefined,
): string | undefined {
  return given ? policyText(scope, given) : defaultSessionPolicy(scope, context);
}

/**
 * The text of the policy. Throws when it is longer than AWS accepts. The length of a text with references is unknown at
 * synth.
 */
function policyText(scope: Construct, policy: iam.PolicyDocument): string {
  const resolved: unknown = Stack.of(scope).resolve(policy);
  const { length } = JSON.stringify(resolved);
  if (!containsIntrinsic(resolved) && length > SESSION_POLICY_MAX_LENGTH) {
    throw synthError(
      'CZ105',
      `\`sessionPolicy\` must have at most ${SESSION_POLICY_MAX_LENGTH} characters (AWS's limit), got: ${length} characters: `
        + 'shorten it, or attach the rights to the role instead',
    );
  }
  return Stack.of(scope).toJsonString(policy);
}

/**
 * The session policy where ZenML's own is not sufficient: that one names the partition `aws` only and permits no
 * creation on push.
 */
function defaultSessionPolicy(scope: Construct, context: AuthenticationContext): string | undefined {
  if (!context.dockerRegistry) { return undefined; }
  const commercial = !isUnknown(context.region) && !context.region.startsWith('us-gov-');
  if (commercial && !context.createOnPush) { return undefined; }
  return ecrSessionPolicy(scope, context.region, context.createOnPush);
}
