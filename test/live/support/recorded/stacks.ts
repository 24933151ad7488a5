import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  ArtifactStore, AwsZenMLStack, AwsZenMLStackProps, ConnectorAuthentication, ContainerRegistry, Orchestrator,
  SageMakerRuntime, StepOperator,
} from '../../../../src';
import { newServer, newStack } from '../../../support/app';

/** The stack of the README, and one with a prefix, versions, customer keys, a VPC, limits and parent images. */
export const KINDS = ['plain', 'guarded'] as const;
export type Kind = (typeof KINDS)[number];

/** Images that jobs and builds pull in addition to those that ZenML builds. */
export const OTHER_IMAGES: Record<Kind, { parentImages: string[]; otherImages: string[] }> = {
  plain: { parentImages: [], otherImages: [] },
  guarded: { parentImages: ['parents'], otherImages: ['more'] },
};

export function newMl(kind: Kind): { stack: Stack; ml: AwsZenMLStack } {
  const stack = newStack();
  const props = kind === 'plain' ? plain() : guarded(stack);
  return { stack, ml: new AwsZenMLStack(stack, 'ML', { server: newServer(stack), ...props }) };
}

function plain(): Partial<AwsZenMLStackProps> {
  return {
    containerRegistry: ContainerRegistry.ecr({ repositoryNames: ['zenml'] }),
    orchestrator: Orchestrator.sageMaker({ schedules: true }),
  };
}

function guarded(stack: Stack): Partial<AwsZenMLStackProps> {
  const key = (name: string) => kms.Key.fromKeyArn(stack, name, `arn:aws:kms:eu-west-1:111122223333:key/${name}`);
  const repository = (name: string) => ecr.Repository.fromRepositoryName(stack, name, name);
  return {
    artifactStore: ArtifactStore.s3({ prefix: 'team/ml', versioned: true, encryptionKey: key('artifacts') }),
    containerRegistry: ContainerRegistry.ecr({
      repositories: [repository('images')], pullFrom: [repository('parents')],
    }),
    orchestrator: Orchestrator.sageMaker({
      instanceType: 'ml.m5.large',
      schedulerRole: new iam.Role(stack, 'Scheduler', {
        path: '/team/', assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com'),
      }),
    }),
    // A connector of its own, so that its rights can be told from those of the orchestrator.
    stepOperators: [StepOperator.sageMaker({
      authentication: ConnectorAuthentication.iamRole(),
      configuration: { estimator_args: { tags: [{ Key: 'team', Value: 'ml' }] } },
    })],
    runtime: new SageMakerRuntime(stack, 'Runtime', {
      bucket: new s3.Bucket(stack, 'Output', { encryption: s3.BucketEncryption.KMS, encryptionKey: key('bucket') }),
      repositories: [repository('more'), stack.node.findChild('images') as ecr.IRepository],
      vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
        vpcId: 'vpc-1', availabilityZones: ['eu-west-1a'], privateSubnetIds: ['subnet-1'],
      }),
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')],
      volumeKey: key('volume'),
      outputKey: key('output'),
      allowedInstanceTypes: ['ml.m5.*', 'ml.t3.medium'],
    }),
  };
}
