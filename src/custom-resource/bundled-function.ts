import { existsSync } from 'fs';
import * as path from 'path';
import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { BundledCode } from './bundled-code';
import { acknowledgeWildcards } from '../private/acknowledge';
import { synthError } from '../private/synth-error';
import type { RegistrationFunctionOptions } from '../server/server-options';

/**
 * The bundle of the functions. `npx projen bundle` builds it, and the package contains it, so that users never bundle.
 */
const ASSET = path.join(__dirname, '..', '..', 'assets', 'registration');

/** The folder of the bundle. It can only be missing in a checkout of this repository. */
function assetFolder(): string {
  if (!existsSync(ASSET)) {
    throw synthError(
      'CZ130',
      'the bundle of the registration function, assets/registration, is missing: run `npx projen bundle` '
        + 'in the checkout of cdk-zenml',
    );
  }
  return ASSET;
}

/**
 * Rights that Lambda needs to create the network interfaces of a function in a VPC. AWS has no resource level for them.
 */
const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
];

/** Code, runtime and network of a function of this library. `entry`: the exported name of its handler. */
export function bundledFunctionProps(
  entry: 'handler' | 'healthCheck', { vpc, vpcSubnets, securityGroups }: RegistrationFunctionOptions,
): lambda.FunctionProps {
  if (vpc) { validateSubnets(vpc, vpcSubnets); }
  return {
    // A fixed runtime, so that snapshots of users do not change with aws-cdk-lib.
    runtime: lambda.Runtime.NODEJS_24_X,
    code: new BundledCode(assetFolder(), 'index.js'),
    handler: `index.${entry}`,
    memorySize: 256,
    vpc,
    vpcSubnets,
    securityGroups,
  };
}

/** The log group of a function of this library. */
export function functionLogGroup(scope: Construct): logs.LogGroup {
  return new logs.LogGroup(scope, 'Logs', {
    retention: logs.RetentionDays.ONE_MONTH,
    // `cdk destroy` deletes the log: it contains ids and durations and is not an audit trail.
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

/** The right to write logs, for a function's role. */
export function logStatement(logGroup: logs.ILogGroup): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logGroup.logGroupArn],
  });
}

/** Adds the rights of a function in a VPC. */
export function allowNetworkInterfaces(policy: iam.Policy): void {
  const network = new iam.PolicyStatement({ actions: NETWORK_ACTIONS, resources: ['*'] });
  policy.addStatements(network);
  acknowledgeWildcards(policy, [network], 'AWS has no resource level for the network interfaces that Lambda creates');
}

/**
 * Throws for public subnets, in which a Lambda function has no public address and therefore no network path to AWS.
 * aws-cdk refuses them as well, but its message names a prop that this library does not have.
 */
function validateSubnets(vpc: ec2.IVpc, vpcSubnets: ec2.SubnetSelection | undefined): void {
  const selected = vpc.selectSubnets(vpcSubnets);
  const publicIds = new Set(vpc.publicSubnets.map((subnet) => subnet.subnetId));
  if (selected.isPendingLookup || !selected.subnetIds.some((id) => publicIds.has(id))) { return; }
  throw synthError(
    'CZ134',
    `\`vpcSubnets\` must be private subnets, got: public subnets of ${vpc.node.path}, where a Lambda `
      + 'function has no public address and no network path to Secrets Manager, SSM and S3: use private subnets with a '
      + 'NAT gateway or with endpoints for these services, or remove `vpc` if the server is reachable from the internet',
  );
}
