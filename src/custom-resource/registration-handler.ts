import { existsSync } from 'fs';
import * as path from 'path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, IConstruct } from 'constructs';
import { BundledCode } from './bundled-code';
import { DEFAULT_TIMEOUT_SECONDS, MAX_EVENT_AGE_SECONDS } from '../contract/timing';
import { INLINE_POLICIES_MAX_LENGTH, inlinePolicyProblems } from '../iam/policy-size';
import { acknowledge, acknowledgeWildcards } from '../private/acknowledge';
import type { ZenMLServer } from '../server/server';
import type { RegistrationFunctionOptions } from '../server/server-options';

/**
 * The bundle of the function. `npx projen bundle` builds it, and the package contains it, so that users never bundle.
 */
const ASSET = path.join(__dirname, '..', '..', 'assets', 'registration');

/** The folder of the bundle. It can only be missing in a checkout of this repository. */
function assetFolder(): string {
  if (!existsSync(ASSET)) {
    throw new Error('the bundle of the registration function, assets/registration, is missing: run `npx projen bundle` '
      + 'in the checkout of cdk-zenml');
  }
  return ASSET;
}

/** Each secret adds a policy of about 400 characters to the role, whose inline policies have a limited length. */
const MAX_SECRETS = 20;

/**
 * Rights that Lambda needs to create the network interfaces of a function in a VPC. AWS has no resource level for them.
 */
const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
];

const NO_QUEUE = 'CloudFormation waits for the answer and reports a missing answer as a failed resource, so a queue would keep nothing';

/**
 * Throws for public subnets, in which a Lambda function has no public address and therefore no network path to AWS.
 * aws-cdk refuses them as well, but its message names a prop that this library does not have.
 */
function validateSubnets(vpc: ec2.IVpc, vpcSubnets: ec2.SubnetSelection | undefined): void {
  const selected = vpc.selectSubnets(vpcSubnets);
  const publicIds = new Set(vpc.publicSubnets.map((subnet) => subnet.subnetId));
  if (selected.isPendingLookup || !selected.subnetIds.some((id) => publicIds.has(id))) { return; }
  throw new Error(`\`vpcSubnets\` must be private subnets, got: public subnets of ${vpc.node.path}, where a Lambda `
    + 'function has no public address and no network path to Secrets Manager, SSM and S3: use private subnets with a '
    + 'NAT gateway or with endpoints for these services, or remove `vpc` if the server is reachable from the internet');
}

/**
 * The function that handles all registrations of a CloudFormation stack, with its role and log group: one per stack and
 * `functionId`. Each secret adds its own policy (see `SecretBinding`). The role accepts no other additions.
 */
export class RegistrationHandler extends Construct {
  /** The handler for the server in the scope's stack. The first call defines it. */
  public static for(scope: IConstruct, server: ZenMLServer): RegistrationHandler {
    const stack = Stack.of(scope);
    const id = `ZenMLRegistration${server._settings.registrationFunction.functionId ?? ''}`;
    const existing = stack.node.tryFindChild(id) as RegistrationHandler | undefined;
    const handler = existing ?? new RegistrationHandler(stack, id, server);
    handler.requireSameSettings(server);
    return handler;
  }

  public readonly function: lambda.IFunction;
  /** Timeout of the function, in seconds. */
  public readonly timeout: number;
  private readonly role: iam.Role;
  private readonly settings: string;
  private readonly policies: iam.Policy[];
  private secrets = 0;

  private constructor(scope: Construct, id: string, server: ZenMLServer) {
    super(scope, id);
    const options = server._settings.registrationFunction;
    this.settings = this.settingsOf(server);
    this.timeout = options.timeout?.toSeconds() ?? DEFAULT_TIMEOUT_SECONDS;
    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: logs.RetentionDays.ONE_MONTH,
      // `cdk destroy` deletes the log: it contains ids and durations and is not an audit trail.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: 'Role of the function that registers ECR container registries in ZenML (cdk-zenml)',
    });
    const basicPolicy = this.defineBasicPolicy(logGroup, options.vpc !== undefined);
    this.policies = [basicPolicy];
    if (options.vpc) { validateSubnets(options.vpc, options.vpcSubnets); }
    this.function = this.defineFunction(logGroup, options);
    // The function in a VPC can only be created after its role may create network interfaces.
    this.function.node.addDependency(basicPolicy);
    this.node.addValidation({
      validate: () => inlinePolicyProblems(this.role, this.policies,
        'spread the registries over several stacks, or set another `functionId` for some servers'),
    });
  }

  /** Grants rights to the handler by a separate policy, which other resources can depend on. */
  public grant(scope: Construct, id: string, ...statements: iam.PolicyStatement[]): iam.Policy {
    const policy = new iam.Policy(scope, id, { roles: [this.role], statements });
    this.policies.push(policy);
    return policy;
  }

  /** Counts a secret. Throws when there are more than the role's policies have room for. */
  public countSecret(): void {
    this.secrets += 1;
    if (this.secrets > MAX_SECRETS) {
      throw new Error(`one registration function can read at most ${MAX_SECRETS} secrets, because its role has at most `
        + `${INLINE_POLICIES_MAX_LENGTH} characters of inline policies (AWS's limit): spread the registries over `
        + 'several stacks, let them share one connector (RegistryAuthentication.existingConnector), or set another '
        + '`functionId` for some servers');
    }
  }

  private defineBasicPolicy(logGroup: logs.ILogGroup, inVpc: boolean): iam.Policy {
    const policy = new iam.Policy(this, 'Policy', {
      roles: [this.role],
      statements: [new iam.PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }), new iam.PolicyStatement({
        // The handler reads the stack's events only when an Update is about to fail or an adopted object is deleted, to
        // find out whether the stack is rolling back and what each resource answered.
        actions: ['cloudformation:DescribeStackEvents'],
        resources: [Stack.of(this).stackId],
      })],
    });
    if (inVpc) {
      const network = new iam.PolicyStatement({ actions: NETWORK_ACTIONS, resources: ['*'] });
      policy.addStatements(network);
      acknowledgeWildcards(policy, [network], 'AWS has no resource level for the network interfaces that Lambda creates');
    }
    return policy;
  }

  private defineFunction(logGroup: logs.ILogGroup, options: RegistrationFunctionOptions): lambda.Function {
    const { vpc, vpcSubnets, securityGroups } = options;
    const fn = new lambda.Function(this, 'Function', {
      description: 'Registers ECR container registries in ZenML (cdk-zenml)',
      // A fixed runtime, so that snapshots of users do not change with aws-cdk-lib.
      runtime: lambda.Runtime.NODEJS_24_X,
      code: new BundledCode(assetFolder(), 'index.js'),
      handler: 'index.handler',
      memorySize: 256,
      timeout: Duration.seconds(this.timeout),
      logGroup,
      // Nothing else may add rights to this role, including aws-cdk's own grants.
      role: this.role.withoutPolicyUpdates(),
      // The handler answers CloudFormation itself. CloudFormation would have moved on before a second run a minute
      // later.
      retryAttempts: 0,
      // The handler refuses an event that is too old. An event that Lambda drops would get no answer.
      maxEventAge: Duration.seconds(MAX_EVENT_AGE_SECONDS),
      vpc,
      vpcSubnets,
      securityGroups,
    });
    acknowledge(fn, {
      'Serverless-LambdaDLQ': NO_QUEUE,
      'Serverless-LambdaAsyncFailureDestination': NO_QUEUE,
      'Serverless-LambdaTracing': 'Traces would be one more record of what is sent to ZenML. The log has one line per event, with the duration',
    });
    return fn;
  }

  private requireSameSettings(server: ZenMLServer) {
    const settings = this.settingsOf(server);
    if (settings !== this.settings) {
      const { functionId } = server._settings.registrationFunction;
      throw new Error('`registrationFunction` must be equal for all servers that share the function '
        + `"${functionId ?? 'default'}" in one stack, got: ${settings} and ${this.settings}: set another `
        + '`functionId` for the newer server (a deployed server cannot change its function)');
    }
  }

  private settingsOf(server: ZenMLServer): string {
    const { vpc, vpcSubnets, securityGroups, timeout } = server._settings.registrationFunction;
    return JSON.stringify({
      vpc: vpc?.node.path,
      subnets: vpcSubnets && {
        ...vpcSubnets,
        subnets: vpcSubnets.subnets?.map((subnet) => subnet.node.path),
        subnetFilters: vpcSubnets.subnetFilters?.length,
      },
      securityGroups: securityGroups?.map((group) => group.node.path),
      timeout: timeout?.toSeconds() ?? DEFAULT_TIMEOUT_SECONDS,
    });
  }
}
