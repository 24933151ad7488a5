import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { SageMakerRuntimeProps } from './runtime-props';
import { synthError } from '../private/synth-error';
import { validateCount } from '../private/validation';

/** The network of jobs. */
export interface RuntimeNetwork {
  readonly subnetIds: string[];
  readonly securityGroups: ec2.ISecurityGroup[];
  readonly connections: ec2.Connections;
}

type NetworkProps = Pick<SageMakerRuntimeProps, 'vpc' | 'vpcSubnets' | 'securityGroups' | 'requireVpc'>;

/** The subnets and security groups of jobs; undefined without a VPC. */
export function defineNetwork(scope: Construct, props: NetworkProps): RuntimeNetwork | undefined {
  const { vpc, vpcSubnets, securityGroups, requireVpc } = props;
  if (!vpc) {
    const given = Object.entries({ vpcSubnets, securityGroups, requireVpc: requireVpc || undefined })
      .find(([, value]) => value !== undefined);
    if (given) { throw synthError('CZ101', `\`${given[0]}\` must not be set without \`vpc\`: set \`vpc\` as well, or remove \`${given[0]}\``); }
    return undefined;
  }
  validateCount('securityGroups', securityGroups, [1, 5], 'SageMaker\'s limit', 'pass fewer security groups');
  const { subnetIds } = vpc.selectSubnets(vpcSubnets);
  validateCount('vpcSubnets', subnetIds, [1, 16], 'SageMaker\'s limit', 'select fewer subnets');
  const groups = securityGroups
    ?? [new ec2.SecurityGroup(scope, 'SecurityGroup', { vpc, description: 'Jobs of SageMaker that ZenML starts' })];
  return { subnetIds, securityGroups: groups, connections: new ec2.Connections({ securityGroups: groups }) };
}
