import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { AuthenticationContext } from './bound';
import { ecrSessionPolicy } from '../../iam/access-role';
import { isUnknown } from '../../private/known';

/** AWS: a session policy has at most 2048 characters. */
const SESSION_POLICY_MAX_LENGTH = 2048;

/** The text of the user's session policy, or of one that is needed; undefined: the server writes its own. */
export function sessionPolicyOf(scope: Construct, context: AuthenticationContext, given: iam.PolicyDocument | undefined): string | undefined {
  return given ? checkedText(scope, given) : ownSessionPolicy(scope, context);
}

/** Checked against AWS's limit where the length is known. */
function checkedText(scope: Construct, policy: iam.PolicyDocument): string {
  const text = JSON.stringify(Stack.of(scope).resolve(policy));
  // With references in it, only CloudFormation knows the length.
  if (!/"(Ref|Fn::\w+)":/.test(text) && text.length > SESSION_POLICY_MAX_LENGTH) {
    throw new Error(`\`sessionPolicy\` must have at most ${SESSION_POLICY_MAX_LENGTH} characters (AWS's limit), got: ${text.length}`);
  }
  return Stack.of(scope).toJsonString(policy);
}

/** Needed where what the server writes by itself does not do: it knows the partition `aws` only, and no creation on push. */
function ownSessionPolicy(scope: Construct, context: AuthenticationContext): string | undefined {
  if (!context.dockerRegistry) { return undefined; }
  const commercial = !isUnknown(context.region) && !context.region.startsWith('us-gov-');
  return commercial && !context.createOnPush ? undefined : ecrSessionPolicy(scope, context.region, context.createOnPush);
}
