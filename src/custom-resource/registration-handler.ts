import { existsSync } from 'fs';
import * as path from 'path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, IConstruct } from 'constructs';
import { DEFAULT_TIMEOUT_SECONDS, MAX_EVENT_AGE_SECONDS } from '../contract/timing';
import { inlinePolicyProblems } from '../iam/policy-size';
import { acknowledge, acknowledgeWildcards } from '../private/acknowledge';
import type { ZenMLServer } from '../server/server';

/** Built by `npx projen bundle`, shipped in the package: users never bundle. */
const ASSET = path.join(__dirname, '..', '..', 'assets', 'registration');

/** Only in a checkout of the library's repository can it be missing. */
function assetFolder(): string {
  if (!existsSync(ASSET)) { throw new Error('the bundle of the registration function, assets/registration, is missing: run `npx projen bundle` in the checkout of cdk-zenml'); }
  return ASSET;
}

/**
 * An IAM role holds 10,240 characters of inline policies (AWS's limit, not adjustable) and each secret brings a policy of about 400.
 */
const MAX_SECRETS = 20;

/** aws-cdk refuses a public subnet as well, with a prop that this library does not have: a function gets no public address there. */
function requireWayOut(vpc: ec2.IVpc, vpcSubnets: ec2.SubnetSelection | undefined): void {
  const selected = vpc.selectSubnets(vpcSubnets);
  const publicIds = new Set(vpc.publicSubnets.map((subnet) => subnet.subnetId));
  if (selected.isPendingLookup || !selected.subnetIds.some((id) => publicIds.has(id))) { return; }
  throw new Error(`\`vpc\`: the function would run in public subnets of ${vpc.node.path}, where Lambda functions have no public address and so no way to Secrets Manager, SSM and S3: `
    + 'give a VPC with private subnets and a NAT gateway (or endpoints for these services), choose such subnets with `vpcSubnets`, or leave `vpc` out if the server can be reached from the internet');
}

/**
 * The function that answers CloudFormation for all registrations of a stack, once per stack and `functionId`, with its role and log group.
 * Each secret brings its own policy (see `SecretBinding`), so the role itself is closed to later additions.
 */
export class RegistrationHandler extends Construct {
  /** The stack's handler for this server, made when it is not there yet. */
  public static for(scope: IConstruct, server: ZenMLServer): RegistrationHandler {
    const stack = Stack.of(scope);
    const id = `ZenMLRegistration${server._settings.registrationFunction.functionId ?? ''}`;
    const existing = stack.node.tryFindChild(id) as RegistrationHandler | undefined;
    const handler = existing ?? new RegistrationHandler(stack, id, server);
    handler.requireSameSettings(server);
    return handler;
  }

  public readonly function: lambda.IFunction;
  /** Seconds. */
  public readonly timeout: number;
  private readonly role: iam.Role;
  private readonly settings: string;
  private readonly policies: iam.Policy[];
  private secrets = 0;

  private constructor(scope: Construct, id: string, server: ZenMLServer) {
    super(scope, id);
    const { vpc, vpcSubnets, securityGroups, timeout } = server._settings.registrationFunction;
    this.settings = this.settingsOf(server);
    this.timeout = timeout?.toSeconds() ?? DEFAULT_TIMEOUT_SECONDS;

    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: logs.RetentionDays.ONE_MONTH,
      // `cdk destroy` leaves nothing behind; the log tells ids and durations, no audit trail.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: 'Registers ECR container registries with ZenML: reads its own bindings and API keys, writes its own log',
    });
    const basics = new iam.Policy(this, 'Policy', {
      roles: [this.role],
      statements: [new iam.PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }), new iam.PolicyStatement({
        // Read only when an Update is about to fail or an adopted object is deleted: is the stack rolling back, and what did each resource answer?
        actions: ['cloudformation:DescribeStackEvents'],
        resources: [Stack.of(this).stackId],
      })],
    });
    if (vpc) {
      const network = new iam.PolicyStatement({
        // AWS has no resource level for these: Lambda makes the network interfaces in the role's name.
        actions: ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:DeleteNetworkInterface',
          'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses'],
        resources: ['*'],
      });
      basics.addStatements(network);
      acknowledgeWildcards(basics, [network], 'AWS has no resource level for the network interfaces that Lambda makes');
    }
    if (vpc) { requireWayOut(vpc, vpcSubnets); }
    const fn = new lambda.Function(this, 'Function', {
      description: 'Registers ECR container registries with ZenML (cdk-zenml)',
      // Pinned: users' snapshots must not change with their aws-cdk-lib.
      runtime: lambda.Runtime.NODEJS_24_X,
      code: lambda.Code.fromAsset(assetFolder()),
      handler: 'index.handler',
      memorySize: 256,
      timeout: Duration.seconds(this.timeout),
      logGroup,
      // Nobody else may widen this role, not even aws-cdk's own conveniences.
      role: this.role.withoutPolicyUpdates(),
      // The handler answers CloudFormation itself: a second run a minute later would find a stack that has moved on.
      retryAttempts: 0,
      // The handler refuses an event that is too old: one that Lambda drops would get no answer at all.
      maxEventAge: Duration.seconds(MAX_EVENT_AGE_SECONDS),
      vpc,
      vpcSubnets,
      securityGroups,
    });
    const told = 'CloudFormation waits for the answer and reports a missing one as a failed resource; nothing is lost that a queue could keep';
    acknowledge(fn, {
      'Serverless-LambdaDLQ': told,
      'Serverless-LambdaAsyncFailureDestination': told,
      'Serverless-LambdaTracing': 'Traces would be one more place for what is sent to ZenML; the log has a line with durations for each event',
    });
    this.policies = [basics];
    this.node.addValidation({
      validate: () => inlinePolicyProblems(this.role, this.policies, 'spread the registries over several stacks, or give some servers another `functionId`'),
    });
    // In a VPC the function cannot be made before its role may make network interfaces.
    fn.node.addDependency(basics);
    this.function = fn;
  }

  /** Adds a right of the handler as a policy of its own, on which whatever needs it can depend. */
  public grant(scope: Construct, id: string, ...statements: iam.PolicyStatement[]): iam.Policy {
    const policy = new iam.Policy(scope, id, { roles: [this.role], statements });
    this.policies.push(policy);
    return policy;
  }

  /** Counts a secret against what the role can hold. */
  public countSecret(): void {
    this.secrets += 1;
    if (this.secrets > MAX_SECRETS) {
      throw new Error(`one registration function can read at most ${MAX_SECRETS} secrets (an IAM role holds 10,240 characters of inline policies): `
        + 'spread the registries over several stacks, let them share one connector (RegistryAuthentication.existingConnector), '
        + 'or give some servers another `functionId`');
    }
  }

  private requireSameSettings(server: ZenMLServer) {
    const settings = this.settingsOf(server);
    if (settings !== this.settings) {
      throw new Error(`the servers that share the registration function "${server._settings.registrationFunction.functionId ?? 'default'}" in one stack must agree on vpc, vpcSubnets, `
        + `securityGroups and timeout, got: ${settings} beside ${this.settings}; give the newer one another \`functionId\` (those that are deployed cannot change theirs)`);
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
