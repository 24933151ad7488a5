import { createHash } from 'node:crypto';
import { CreateRepositoryCommand, DeleteRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { Identities } from './identities';
import { S3Caller } from './s3-calls';
import { Credentials, LocalAws } from '../../../local/services/aws';
import { mustCall } from '../../../local/services/signed-call';

const ROOT: Credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
/** Suffixes of the names of the roles. The first one is the role that all service connectors assume. */
const ROLES = ['', '-sagemaker', '-codebuild', '-app-runner'];

type Statement = { readonly Action: string[]; readonly Resource: string | string[] };

/**
 * What ZenML's Terraform module for AWS makes in AWS, with the trust and the policies of the module where the tests
 * call something with them: one bucket, one repository, one user with a key, four roles and one CodeBuild project.
 */
export class AwsOfOthers {
  /** @param seed names are derived from it, as the module derives them from random letters */
  public static async make(aws: LocalAws, seed: string): Promise<AwsOfOthers> {
    const letters = createHash('sha256').update(seed).digest('hex').slice(0, 12);
    const identities = new Identities(aws);
    const name = `zenml-${letters}`;
    const user = await identities.makeUser(name, { Action: ['sts:AssumeRole'], Resource: '*' });
    const made = new AwsOfOthers(aws, identities, name, `zenml-${aws.account}-${letters}`, user.credentials);
    await made.s3.call('PUT', made.bucket);
    await made.ecr.send(new CreateRepositoryCommand({ repositoryName: name }));
    await made.makeRoles(user.arn);
    await made.makeProject();
    return made;
  }

  public readonly region: string;
  public readonly registryHost: string;
  public readonly repositoryUri: string;
  public readonly roleArn: string;
  private readonly iam: IAMClient;
  private readonly ecr: ECRClient;
  private readonly s3: S3Caller;

  private constructor(
    private readonly aws: LocalAws,
    private readonly identities: Identities,
    /** Of the repository, the user, the first role and the project. */
    public readonly name: string,
    public readonly bucket: string,
    public readonly key: Credentials,
  ) {
    this.region = aws.region;
    this.registryHost = `${aws.account}.dkr.ecr.${aws.region}.amazonaws.com`;
    this.repositoryUri = `${this.registryHost}/${name}`;
    this.roleArn = `arn:aws:iam::${aws.account}:role/${name}`;
    this.iam = this.identities.iam;
    this.ecr = new ECRClient(aws.clientOptions());
    this.s3 = new S3Caller(aws, ROOT);
  }

  /** User, key, roles and project. */
  public async deleteAllButData(): Promise<void> {
    await this.codebuild('DeleteProject', { name: this.name });
    await this.identities.deleteUser(this.name);
    for (const suffix of ROLES) { await this.deleteRole(this.name + suffix); }
  }

  public async deleteData(): Promise<void> {
    await this.ecr.send(new DeleteRepositoryCommand({ repositoryName: this.name, force: true }));
    await this.s3.call('DELETE', this.bucket);
  }

  private async makeRoles(userArn: string): Promise<void> {
    const services = ['scheduler.amazonaws.com', 'build.apprunner.amazonaws.com'];
    const principals: Record<string, object> = {
      '': { AWS: userArn, Service: services },
      '-sagemaker': { Service: 'sagemaker.amazonaws.com' },
      '-codebuild': { Service: 'codebuild.amazonaws.com' },
      '-app-runner': { Service: 'tasks.apprunner.amazonaws.com' },
    };
    for (const suffix of ROLES) {
      await this.iam.send(new CreateRoleCommand({
        RoleName: this.name + suffix,
        AssumeRolePolicyDocument: documentOf([{ Principal: principals[suffix], Action: 'sts:AssumeRole' }]),
      }));
    }
    for (const [PolicyName, statements] of Object.entries(this.rights())) {
      await this.iam.send(new PutRolePolicyCommand({
        RoleName: this.name, PolicyName, PolicyDocument: documentOf(statements),
      }));
    }
    await this.iam.send(new AttachRolePolicyCommand({
      RoleName: `${this.name}-sagemaker`, PolicyArn: 'arn:aws:iam::aws:policy/AmazonSageMakerFullAccess',
    }));
  }

  /** Of the role that all service connectors assume. */
  private rights(): Record<string, Statement[]> {
    const account = `${this.region}:${this.aws.account}`;
    const bucket = `arn:aws:s3:::${this.bucket}`;
    return {
      S3Policy: [{
        Action: ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:GetBucketVersioning'],
        Resource: [bucket, `${bucket}/*`],
      }],
      ECRPolicy: [
        {
          Action: [
            'DescribeRegistry', 'BatchGetImage', 'DescribeImages', 'BatchCheckLayerAvailability',
            'GetDownloadUrlForLayer', 'InitiateLayerUpload', 'UploadLayerPart', 'CompleteLayerUpload', 'PutImage',
          ].map((action) => `ecr:${action}`),
          Resource: `arn:aws:ecr:${account}:repository/${this.name}`,
        },
        { Action: ['ecr:GetAuthorizationToken'], Resource: '*' },
        { Action: ['ecr:DescribeRepositories', 'ecr:ListRepositories'], Resource: `arn:aws:ecr:${account}:repository/*` },
      ],
      CodeBuildPolicy: [{
        Action: ['codebuild:StartBuild', 'codebuild:BatchGetBuilds'],
        Resource: `arn:aws:codebuild:${account}:project/${this.name}`,
      }],
    };
  }

  private async makeProject(): Promise<void> {
    await this.codebuild('CreateProject', {
      name: this.name,
      serviceRole: `${this.roleArn}-codebuild`,
      timeoutInMinutes: 20,
      source: { type: 'S3', location: `${this.bucket}/codebuild` },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        type: 'LINUX_CONTAINER',
        computeType: 'BUILD_GENERAL1_SMALL',
        image: 'bentolor/docker-dind-awscli',
        imagePullCredentialsType: 'SERVICE_ROLE',
        privilegedMode: false,
      },
    });
  }

  private async codebuild(operation: string, input: object): Promise<void> {
    await mustCall(this.aws, ROOT, {
      service: 'codebuild', target: `CodeBuild_20161006.${operation}`, body: JSON.stringify(input),
    });
  }

  private async deleteRole(RoleName: string): Promise<void> {
    for (const PolicyName of (await this.iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames!) {
      await this.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    }
    const { AttachedPolicies } = await this.iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    for (const { PolicyArn } of AttachedPolicies ?? []) {
      await this.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    }
    await this.iam.send(new DeleteRoleCommand({ RoleName }));
  }
}

function documentOf(statements: object[]): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })),
  });
}
