import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AssumeRoleCommand, AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { Credentials, LocalAws } from '../../../local/services/aws';
import { PolicyDocument, withoutAction } from '../../support/policy-evaluator';

export interface NamedPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}

/** Roles, users and their policies as IAM tells them; not as the template says. */
export class Identities {
  public readonly iam: IAMClient;

  public constructor(private readonly aws: LocalAws) {
    this.iam = new IAMClient(aws.clientOptions());
  }

  public async rolePolicies(RoleName: string): Promise<NamedPolicy[]> {
    await this.noManagedPolicies(
      async () => (await this.iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies,
    );
    const names = (await this.iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames!;
    return Promise.all(
      names.map(async (name) => ({
        name,
        document: parsed(
          (await this.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: name }))).PolicyDocument!,
        ),
      })),
    );
  }

  public async userPolicies(UserName: string): Promise<NamedPolicy[]> {
    await this.noManagedPolicies(
      async () => (await this.iam.send(new ListAttachedUserPoliciesCommand({ UserName }))).AttachedPolicies,
    );
    const names = (await this.iam.send(new ListUserPoliciesCommand({ UserName }))).PolicyNames!;
    return Promise.all(
      names.map(async (name) => ({
        name,
        document: parsed(
          (await this.iam.send(new GetUserPolicyCommand({ UserName, PolicyName: name }))).PolicyDocument!,
        ),
      })),
    );
  }

  public async role(RoleName: string): Promise<{ arn: string; trust: PolicyDocument; maxSessionSeconds: number }> {
    const role = (await this.iam.send(new GetRoleCommand({ RoleName }))).Role!;
    return {
      arn: role.Arn!,
      trust: parsed(role.AssumeRolePolicyDocument!),
      maxSessionSeconds: role.MaxSessionDuration ?? 3600,
    };
  }

  public async putRolePolicy(RoleName: string, { name, document }: NamedPolicy): Promise<void> {
    await this.iam.send(
      new PutRolePolicyCommand({ RoleName, PolicyName: name, PolicyDocument: JSON.stringify(document) }),
    );
  }

  /** Works while the policies of a role lack one action, and gives the role its policies back. */
  public async withoutRight(RoleName: string, action: string, work: () => Promise<void>): Promise<void> {
    const policies = await this.rolePolicies(RoleName);
    try {
      for (const { name, document } of policies) {
        await this.putRolePolicy(RoleName, { name, document: withoutAction(document, action) });
      }
      await work();
    } finally {
      for (const policy of policies) { await this.putRolePolicy(RoleName, policy); }
    }
  }

  /** A user of the test's own with a key; `rights` is one statement's worth, none means no policy. */
  public async makeUser(
    UserName: string,
    rights?: { Action: string[]; Resource: string },
  ): Promise<{ arn: string; credentials: Credentials }> {
    const arn = (await this.iam.send(new CreateUserCommand({ UserName }))).User!.Arn!;
    if (rights) {
      await this.allow(UserName, rights);
    }
    const key = (await this.iam.send(new CreateAccessKeyCommand({ UserName }))).AccessKey!;
    return { arn, credentials: { accessKeyId: key.AccessKeyId!, secretAccessKey: key.SecretAccessKey! } };
  }

  public async allow(UserName: string, rights: { Action: string[]; Resource: string }): Promise<void> {
    const document: PolicyDocument = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...rights }] };
    await this.putUserPolicy(UserName, { name: 'rights', document });
  }

  public async putUserPolicy(UserName: string, { name, document }: NamedPolicy): Promise<void> {
    await this.iam.send(
      new PutUserPolicyCommand({ UserName, PolicyName: name, PolicyDocument: JSON.stringify(document) }),
    );
  }

  public async disallow(UserName: string): Promise<void> {
    await this.iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'rights' }));
  }

  public async deleteUser(UserName: string): Promise<void> {
    for (const id of await this.accessKeys(UserName)) {
      await this.iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: id }));
    }
    for (const { name } of await this.userPolicies(UserName)) {
      await this.iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: name }));
    }
    await this.iam.send(new DeleteUserCommand({ UserName }));
  }

  /** Ids of the user's keys. */
  public async accessKeys(UserName: string): Promise<string[]> {
    return (await this.iam.send(new ListAccessKeysCommand({ UserName }))).AccessKeyMetadata!.map(
      (key) => key.AccessKeyId!,
    );
  }

  public async assume(as: Credentials | undefined, input: AssumeRoleCommandInput): Promise<Credentials> {
    const { Credentials: made } = await new STSClient(this.aws.clientOptions(as)).send(new AssumeRoleCommand(input));
    return {
      accessKeyId: made!.AccessKeyId!,
      secretAccessKey: made!.SecretAccessKey!,
      sessionToken: made!.SessionToken!,
    };
  }

  public async secretText(SecretId: string): Promise<string> {
    return (await new SecretsManagerClient(this.aws.clientOptions()).send(new GetSecretValueCommand({ SecretId })))
      .SecretString!;
  }

  /** The key pair in a secret as the constructs write it. */
  public async keysIn(secretId: string): Promise<Credentials> {
    const fields = JSON.parse(await this.secretText(secretId)) as Record<string, string>;
    return { accessKeyId: fields.aws_access_key_id!, secretAccessKey: fields.aws_secret_access_key! };
  }

  /** Inline policies are all that the constructs make; anything attached would escape the checks. */
  private async noManagedPolicies(list: () => Promise<unknown[] | undefined>): Promise<void> {
    const attached = await list();
    if (attached?.length) {
      throw new Error(`unexpected managed policies: ${JSON.stringify(attached)}`);
    }
  }
}

function parsed(text: string): PolicyDocument {
  return JSON.parse(decodeURIComponent(text)) as PolicyDocument;
}
