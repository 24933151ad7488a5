import { AwsAccount, PolicyStatement, TrustStatement } from './aws-account';

/** A resource of AWS's own: enough of it for references, rights and the values that the handler reads. */
export interface NativeState {
  readonly physicalId: string;
  /** What `Ref` gives. */
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

type Properties = Readonly<Record<string, unknown>>;

interface NativeModel {
  /** Properties whose change makes a new resource. */
  readonly replacedBy: readonly string[];
  /** Property that names the resource. */
  readonly nameProperty?: string;
  /** What AWS says when the name is taken. */
  taken?(account: AwsAccount, name: string): string | undefined;
  put(account: AwsAccount, physicalId: string, properties: Properties): NativeState;
  remove(account: AwsAccount, physicalId: string, properties: Properties): void;
}

const plain = (account: AwsAccount, physicalId: string): NativeState => ({
  physicalId,
  ref: physicalId,
  attributes: { Arn: account.arn('any', physicalId) },
});

const MODELS: Record<string, NativeModel> = {
  'AWS::SSM::Parameter': {
    replacedBy: ['Name', 'Type'],
    nameProperty: 'Name',
    taken: (account, name) => (account.parameters.has(name) ? `${name} already exists` : undefined),
    put: (account, id, properties) => {
      account.parameters.set(id, String(properties.Value));
      return { physicalId: id, ref: id, attributes: { Value: String(properties.Value), Type: 'String' } };
    },
    remove: (account, id) => {
      account.parameters.delete(id);
    },
  },
  'AWS::SecretsManager::Secret': {
    replacedBy: ['Name'],
    nameProperty: 'Name',
    put: (account, id, properties) => {
      const arn = id.startsWith('arn:') ? id : account.arn('secretsmanager', `secret:${id}-${account.random.hex(6)}`);
      account.secrets.set(
        arn,
        typeof properties.SecretString === 'string'
          ? properties.SecretString
          : (account.secrets.get(arn) ?? account.random.hex(32)),
      );
      return { physicalId: arn, ref: arn, attributes: { Id: arn } };
    },
    remove: (account, id) => {
      account.secrets.delete(id);
    },
  },
  'AWS::IAM::AccessKey': {
    replacedBy: ['UserName', 'Serial'],
    put: (account, id, properties) => {
      const known = account.keySecret(id);
      const key = known ? id : `KEY${account.random.hex(17).toUpperCase()}`;
      const secret = known ?? `canary-access-${account.random.hex(24)}`;
      if (!known) {
        account.putKey(key, secret, String(properties.UserName));
      }
      return { physicalId: key, ref: key, attributes: { SecretAccessKey: secret } };
    },
    remove: (account, id) => {
      account.deleteKey(id);
    },
  },
  'AWS::IAM::User': {
    replacedBy: ['UserName'],
    nameProperty: 'UserName',
    taken: (account, name) => (account.hasUser(name) ? `User with name ${name} already exists.` : undefined),
    put: (account, id, properties) => {
      account.putUser(id);
      account.putPolicy(`user/${id}`, [id], inline(properties));
      return { physicalId: id, ref: id, attributes: { Arn: account.arn('iam', `user/${id}`) } };
    },
    remove: (account, id) => {
      account.deleteUser(id);
      account.deletePolicy(`user/${id}`);
    },
  },
  'AWS::IAM::Role': {
    replacedBy: ['RoleName', 'Path'],
    nameProperty: 'RoleName',
    taken: (account, name) => (account.hasRole(name) ? `Role with name ${name} already exists.` : undefined),
    put: (account, id, properties) => {
      account.putRole(id, statements<TrustStatement>(properties.AssumeRolePolicyDocument));
      account.putPolicy(`role/${id}`, [id], inline(properties));
      return { physicalId: id, ref: id, attributes: { Arn: account.arn('iam', `role/${id}`), RoleId: `AROA${id}` } };
    },
    remove: (account, id) => {
      account.deleteRole(id);
      account.deletePolicy(`role/${id}`);
    },
  },
  'AWS::Lambda::Function': {
    replacedBy: ['FunctionName'],
    nameProperty: 'FunctionName',
    put: (account, id, properties) => {
      const arn = account.arn('lambda', `function:${id}`);
      account.functions.set(arn, {
        arn,
        name: id,
        roleName: String(properties.Role).split('/').pop()!,
        timeoutSeconds: Number(properties.Timeout ?? 3),
      });
      return { physicalId: id, ref: id, attributes: { Arn: arn } };
    },
    remove: (account, id) => {
      account.functions.delete(account.arn('lambda', `function:${id}`));
    },
  },
  'AWS::Lambda::EventInvokeConfig': {
    replacedBy: ['FunctionName', 'Qualifier'],
    put: (account, id, properties) => {
      account.invokeConfigs.set(String(properties.FunctionName), {
        retryAttempts: Number(properties.MaximumRetryAttempts ?? 2),
        maxEventAgeSeconds: Number(properties.MaximumEventAgeInSeconds ?? 21600),
      });
      return plain(account, id);
    },
    remove: (account, _, properties) => {
      account.invokeConfigs.delete(String(properties.FunctionName));
    },
  },
  'AWS::ECR::Repository': {
    replacedBy: ['RepositoryName', 'EncryptionConfiguration'],
    nameProperty: 'RepositoryName',
    taken: (account, name) =>
      account.repositories.has(name)
        ? `Resource of type 'AWS::ECR::Repository' with identifier '${name}' already exists. (The repository with name '${name}' already exists in the registry with id '${account.id}')`
        : undefined,
    put: (account, id) => {
      account.repositories.add(id);
      return {
        physicalId: id,
        ref: id,
        attributes: { Arn: account.arn('ecr', `repository/${id}`), RepositoryUri: `${account.registryHost}/${id}` },
      };
    },
    remove: (account, id) => {
      account.repositories.delete(id);
    },
  },
};

const POLICY: NativeModel = {
  replacedBy: [],
  put: (account, id, properties) => {
    const named = [properties.Roles, properties.Users, properties.RoleName, properties.UserName];
    const principals = named.flat().filter(name => name !== undefined).map(String);
    account.putPolicy(id, principals, statements(properties.PolicyDocument));
    return plain(account, id);
  },
  remove: (account, id) => { account.deletePolicy(id); },
};
for (const type of ['Policy', 'ManagedPolicy', 'RolePolicy', 'UserPolicy']) { MODELS[`AWS::IAM::${type}`] = POLICY; }

/** Everything else exists, has an ARN and does nothing. */
const ANYTHING: NativeModel = { replacedBy: [], put: plain, remove: () => undefined };

/** Throws what AWS says when the name is taken. */
export function createNative(
  account: AwsAccount,
  type: string,
  stack: string,
  logicalId: string,
  properties: Properties,
): NativeState {
  const model = MODELS[type] ?? ANYTHING;
  const name = model.nameProperty === undefined ? undefined : (properties[model.nameProperty] as string | undefined);
  const complaint = name === undefined ? undefined : model.taken?.(account, name);
  if (complaint !== undefined) {
    throw new Error(complaint);
  }
  const generated = `${stack}-${logicalId}-${account.random.hex(12).toUpperCase()}`;
  return model.put(
    account,
    name ?? (type === 'AWS::ECR::Repository' ? generated.toLowerCase() : generated),
    properties,
  );
}

export function updateNative(
  account: AwsAccount,
  type: string,
  physicalId: string,
  properties: Properties,
): NativeState {
  return (MODELS[type] ?? ANYTHING).put(account, physicalId, properties);
}

export function deleteNative(account: AwsAccount, type: string, physicalId: string, properties: Properties): void {
  (MODELS[type] ?? ANYTHING).remove(account, physicalId, properties);
}

export function replacesNative(type: string, before: Properties, after: Properties): boolean {
  return (MODELS[type] ?? ANYTHING).replacedBy.some(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
}

function statements<S = PolicyStatement>(document: unknown): S[] {
  const list = (document as { Statement?: S | S[] } | undefined)?.Statement ?? [];
  return Array.isArray(list) ? list : [list];
}

function inline(properties: Properties): PolicyStatement[] {
  return ((properties.Policies ?? []) as { PolicyDocument: unknown }[]).flatMap((policy) =>
    statements<PolicyStatement>(policy.PolicyDocument),
  );
}
