import * as v from 'valibot';
import { KeysBinding, ServerBinding } from '../../contract/bindings';
import { brokenServerUrlRule, normalizeServerUrl } from '../../contract/rules';
import { UnreachableError, UserError } from '../errors';
import { AwsError } from '../ports';
import { parseJson } from '../zenml/answers';

const text = v.pipe(v.string(), v.minLength(1));
const maybe = v.optional(text);
/** As the event's URL is read, too: where only CloudFormation knows it, it can come with a trailing slash. */
const url = v.pipe(v.string(), v.transform(normalizeServerUrl), v.minLength(1));

const ServerBindingSchema = v.object({
  kind: v.literal('server'),
  url,
  secretId: text,
  field: maybe,
  allowHttp: v.optional(v.boolean()),
  workspaceId: maybe,
  ca: v.optional(v.object({ secretId: maybe, secretField: maybe, parameterName: maybe })),
  proxyUrl: maybe,
}) satisfies v.GenericSchema<unknown, ServerBinding>;

const KeysBindingSchema = v.object({
  kind: v.literal('keys'),
  url,
  secretId: text,
  accessKeyIdField: text,
  secretAccessKeyField: text,
  sessionTokenField: maybe,
  versionId: maybe,
}) satisfies v.GenericSchema<unknown, KeysBinding>;

/** Reads the parameter that ties an API key to its server: the only source of the server's address. */
export async function readServerBinding(name: string, read: (name: string) => Promise<string>): Promise<ServerBinding> {
  const binding = parse(
    ServerBindingSchema,
    name,
    await fetchParameter(name, 'ties the secret to its ZenML server', read),
  );
  const broken = brokenServerUrlRule(binding.url, binding.allowHttp);
  if (broken) { throw new UserError('CZ310', `SSM parameter ${name}: the server's URL is refused: ${broken}`); }
  return binding;
}

export async function readKeysBinding(name: string, read: (name: string) => Promise<string>): Promise<KeysBinding> {
  return parse(KeysBindingSchema, name, await fetchParameter(name, 'ties the secret to its ZenML server', read));
}

/** Reads a parameter; `purpose` says in the error what it does. */
export async function fetchParameter(
  name: string,
  purpose: string,
  read: (name: string) => Promise<string>,
): Promise<string> {
  try {
    return await read(name);
  } catch (error) {
    if (!(error instanceof AwsError)) {
      throw error;
    }
    throw new UnreachableError(
      'CZ331', `SSM parameter ${name}, which ${purpose}, cannot be read (${error.code}): `
        + 'was it deleted, or does a policy deny ssm:GetParameter to the registration function?',
    );
  }
}

function parse<T>(schema: v.GenericSchema<unknown, T>, name: string, value: string): T {
  const result = v.safeParse(schema, parseJson(value));
  if (result.success) { return result.output; }
  const field = v.getDotPath(result.issues[0]) ?? 'the whole value';
  throw new UserError(
    'CZ332', `SSM parameter ${name} is not a binding that this library wrote (${field}): deploy again to restore it`,
  );
}
