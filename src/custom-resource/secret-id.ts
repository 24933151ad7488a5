import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { IConstruct } from 'constructs';
import { areKnownToDiffer, isKnown, isUnknown } from '../private/known';
import { synthError } from '../private/synth-error';

/** Precedes the name in the ARN of a secret. */
const MARKER = ':secret:';

/**
 * Secrets Manager takes such an end of a name for the six characters that it appends to ARNs, and does not find the
 * secret.
 */
const LIKE_A_SUFFIX = /-[A-Za-z0-9]{6}$/;

/**
 * The text by which Secrets Manager finds the secret: its complete ARN if known, else its name. In another account or
 * Region, where a name is not enough, its ARN without the six characters that Secrets Manager appends.
 *
 * @throws when Secrets Manager could not find the secret by that text
 */
export function secretId(scope: IConstruct, secret: secretsmanager.ISecret): string {
  if (secret.secretFullArn !== undefined && !isDefinedElsewhere(scope, secret)) { return secret.secretArn; }
  const name = secret.secretFullArn !== undefined ? explicitName(secret) : fullName(scope, secret);
  if (!isElsewhere(scope, secret)) { return name ?? secret.secretArn; }
  if (isKnown(name) && LIKE_A_SUFFIX.test(name)) {
    throw synthError(
      'CZ133',
      `the secret "${name}" is in another account or Region, and its complete ARN is unknown at synth. `
        + `Secrets Manager takes the end of the name, "${name.slice(-7)}", for the characters that it appends to ARNs, `
        + 'and would not find the secret: import it by Secret.fromSecretCompleteArn(...), or rename it',
    );
  }
  return secret.secretArn;
}

/** The ARN for policies, with wildcards for the characters that Secrets Manager appends where they are unknown. */
export function secretArnForPolicies(scope: IConstruct, secret: secretsmanager.ISecret): string {
  if (secret.secretFullArn !== undefined && !isDefinedElsewhere(scope, secret)) { return secret.secretFullArn; }
  // The deprecated `fromSecretName` sets `secretArn` to the name.
  const hasArn = isUnknown(secret.secretArn) || secret.secretArn.startsWith('arn:');
  return `${hasArn ? secret.secretArn : formatSecretArn(secret)}-??????`;
}

/** The Region of the secret, which can differ from the Region of the stack that uses it. */
export function secretRegion(secret: secretsmanager.ISecret): string {
  // Tokens in the text contain no colon, so the known parts are found.
  const parts = secret.secretArn.startsWith('arn:') ? secret.secretArn.split(':') : [];
  return parts[3] || Stack.of(secret).region;
}

function formatSecretArn(secret: secretsmanager.ISecret): string {
  return Stack.of(secret).formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: secret.secretName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/**
 * The name of a secret that is imported without the characters that Secrets Manager appends. Not `secretName`, which
 * lacks the end of a name such as `zenml-apikey`, because aws-cdk takes six characters after a hyphen for the appended
 * ones.
 */
function fullName(scope: IConstruct, secret: secretsmanager.ISecret): string {
  const arn = secret.secretArn;
  const at = arn.indexOf(MARKER);
  if (at >= 0) { return arn.slice(at + MARKER.length); }
  if (!isUnknown(arn)) { return secret.secretName; }
  return Stack.of(scope).splitArn(arn, ArnFormat.COLON_RESOURCE_NAME).resourceName!;
}

/** The explicit name of a secret that this app defines. */
function explicitName(secret: secretsmanager.ISecret): string | undefined {
  return (secret.node.defaultChild as Partial<secretsmanager.CfnSecret> | undefined)?.name;
}

/**
 * Whether a stack of this app in another account or Region defines the secret. aws-cdk then knows its ARN only without
 * the characters that Secrets Manager appends.
 */
function isDefinedElsewhere(scope: IConstruct, secret: secretsmanager.ISecret): boolean {
  const [here, there] = [Stack.of(scope), Stack.of(secret)];
  return secret.node.defaultChild !== undefined && (here.account !== there.account || here.region !== there.region);
}

/**
 * Whether the secret is in another account or Region than the registration function, so that its name alone does not
 * identify it.
 */
function isElsewhere(scope: IConstruct, secret: secretsmanager.ISecret): boolean {
  const { account, region } = Stack.of(scope);
  return isDefinedElsewhere(scope, secret)
    || areKnownToDiffer(secret.env.account, account)
    || areKnownToDiffer(secret.env.region, region);
}
