import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { AuthenticationContext } from './bound-authentication';
import { containsIntrinsic } from '../../private/intrinsics';
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
  return given ? policyText(scope, given) : context.sessionPolicy(scope, context.region);
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
