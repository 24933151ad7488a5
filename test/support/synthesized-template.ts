import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { listOf, PolicyDocument } from './policy-evaluator';

/**
 * A template as AWS would deploy it: references become the names and ARNs that the resources could get. The name of a
 * resource is its logical id.
 */
export class SynthesizedTemplate {
  private readonly resources: Record<string, any>;

  public constructor(private readonly stack: Stack) {
    this.resources = Template.fromStack(stack).toJSON().Resources as Record<string, any>;
  }

  /** A value of the app as deployed: an ARN, a name, a list, an object. */
  public deployed<T>(value: T): T {
    return this.text(this.stack.resolve(value)) as T;
  }

  /** The configuration of the only component of a type in ZenML. */
  public configurationOf(componentType: string): Record<string, unknown> {
    const found = Object.values(this.resources)
      .filter(({ Type, Properties }) => Type === 'Custom::ZenMLStackComponent' && Properties.ComponentType === componentType);
    if (found.length !== 1) { throw new Error(`expected one ${componentType}, got ${found.length}`); }
    return JSON.parse(this.text(found[0]!.Properties.Configuration) as string) as Record<string, unknown>;
  }

  /** Properties of all resources of a type, as deployed, by logical id. */
  public resourcesOf(type: string): Record<string, any> {
    const found = Object.entries(this.resources).filter(([, { Type }]) => Type === type);
    return Object.fromEntries(found.map(([id, { Properties }]) => [id, this.text(Properties)]));
  }

  /** All policies of a role that this app defines. */
  public of(role: iam.IRole): PolicyDocument[] {
    const name = this.deployed(role.roleName);
    return Object.values(this.resources)
      .filter(({ Type, Properties }) => Type === 'AWS::IAM::Policy' && listOf(Properties.Roles ?? []).some((one) => this.text(one) === name))
      .map(({ Properties }) => this.text(Properties.PolicyDocument) as PolicyDocument);
  }

  /** The trust policy of a role that this app defines. */
  public trustOf(role: iam.IRole): PolicyDocument {
    const { Properties } = this.resources[this.deployed(role.roleName)];
    return this.text(Properties.AssumeRolePolicyDocument) as PolicyDocument;
  }

  private text(value: any): unknown {
    if (Array.isArray(value)) { return value.map((one) => this.text(one)); }
    if (typeof value !== 'object' || value === null) { return value; }
    if (value.Ref) { return this.reference(value.Ref as string); }
    if (value['Fn::GetAtt']) { return this.attribute(value['Fn::GetAtt'] as [string, string]); }
    if (value['Fn::Join']) { return (this.text(value['Fn::Join'][1]) as string[]).join(value['Fn::Join'][0] as string); }
    if (value['Fn::Select']) { return (this.text(value['Fn::Select'][1]) as string[])[Number(value['Fn::Select'][0])]; }
    if (value['Fn::Split']) { return String(this.text(value['Fn::Split'][1])).split(value['Fn::Split'][0] as string); }
    const unknown = Object.keys(value).find((key) => key.startsWith('Fn::'));
    if (unknown) { throw new Error(`SynthesizedTemplate does not know ${unknown}`); }
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.text(one)]));
  }

  private reference(name: string): string {
    const { account, region } = this.stack;
    const pseudo: Record<string, string> = {
      'AWS::Partition': 'aws',
      'AWS::AccountId': account,
      'AWS::Region': region,
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': this.stack.stackName,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${this.stack.stackName}/id`,
    };
    if (pseudo[name] !== undefined) { return pseudo[name]; }
    switch (this.resources[name].Type) {
      case 'AWS::S3::Bucket': return name.toLowerCase();
      case 'AWS::ECR::Repository': return this.resources[name].Properties.RepositoryName ?? name.toLowerCase();
      case 'AWS::CodeBuild::Project': return this.resources[name].Properties.Name ?? name;
      // The reference to a secret is its ARN.
      case 'AWS::SecretsManager::Secret': return this.attribute([name, 'Arn']);
      default: return name;
    }
  }

  private attribute([id, attribute]: [string, string]): string {
    const { account, region } = this.stack;
    const { Type, Properties } = this.resources[id];
    // Objects in ZenML are known by logical id; other attributes of them are of no use to a test.
    if (String(Type).startsWith('Custom::ZenML')) { return id; }
    const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
    const repository = Properties?.RepositoryName ?? id.toLowerCase();
    const known: Record<string, string> = {
      'AWS::IAM::Role.Arn': `arn:aws:iam::${account}:role${Properties?.Path ?? '/'}${id}`,
      'AWS::IAM::User.Arn': `arn:aws:iam::${account}:user/${id}`,
      'AWS::S3::Bucket.Arn': `arn:aws:s3:::${id.toLowerCase()}`,
      'AWS::KMS::Key.Arn': arn('kms', `key/${id}`),
      'AWS::ECR::Repository.Arn': arn('ecr', `repository/${repository}`),
      'AWS::EC2::SecurityGroup.GroupId': `sg-${id.toLowerCase()}`,
      'AWS::Logs::LogGroup.Arn': arn('logs', `log-group:${id}:*`),
      'AWS::ECR::Repository.RepositoryUri': `${account}.dkr.ecr.${region}.amazonaws.com/${repository}`,
      'AWS::Lambda::Function.Arn': arn('lambda', `function:${id}`),
      'AWS::CodeBuild::Project.Arn': arn('codebuild', `project/${Properties?.Name ?? id}`),
      'AWS::SecretsManager::Secret.Arn': arn('secretsmanager', `secret:${id}-AbCdEf`),
    };
    const value = known[`${Type}.${attribute}`];
    if (value === undefined) { throw new Error(`SynthesizedTemplate does not know the attribute ${attribute} of ${Type}`); }
    return value;
  }
}
