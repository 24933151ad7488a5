import { ServerBinding } from '../../contract/bindings';
import { MissingSecretError, UnreachableError, UserError } from '../errors';
import { AwsError } from '../ports';
import { parseJson } from '../zenml/answers';

export type ReadSecret = (arn: string, versionId?: string) => Promise<string>;

/** The API key that a server's binding names. */
export async function readApiKey(binding: ServerBinding, read: ReadSecret): Promise<string> {
  const key = pick(await fetchSecret(binding.secretId, undefined, read), binding.secretId, binding.field).trim();
  if (!/^ZEN(?:PRO)?KEY_./.test(key)) {
    throw new UserError(
      'CZ333',
      `secret ${binding.secretId}${where(binding.field)} does not hold a ZenML API key: the key must start with ZENKEY_ or ZENPROKEY_ `
        + '(make one with "zenml service-account api-key create")',
    );
  }
  return key;
}

/** The fields of a JSON secret, all of them there and not empty. */
export async function readFields<K extends string>(
  secretId: string, versionId: string | undefined, fields: Readonly<Record<K, string>>, read: ReadSecret,
): Promise<Record<K, string>> {
  const text = await fetchSecret(secretId, versionId, read);
  const found = Object.entries<string>(fields).map(([key, field]) => [key, pick(text, secretId, field).trim()]);
  return Object.fromEntries(found) as Record<K, string>;
}

export async function readText(secretId: string, field: string | undefined, read: ReadSecret): Promise<string> {
  return pick(await fetchSecret(secretId, undefined, read), secretId, field);
}

async function fetchSecret(arn: string, versionId: string | undefined, read: ReadSecret): Promise<string> {
  try {
    return await read(arn, versionId);
  } catch (error) {
    if (!(error instanceof AwsError)) { throw error; }
    throw new (error.missing ? MissingSecretError : UnreachableError)(
      'CZ335',
      `secret ${arn} cannot be read (${error.code}): `
        + `was it deleted, or does a policy deny secretsmanager:GetSecretValue (or kms:Decrypt on its key) to the registration function?${keyAdvice(error)}`,
    );
  }
}

/** AWS gives a missing right on the KMS key the same code as one on the secret itself. */
function keyAdvice(error: AwsError): string {
  return error.denied || error.code === 'DecryptionFailure'
    ? ' A referenced secret with a KMS key of its own needs that key, too: Secret.fromSecretAttributes(scope, id, { secretCompleteArn, encryptionKey })'
    : '';
}

function pick(text: string, arn: string, field: string | undefined): string {
  if (field === undefined) { return text; }
  const parsed = parseJson(text);
  const value =
    typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, field)
      ? (parsed as Record<string, unknown>)[field]
      : undefined;
  if (typeof value === 'string' && value.trim() !== '') { return value; }
  throw new UserError(
    'CZ334',
    `secret ${arn} has no text in JSON field "${field}": store it there, or name another field`,
  );
}

function where(field: string | undefined): string {
  return field === undefined ? '' : ` in JSON field "${field}"`;
}
