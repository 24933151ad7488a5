import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, IConstruct } from 'constructs';
import { allowNetworkInterfaces, bundledFunctionProps, functionLogGroup, logStatement } from './bundled-function';
import { DEFAULT_TIMEOUT_SECONDS, MAX_EVENT_AGE_SECONDS } from '../contract/timing';
import { INLINE_POLICIES_MAX_LENGTH, inlinePolicyProblems } from '../iam/policy-size';
import { acknowledge } from '../private/acknowledge';
import { synthError } from '../private/synth-error';
import type { ZenMLServer } from '../server/server';
import type { RegistrationFunctionOptions } from '../server/server-options';

/** Each secret adds a policy of about 400 characters to the role, whose inline policies have a limited length. */
const MAX_SECRETS = 20;

const NO_QUEUE =
  'CloudFormation waits for the answer and reports a missing answer as a failed resource, so a queue would keep nothing';

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
    const logGroup = functionLogGroup(this);
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: 'Role of the function that registers ECR container registries in ZenML (cdk-zenml)',
    });
    const basicPolicy = this.defineBasicPolicy(logGroup, options.vpc !== undefined);
    this.policies = [basicPolicy];
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
      throw synthError(
        'CZ132',
        `one registration function can read at most ${MAX_SECRETS} secrets, because its role has at most `
          + `${INLINE_POLICIES_MAX_LENGTH} characters of inline policies (AWS's limit): spread the registries over `
          + 'several stacks, let them share one connector (RegistryAuthentication.existingConnector), or set another '
          + '`functionId` for some servers',
      );
    }
  }

  private defineBasicPolicy(logGroup: logs.ILogGroup, inVpc: boolean): iam.Policy {
    const policy = new iam.Policy(this, 'Policy', {
      roles: [this.role],
      statements: [logStatement(logGroup), new iam.PolicyStatement({
        // The handler reads the stack's events only when an Update is about to fail or an adopted object is deleted, to
        // find out whether the stack is rolling back and what each resource answered.
        actions: ['cloudformation:DescribeStackEvents'],
        resources: [Stack.of(this).stackId],
      })],
    });
    if (inVpc) { allowNetworkInterfaces(policy); }
    return policy;
  }

  private defineFunction(logGroup: logs.ILogGroup, options: RegistrationFunctionOptions): lambda.Function {
    const fn = new lambda.Function(this, 'Function', {
      ...bundledFunctionProps('handler', options),
      description: 'Registers ECR container registries in ZenML (cdk-zenml)',
      timeout: Duration.seconds(this.timeout),
      logGroup,
      // Nothing else may add rights to this role, including aws-cdk's own grants.
      role: this.role.withoutPolicyUpdates(),
      // The handler answers CloudFormation itself. CloudFormation would have moved on before a second run a minute
      // later.
      retryAttempts: 0,
      // The handler refuses an event that is too old. An event that Lambda drops would get no answer.
      maxEventAge: Duration.seconds(MAX_EVENT_AGE_SECONDS),
    });
    acknowledge(fn, {
      'Serverless-LambdaDLQ': NO_QUEUE,
      'Serverless-LambdaAsyncFailureDestination': NO_QUEUE,
      'Serverless-LambdaTracing':
        'Traces would be one more record of what is sent to ZenML. The log has one line per event, with the duration',
    });
    return fn;
  }

  private requireSameSettings(server: ZenMLServer) {
    const settings = this.settingsOf(server);
    if (settings !== this.settings) {
      const { functionId } = server._settings.registrationFunction;
      throw synthError('CZ131', '`registrationFunction` must be equal for all servers that share the function '
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
