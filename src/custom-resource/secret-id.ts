import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { IConstruct } from 'constructs';
import { areDifferent, isKnown, isUnknown } from '../private/known';

/** In front of the name in a secret's ARN. */
const MARKER = ':secret:';

/** AWS takes such an end of a name for the six characters that it appends itself, and finds nothing. */
const LIKE_A_SUFFIX = /-[A-Za-z0-9]{6}$/;

/**
 * What Secrets Manager finds the secret by: its complete ARN where that is known, else its name, else (in another account or Region, where a
 * name says nothing) its ARN without the last six characters.
 *
 * @throws when Secrets Manager could not find it by that
 */
export function secretId(scope: IConstruct, secret: secretsmanager.ISecret): string {
  if (secret.secretFullArn !== undefined && !isMadeElsewhere(scope, secret)) { return secret.secretArn; }
  const name = secret.secretFullArn !== undefined ? explicitName(secret) : fullName(scope, secret);
  if (!isElsewhere(scope, secret)) { return name ?? secret.secretArn; }
  if (isKnown(name) && LIKE_A_SUFFIX.test(name)) {
    throw new Error(`the secret "${name}" is in another account or Region, and its complete ARN is not known here. AWS takes the end of the name, "${name.slice(-7)}", for the `
      + 'characters that it appends to ARNs, and would find nothing: refer to it by Secret.fromSecretCompleteArn(...), or give it another name');
  }
  return secret.secretArn;
}

/** The ARN for policies: with room for the characters that AWS appends, where they are not known. */
export function secretArnForPolicies(scope: IConstruct, secret: secretsmanager.ISecret): string {
  if (secret.secretFullArn !== undefined && !isMadeElsewhere(scope, secret)) { return secret.secretFullArn; }
  // The deprecated `fromSecretName` has the name there.
  const arn = isUnknown(secret.secretArn) || secret.secretArn.startsWith('arn:') ? secret.secretArn
    : Stack.of(secret).formatArn({ service: 'secretsmanager', resource: 'secret', resourceName: secret.secretName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  return `${arn}-??????`;
}

/** A secret may be in another Region than the stack that refers to it. */
export function secretRegion(secret: secretsmanager.ISecret): string {
  // Tokens in the text hold no colon, so the known parts stay known.
  const parts = secret.secretArn.startsWith('arn:') ? secret.secretArn.split(':') : [];
  return parts[3] || Stack.of(secret).region;
}

/**
 * The name of a secret that is referenced without the characters that AWS appends. Not `secretName`, which lacks the end of a name such as
 * `zenml-apikey`: aws-cdk takes six characters behind a hyphen for those.
 */
function fullName(scope: IConstruct, secret: secretsmanager.ISecret): string {
  const arn = secret.secretArn;
  const at = arn.indexOf(MARKER);
  if (at >= 0) { return arn.slice(at + MARKER.length); }
  return isUnknown(arn) ? Stack.of(scope).splitArn(arn, ArnFormat.COLON_RESOURCE_NAME).resourceName! : secret.secretName;
}

/** The name that a secret of this app was given. */
function explicitName(secret: secretsmanager.ISecret): string | undefined {
  return (secret.node.defaultChild as Partial<secretsmanager.CfnSecret> | undefined)?.name;
}

/** Made by a stack of this app in another account or Region: aws-cdk knows its ARN without the characters that AWS appends. */
function isMadeElsewhere(scope: IConstruct, secret: secretsmanager.ISecret): boolean {
  const [here, there] = [Stack.of(scope), Stack.of(secret)];
  return secret.node.defaultChild !== undefined && (here.account !== there.account || here.region !== there.region);
}

/** A name is looked for in the function's own account and Region. */
function isElsewhere(scope: IConstruct, secret: secretsmanager.ISecret): boolean {
  const { account, region } = Stack.of(scope);
  return isMadeElsewhere(scope, secret) || areDifferent(secret.env.account, account) || areDifferent(secret.env.region, region);
}
