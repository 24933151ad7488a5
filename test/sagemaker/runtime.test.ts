import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { ACCOUNT, arn, newRegistry, newRuntime, REGION } from './support';
import { SageMakerRuntime, SageMakerRuntimeProps } from '../../src';
import { newStack } from '../support/app';
import { actionsOf, permits, RequestContext } from '../support/policy-evaluator';
import { SynthesizedTemplate } from '../support/synthesized-template';

/** Whether the execution role may do something. */
function may(
  stack: Stack, runtime: SageMakerRuntime, action: string, resource: string, context?: RequestContext,
): boolean {
  return permits(new SynthesizedTemplate(stack).of(runtime.role as iam.Role), { action, resource, context });
}

/** What the execution role may do without any option. */
function actionsOfDefault(): string[] {
  const { stack, runtime } = newRuntime();
  return actionsOf(new SynthesizedTemplate(stack).of(runtime.role as iam.Role));
}

const TRAINING_JOB = arn('sagemaker', 'training-job/pipelines-abc-step-1');
const vpcOf = (stack: Stack) => ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
  vpcId: 'vpc-1', availabilityZones: ['eu-west-1a', 'eu-west-1b'], privateSubnetIds: ['subnet-1', 'subnet-2'],
});
const inVpc = (stack: Stack): Partial<SageMakerRuntimeProps> => ({ vpc: vpcOf(stack) });

describe('the execution role', () => {
  test('the execution role can be assumed by SageMaker for this account only', () => {
    const { stack, runtime } = newRuntime();
    const trust = new SynthesizedTemplate(stack).trustOf(runtime.role as iam.Role);
    const assume = (principal: string, account: string) => permits([trust], {
      action: 'sts:AssumeRole', resource: 'role', principal, context: { 'aws:SourceAccount': account },
    });
    expect(assume('sagemaker.amazonaws.com', ACCOUNT)).toBe(true);
    expect(assume('sagemaker.amazonaws.com', '444455556666')).toBe(false);
    expect(['scheduler.amazonaws.com', 'build.apprunner.amazonaws.com', 'codebuild.amazonaws.com'].map((service) => assume(service, ACCOUNT))).toEqual([false, false, false]);
  });

  test('the execution role pulls images of the registry, including repositories that are added later, and pushes none', () => {
    const { stack, runtime } = newRuntime((scope) => ({ repositories: [ecr.Repository.fromRepositoryName(scope, 'Base', 'base')] }));
    newRegistry(stack).addRepository('training');
    const on = (action: string, name: string) => may(stack, runtime, action, arn('ecr', `repository/${name}`));
    expect(['zenml', 'training', 'base'].map((name) => on('ecr:BatchGetImage', name))).toEqual([true, true, true]);
    expect(on('ecr:BatchGetImage', 'other')).toBe(false);
    expect(['zenml', 'training', 'base'].map((name) => on('ecr:PutImage', name))).toEqual([false, false, false]);
  });

  test('the execution role reads and writes its own bucket and no other, whatever its name', () => {
    const { stack, runtime } = newRuntime();
    const bucket = new SynthesizedTemplate(stack).deployed(runtime.bucket.bucketArn);
    expect(may(stack, runtime, 's3:PutObject', `${bucket}/job/output/model.tar.gz`)).toBe(true);
    for (const other of ['artifacts', `sagemaker-${REGION}-${ACCOUNT}`]) {
      for (const action of ['s3:GetObject', 's3:PutObject', 's3:DeleteObject']) { expect(may(stack, runtime, action, `arn:aws:s3:::${other}/x`)).toBe(false); }
      expect(may(stack, runtime, 's3:ListBucket', `arn:aws:s3:::${other}`)).toBe(false);
    }
    expect(may(stack, runtime, 's3:DeleteObject', `${bucket}/x`)).toBe(false);
    expect(may(stack, runtime, 's3:CreateBucket', bucket)).toBe(false);
  });

  test('the execution role can start no job until an orchestrator needs it, and then only jobs of a pipeline', () => {
    const { stack, runtime } = newRuntime();
    const role = new SynthesizedTemplate(stack).deployed(runtime.role.roleArn);
    expect(may(stack, runtime, 'sagemaker:CreateTrainingJob', TRAINING_JOB)).toBe(false);
    expect(may(stack, runtime, 'iam:PassRole', role, { 'iam:PassedToService': 'sagemaker.amazonaws.com' })).toBe(false);
    const second = newRuntime();
    second.runtime.allowPipelines();
    second.runtime.allowPipelines();
    const allowed = (action: string, resource: string, context?: RequestContext) => {
      return may(second.stack, second.runtime, action, resource, context);
    };
    expect(allowed('sagemaker:CreateTrainingJob', TRAINING_JOB)).toBe(true);
    expect(allowed('sagemaker:CreateProcessingJob', arn('sagemaker', 'processing-job/pipelines-abc-step-1'))).toBe(true);
    expect(allowed('sagemaker:AddTags', TRAINING_JOB)).toBe(true);
    expect(allowed('sagemaker:CreateTrainingJob', arn('sagemaker', 'training-job/mine'))).toBe(false);
    expect(allowed('iam:PassRole', role, { 'iam:PassedToService': 'sagemaker.amazonaws.com' })).toBe(true);
    expect(allowed('iam:PassRole', role, { 'iam:PassedToService': 'lambda.amazonaws.com' })).toBe(false);
    expect(allowed('iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/other`, { 'iam:PassedToService': 'sagemaker.amazonaws.com' })).toBe(false);
  });

  test('the execution role has no managed policy, and no action on endpoints, notebooks, other services or IAM', () => {
    const { stack, runtime } = newRuntime();
    runtime.allowPipelines();
    for (const role of Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'))) {
      expect(JSON.stringify((role as any).Properties.ManagedPolicyArns ?? [])).not.toMatch(/SageMaker|Scheduler|AppRunner/);
    }
    expect(actionsOf(new SynthesizedTemplate(stack).of(runtime.role as iam.Role))).toEqual([
      'ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetAuthorizationToken', 'ecr:GetDownloadUrlForLayer', 'iam:PassRole',
      'logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents',
      's3:AbortMultipartUpload', 's3:GetObject', 's3:ListBucket', 's3:PutObject',
      'sagemaker:AddTags', 'sagemaker:CreateProcessingJob', 'sagemaker:CreateTrainingJob', 'sagemaker:DescribeProcessingJob',
      'sagemaker:DescribeTrainingJob', 'sagemaker:StopProcessingJob', 'sagemaker:StopTrainingJob',
    ]);
  });

  test('rights for the network exist only with a VPC, and only in the subnets of the jobs', () => {
    expect(actionsOfDefault().filter((action) => action.startsWith('ec2:'))).toEqual([]);
    const { stack, runtime } = newRuntime(inVpc);
    const create = (resource: string) => may(stack, runtime, 'ec2:CreateNetworkInterface', `arn:aws:ec2:${REGION}:${ACCOUNT}:${resource}`);
    const securityGroup = new SynthesizedTemplate(stack).deployed(runtime.securityGroups[0]!.securityGroupId);
    expect(['network-interface/eni-1', 'subnet/subnet-1', `security-group/${securityGroup}`].map(create)).toEqual([true, true, true]);
    expect(['subnet/subnet-3', 'security-group/sg-other'].map(create)).toEqual([false, false]);
    const remove = (subnet: string) => may(stack, runtime, 'ec2:DeleteNetworkInterface', arn('ec2', 'network-interface/eni-1'), { 'ec2:Subnet': arn('ec2', `subnet/${subnet}`) });
    expect([remove('subnet-2'), remove('subnet-3')]).toEqual([true, false]);
  });

  test('rights on keys exist only for the keys that are set, and a volume key is only passed on to AWS', () => {
    expect(actionsOfDefault().filter((action) => action.startsWith('kms:'))).toEqual([]);
    const { stack, runtime } = newRuntime((scope) => ({ volumeKey: new kms.Key(scope, 'Volume'), outputKey: new kms.Key(scope, 'Output') }));
    const ids = Object.keys(Template.fromStack(stack).findResources('AWS::KMS::Key'));
    const [volume, output] = ['Volume', 'Output'].map((start) => arn('kms', `key/${ids.find((id) => id.startsWith(start))}`));
    expect(may(stack, runtime, 'kms:CreateGrant', volume!, { 'kms:GrantIsForAWSResource': 'true' })).toBe(true);
    expect(may(stack, runtime, 'kms:CreateGrant', volume!)).toBe(false);
    expect(may(stack, runtime, 'kms:Decrypt', volume!)).toBe(false);
    expect(may(stack, runtime, 'kms:GenerateDataKey', output!)).toBe(true);
    expect(may(stack, runtime, 'kms:CreateGrant', output!, { 'kms:GrantIsForAWSResource': 'true' })).toBe(false);
  });

  test('the key of a bucket is used through S3 only', () => {
    const { stack, runtime } = newRuntime((scope) => ({ bucket: new s3.Bucket(scope, 'Own', { encryption: s3.BucketEncryption.KMS }) }));
    const key = arn('kms', `key/${Object.keys(Template.fromStack(stack).findResources('AWS::KMS::Key'))[0]}`);
    expect(may(stack, runtime, 'kms:Decrypt', key, { 'kms:ViaService': `s3.${REGION}.amazonaws.com` })).toBe(true);
    expect(may(stack, runtime, 'kms:Decrypt', key)).toBe(false);
  });

  test('another partition has its own ARNs', () => {
    const { stack } = newRuntime({}, newStack({ env: { account: ACCOUNT, region: 'us-gov-west-1' } }));
    const policies = JSON.stringify(Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')));
    expect(policies).not.toMatch(/arn:aws:/);
  });
});

describe('limits of jobs', () => {
  const create = (context: RequestContext, props: Partial<SageMakerRuntimeProps>) => {
    const { stack, runtime } = newRuntime(props);
    runtime.allowPipelines();
    return may(stack, runtime, 'sagemaker:CreateTrainingJob', TRAINING_JOB, context);
  };

  test('a pipeline cannot start a job with an instance type that is not allowed', () => {
    const props = { allowedInstanceTypes: ['ml.m5.*', 'ml.g5.xlarge'] };
    expect(create({ 'sagemaker:InstanceTypes': ['ml.m5.large'] }, props)).toBe(true);
    expect(create({ 'sagemaker:InstanceTypes': ['ml.g5.xlarge'] }, props)).toBe(true);
    expect(create({ 'sagemaker:InstanceTypes': ['ml.g5.2xlarge'] }, props)).toBe(false);
    expect(create({ 'sagemaker:InstanceTypes': ['ml.m5.large', 'ml.p4d.24xlarge'] }, props)).toBe(false);
    expect(create({}, props)).toBe(false);
  });

  test('with a VPC, AWS refuses jobs outside of it, unless `requireVpc` is false', () => {
    const request = (subnets: string[] | undefined, requireVpc?: boolean) => {
      const { stack, runtime } = newRuntime((scope) => ({ ...inVpc(scope), requireVpc }));
      runtime.allowPipelines();
      const securityGroup = new SynthesizedTemplate(stack).deployed(runtime.securityGroups[0]!.securityGroupId);
      return may(stack, runtime, 'sagemaker:CreateTrainingJob', TRAINING_JOB, subnets ? { 'sagemaker:VpcSubnets': subnets, 'sagemaker:VpcSecurityGroupIds': [securityGroup] } : {});
    };
    expect(request(['subnet-1', 'subnet-2'])).toBe(true);
    expect(request(['subnet-1'])).toBe(true);
    expect(request(['subnet-3'])).toBe(false);
    expect(request(undefined)).toBe(false);
    expect(request(undefined, false)).toBe(true);
  });
});

describe('the bucket', () => {
  test('the new bucket is private, TLS only, encrypted, and kept; objects expire and unfinished uploads end', () => {
    const { stack } = newRuntime();
    const template = Template.fromStack(stack);
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        BucketName: Match.absent(),
        BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true,
        },
        LifecycleConfiguration: { Rules: [{ ExpirationInDays: 30, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' }] },
      },
    });
    template.hasResource('AWS::S3::BucketPolicy', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { PolicyDocument: { Statement: [Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })] } },
    });
  });

  test('the new bucket can be deleted with the stack', () => {
    Template.fromStack(newRuntime({ dataRemovalPolicy: RemovalPolicy.DESTROY }).stack).hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  });

  test('an existing bucket is used as it is', () => {
    const { stack, runtime } = newRuntime((scope) => ({ bucket: s3.Bucket.fromBucketName(scope, 'Own', 'jobs') }));
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 0);
    expect(may(stack, runtime, 's3:PutObject', 'arn:aws:s3:::jobs/x')).toBe(true);
  });
});

describe('an existing role', () => {
  test('a role of the app gets the rights, and keeps what it had', () => {
    const { stack, runtime } = newRuntime((scope) => ({ role: new iam.Role(scope, 'Own', { assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com') }) }));
    expect(may(stack, runtime, 'logs:PutLogEvents', arn('logs', 'log-group:/aws/sagemaker/TrainingJobs:log-stream:x'))).toBe(true);
  });

  test('an imported role that the app cannot change is named in a warning with the missing rights', () => {
    const { stack } = newRuntime((scope) => ({ role: iam.Role.fromRoleArn(scope, 'Own', `arn:aws:iam::${ACCOUNT}:role/jobs`, { mutable: false }) }));
    Annotations.fromStack(stack).hasWarning('/Main/Runtime', Match.stringLikeRegexp('the execution role is an imported role .*logs:CreateLogGroup'));
  });
});

test('a runtime without registries and repositories is named in a warning, and a grant to the runtime reaches its role', () => {
  Annotations.fromStack(newRuntime({ registries: [] }).stack).hasWarning('/Main/Runtime', Match.stringLikeRegexp('no job can start'));
  const { stack, runtime } = newRuntime({ registries: [] });
  newRegistry(stack).grantPull(runtime);
  expect(may(stack, runtime, 'ecr:BatchGetImage', arn('ecr', 'repository/zenml'))).toBe(true);
});

test('the role, its policies and the security group stay with a component that stays', () => {
  const { stack, runtime } = newRuntime((scope) => ({ ...inVpc(scope), removalPolicy: RemovalPolicy.RETAIN }));
  runtime.allowPipelines();
  const resources = Template.fromStack(stack).toJSON().Resources as Record<string, any>;
  const ofRuntime = Object.entries(resources).filter(([id]) => id.startsWith('Runtime'));
  expect(ofRuntime.length).toBeGreaterThan(5);
  expect(ofRuntime.filter(([, { DeletionPolicy }]) => DeletionPolicy !== 'RetainExceptOnCreate').map(([id]) => id)).toEqual([]);
});

test('others can be connected to the jobs, as long as these have security groups', () => {
  const { stack, runtime } = newRuntime(inVpc);
  const database = new ec2.SecurityGroup(stack, 'Database', { vpc: ec2.Vpc.fromVpcAttributes(stack, 'Other', { vpcId: 'vpc-1', availabilityZones: ['eu-west-1a'] }) });
  database.connections.allowFrom(runtime, ec2.Port.POSTGRES, 'features of jobs');
  const [ofJobs] = runtime.connections.securityGroups;
  Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    Description: 'features of jobs', FromPort: 5432, SourceSecurityGroupId: stack.resolve(ofJobs!.securityGroupId),
  });
  expect(() => newRuntime().runtime.connections).toThrow('`connections` are those of jobs in a VPC, but `vpc` is missing');
});

test.each<[string, Partial<SageMakerRuntimeProps> | ((stack: Stack) => Partial<SageMakerRuntimeProps>), string]>([
  ['subnets without a VPC', { vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } }, '`vpcSubnets` must not be set without `vpc`'],
  ['security groups without a VPC', { securityGroups: [] }, '`securityGroups` must not be set without `vpc`'],
  ['a required VPC without a VPC', { requireVpc: true }, '`requireVpc` must not be set without `vpc`'],
  ['six security groups', (stack) => ({ ...inVpc(stack), securityGroups: [...'abcdef'].map((id) => ec2.SecurityGroup.fromSecurityGroupId(stack, id, `sg-${id}`)) }), '`securityGroups` must have 1 to 5 entries (SageMaker\'s limit), got: 6'],
  ['an instance type of EC2', { allowedInstanceTypes: ['m5.large'] }, '`allowedInstanceTypes` must look like "ml.m5.large" or "ml.m5.*", got: "m5.large"'],
  ['no instance type at all', { allowedInstanceTypes: [] }, '`allowedInstanceTypes` must have 1 to 100 entries'],
  ['a path for an existing role', (stack) => ({ path: '/a/', role: iam.Role.fromRoleName(stack, 'Own', 'own') }), '`path` and `permissionsBoundary` must not be set together with `role`'],
  ['a removal policy for an existing bucket', (stack) => ({ dataRemovalPolicy: RemovalPolicy.DESTROY, bucket: s3.Bucket.fromBucketName(stack, 'Own', 'own') }), '`dataRemovalPolicy` must not be set together with `bucket`'],
  ['a role that trusts another service', (stack) => ({ role: new iam.Role(stack, 'Own', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }) }), '`role` must trust sagemaker.amazonaws.com, got: Main/Own'],
  ['a role of another partition', (stack) => ({ role: iam.Role.fromRoleArn(stack, 'Own', 'arn:aws-cn:iam::111122223333:role/own') }), '`role` must be in the stack\'s partition aws'],
  ['a bucket of another Region', (stack) => ({ bucket: s3.Bucket.fromBucketAttributes(stack, 'Own', { bucketName: 'own', region: 'us-east-1' }) }), '`bucket` must be in the Region of the jobs, eu-west-1, got: us-east-1'],
])('%s is refused', (_, props, message) => {
  expect(() => newRuntime(props)).toThrow(message);
});

test('values that are unknown at synth are not checked', () => {
  const stack = newStack({});
  expect(() => newRuntime({ bucket: s3.Bucket.fromBucketArn(stack, 'Own', 'arn:aws:s3:::own') }, stack)).not.toThrow();
});
