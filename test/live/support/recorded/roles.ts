import { Stack } from 'aws-cdk-lib';
import { ACCOUNT, Asked, BucketKeys } from './authorization';
import { Surroundings } from './inside-aws';
import {
  listOf, permits, PolicyDocument, PolicyStatement, RequestContext, statementsOf,
} from '../../../support/policy-evaluator';
import { SynthesizedTemplate } from '../../../support/synthesized-template';

/** The identities of a synthesized stack with their policies, by ARN. */
export class Roles {
  public readonly surroundings: Surroundings;
  private readonly template: SynthesizedTemplate;
  private readonly documents = new Map<string, PolicyDocument[]>();

  public constructor(stack: Stack, images: Pick<Surroundings, 'parentImages' | 'otherImages'>) {
    this.template = new SynthesizedTemplate(stack);
    const policies = Object.values(this.template.resourcesOf('AWS::IAM::Policy'));
    const add = (id: string, arn: string, kind: 'Roles' | 'Users') => {
      const own = policies.filter((policy) => (policy[kind] ?? []).includes(id));
      this.documents.set(arn, own.map((policy) => policy.PolicyDocument));
    };
    for (const [id, { Path = '/' }] of Object.entries(this.template.resourcesOf('AWS::IAM::Role'))) {
      add(id, `arn:aws:iam::${ACCOUNT}:role${Path}${id}`, 'Roles');
    }
    for (const id of Object.keys(this.template.resourcesOf('AWS::IAM::User'))) {
      add(id, `arn:aws:iam::${ACCOUNT}:user/${id}`, 'Users');
    }
    const [project] = Object.values(this.template.resourcesOf('AWS::CodeBuild::Project'));
    this.surroundings = {
      ...images,
      projectRole: project.ServiceRole,
      logGroup: project.LogsConfig.CloudWatchLogs.GroupName,
      keys: this.bucketKeys(),
      buckets: Object.keys(this.template.resourcesOf('AWS::S3::Bucket')).map((id) => id.toLowerCase()),
    };
  }

  /** ARNs of all roles and users. */
  public get names(): string[] {
    return [...this.documents.keys()];
  }

  /** The only role whose ARN matches. */
  public one(pattern: RegExp): string {
    const found = this.names.filter((arn) => pattern.test(arn));
    if (found.length !== 1) { throw new Error(`expected one role that matches ${pattern}, got: ${found.join(', ')}`); }
    return found[0]!;
  }

  public policiesOf(role: string): PolicyDocument[] {
    const documents = this.documents.get(role);
    if (!documents) { throw new Error(`the template has no role ${role}`); }
    return documents;
  }

  /** The principal that the trust policy of a connector's role names. */
  public userOf(role: string): string {
    const { AssumeRolePolicyDocument } = this.template.resourcesOf('AWS::IAM::Role')[role.split('/').pop()!];
    return AssumeRolePolicyDocument.Statement[0].Principal.AWS;
  }

  /** Whether the trust policy of a role lets a principal assume it. */
  public trusts(role: string, principal: string, context: RequestContext): boolean {
    const { AssumeRolePolicyDocument } = this.template.resourcesOf('AWS::IAM::Role')[role.split('/').pop()!];
    return permits([AssumeRolePolicyDocument], { action: 'sts:AssumeRole', resource: role, principal, context });
  }

  /** Whether the policies of the caller, and the policy of its session, allow a request. */
  public allow(asked: Asked, documents: readonly PolicyDocument[] = this.policiesOf(asked.role)): boolean {
    const session = asked.sessionPolicy;
    return permits(documents, asked) && (!session || permits([JSON.parse(session) as PolicyDocument], asked));
  }

  private bucketKeys(): BucketKeys {
    const keys = Object.entries(this.template.resourcesOf('AWS::S3::Bucket')).map(([id, { BucketEncryption }]) => {
      const rules = BucketEncryption?.ServerSideEncryptionConfiguration ?? [];
      return [id.toLowerCase(), rules[0]?.ServerSideEncryptionByDefault.KMSMasterKeyID as string | undefined];
    });
    return Object.fromEntries(keys.filter(([, key]) => key !== undefined));
  }
}

/** One action on one resource in one statement. */
export interface Right {
  readonly sid: string;
  readonly action: string;
  readonly resource: string;
}

/** Each right of the documents, and the documents without it. Two statements of a shared role can have the same one. */
export function rightsOf(documents: readonly PolicyDocument[]): { right: Right; without: PolicyDocument[] }[] {
  const rights = documents.flatMap(statementsOf).flatMap((statement) => listOf(statement.Action).flatMap((action) =>
    listOf(statement.Resource ?? '*').map((resource) => ({ sid: statement.Sid ?? '', action, resource }))));
  const byName = new Map(rights.map((right) => [`${right.action} ${right.resource}`, right]));
  return [...byName.values()].map((right) => ({
    right,
    without: documents.map((document) => ({
      ...document, Statement: statementsOf(document).flatMap((statement) => withoutRight(statement, right)),
    })),
  }));
}

/** The statement for its other actions, and for the action on its other resources. */
function withoutRight(statement: PolicyStatement, { action, resource }: Right): PolicyStatement[] {
  const [actions, resources] = [listOf(statement.Action), listOf(statement.Resource ?? '*')];
  if (!actions.includes(action) || !resources.includes(resource)) { return [statement]; }
  return [
    { ...statement, Action: actions.filter((one) => one !== action) },
    { ...statement, Action: [action], Resource: resources.filter((one) => one !== resource) },
  ].filter(({ Action, Resource }) => Action.length > 0 && listOf(Resource ?? '*').length > 0);
}
