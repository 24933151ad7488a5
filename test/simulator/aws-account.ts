import { VirtualClock } from './clock';
import { Random } from '../fakes/random';

export interface PolicyStatement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
}

interface AttachedPolicy {
  readonly principals: readonly string[];
  readonly statements: readonly PolicyStatement[];
  readonly visibleAt: number;
}

export interface AwsFunction {
  readonly arn: string;
  readonly name: string;
  readonly roleName: string;
  readonly timeoutSeconds: number;
}

/** What there is in the one account and Region besides stacks. Names and ARNs are the keys. */
export class AwsAccount {
  public readonly id = '111122223333';
  public readonly region = 'eu-west-1';
  public readonly parameters = new Map<string, string>();
  public readonly secrets = new Map<string, string>();
  public readonly repositories = new Set<string>();
  public readonly functions = new Map<string, AwsFunction>();
  /** Per function name. */
  public readonly invokeConfigs = new Map<string, { retryAttempts: number; maxEventAgeSeconds: number }>();
  /** For how long IAM goes on answering as before a change, in seconds. */
  public iamDelaySeconds = 0;
  /** Whether the ZenML servers may use their own identity. */
  public implicitEnabled = true;

  private readonly keys = new Map<string, { secret: string; user: string; visibleAt: number }>();
  private readonly roles = new Map<string, { visibleAt: number }>();
  private readonly policies = new Map<string, AttachedPolicy>();

  public constructor(public readonly clock: VirtualClock, public readonly random: Random) {}

  public arn(service: string, resource: string): string {
    return `arn:aws:${service}:${service === 'iam' ? '' : this.region}:${this.id}:${resource}`;
  }

  public get registryHost(): string {
    return `${this.id}.dkr.ecr.${this.region}.amazonaws.com`;
  }

  public putRole(name: string): void {
    this.roles.set(name, this.roles.get(name) ?? { visibleAt: this.visibleFromNow() });
  }

  public deleteRole(name: string): void {
    this.roles.delete(name);
  }

  public putKey(id: string, secret: string, user: string): void {
    this.keys.set(id, { secret, user, visibleAt: this.visibleFromNow() });
  }

  public keySecret(id: string): string | undefined {
    return this.keys.get(id)?.secret;
  }

  public deleteKey(id: string): void {
    this.keys.delete(id);
  }

  public putPolicy(id: string, principals: readonly string[], statements: readonly PolicyStatement[]): void {
    this.policies.set(id, { principals, statements, visibleAt: this.visibleFromNow() });
  }

  public deletePolicy(id: string): void {
    this.policies.delete(id);
  }

  /** Whether a role or user may, by the policies that are attached at this moment and that IAM has taken notice of. */
  public allows(principal: string, action: string, resource: string): boolean {
    return [...this.policies.values()].some(policy =>
      policy.visibleAt <= this.clock.now() && policy.principals.includes(principal)
      && policy.statements.some(statement => (statement.Effect ?? 'Allow') === 'Allow'
        && list(statement.Action).some(pattern => like(pattern, action)) && list(statement.Resource).some(pattern => like(pattern, resource))));
  }

  /** What AWS answers to a ZenML connector with this configuration: the registry's host, or an error with AWS's text. */
  public verify(configuration: Readonly<Record<string, unknown>>, method: string): string {
    let principal = 'the-zenml-server';
    if (method === 'implicit') {
      if (!this.implicitEnabled) { throw new Error('Implicit authentication methods for service connectors are implicitly disabled for security reasons.'); }
    } else {
      const key = this.keys.get(String(configuration.aws_access_key_id));
      if (!key || key.visibleAt > this.clock.now()) {
        throw new Error('An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid.');
      }
      if (key.secret !== configuration.aws_secret_access_key) {
        throw new Error('An error occurred (SignatureDoesNotMatch) when calling the GetCallerIdentity operation: The request signature does not match.');
      }
      principal = key.user;
    }
    if (configuration.role_arn) {
      const name = String(configuration.role_arn).split('/').pop()!;
      const role = this.roles.get(name);
      if (!role || role.visibleAt > this.clock.now()) {
        throw new Error(`Failed to assume IAM role ${String(configuration.role_arn)} using the AWS credentials configured in the connector: `
          + 'An error occurred (AccessDenied) when calling the AssumeRole operation: not authorized to perform: sts:AssumeRole');
      }
      principal = name;
    }
    if (principal !== 'the-zenml-server' && !this.allows(principal, 'ecr:DescribeRepositories', `arn:aws:ecr:${String(configuration.region)}:${this.id}:repository/*`)) {
      throw new Error('failed to list ECR repositories: An error occurred (AccessDeniedException) when calling the DescribeRepositories operation: '
        + `${principal} is not authorized to perform: ecr:DescribeRepositories`);
    }
    return `${this.id}.dkr.ecr.${String(configuration.region)}.amazonaws.com`;
  }

  private visibleFromNow(): number {
    return this.clock.now() + this.iamDelaySeconds * 1000;
  }
}

const list = (value: string | readonly string[] | undefined) => (value === undefined ? [] : typeof value === 'string' ? [value] : value);

function like(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) { return pattern.toLowerCase() === text.toLowerCase(); }
  return new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 'i').test(text);
}
