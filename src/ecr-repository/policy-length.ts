import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** ECR's limit for a repository policy and for the registry policy, in characters. */
const MAX_LENGTH = 10240;

/**
 * What is wrong with the length of a policy of ECR.
 *
 * @param policy policy document, or its JSON text
 * @param subject the policy, as the message begins
 * @param remedy what the user can do
 */
export function policyLengthProblems(scope: IConstruct, policy: unknown, subject: string, remedy: string): string[] {
  const resolved: unknown = Stack.of(scope).resolve(policy) ?? '';
  const { length } = typeof resolved === 'string' ? resolved : JSON.stringify(resolved);
  return length > MAX_LENGTH
    ? [`${subject} must have at most ${MAX_LENGTH} characters (ECR's limit), got: ${length} characters: ${remedy}`]
    : [];
}
