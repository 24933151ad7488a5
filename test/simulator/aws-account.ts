import { VirtualClock } from './clock';
import { Random } from '../zenml-model/random';

export interface PolicyStatement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
}

export interface TrustStatement {
  readonly Effect?: string;
  readonly Principal?: string | { readonly AWS?: string | readonly string[] };
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
  private readonly users = new Set<string>();
  private readonly roles = new Map<string, { trust: readonly TrustStatement[]; visibleAt: number }>();
  private readonly policies = new Map<string, AttachedPolicy>();

  public constructor(
    public readonly clock: VirtualClock,
    public readonly random: Random,
  ) {}

  public arn(service: string, resource: string): string {
    return `arn:aws:${service}:${service === 'iam' ? '' : this.region}:${this.id}:${resource}`;
  }

  public get registryHost(): string {
    return `${this.id}.dkr.ecr.${this.region}.amazonaws.com`;
  }

  public putUser(name: string): void {
    this.users.add(name);
  }

  public hasUser(name: string): boolean {
    return this.users.has(name);
  }

  public deleteUser(name: string): void {
    this.users.delete(name);
  }

  public putRole(name: string, trust: readonly TrustStatement[]): void {
    this.roles.set(name, { trust, visibleAt: this.roles.get(name)?.visibleAt ?? this.visibleFromNow() });
  }

  public hasRole(name: string): boolean {
    return this.roles.has(name);
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
  public allows(principal: string, action: string, resource: string, at: number = this.clock.now()): boolean {
    return [...this.policies.values()].some(
      (policy) =>
        policy.visibleAt <= at
        && policy.principals.includes(principal)
        && policy.statements.some(
          (statement) =>
            (statement.Effect ?? 'Allow') === 'Allow'
            && list(statement.Action).some((pattern) => like(pattern, action))
            && list(statement.Resource).some((pattern) => like(pattern, resource)),
        ),
    );
  }

  /**
   * What AWS answers to a ZenML connector with this configuration: the registry's host, or an error with AWS's text.
   */
  public verify(configuration: Readonly<Record<string, unknown>>, method: string): string {
    const principal = this.principalOf(configuration, method, this.clock.now());
    if (
      principal !== SERVER
      && !this.allows(principal, 'ecr:DescribeRepositories', this.repositoryArn(configuration, '*'))
    ) {
      throw new Error(
        'failed to list ECR repositories: An error occurred (AccessDeniedException) when calling the DescribeRepositories operation: '
          + `${principal} is not authorized to perform: ecr:DescribeRepositories`,
      );
    }
    return `${this.id}.dkr.ecr.${String(configuration.region)}.amazonaws.com`;
  }

  /**
   * Why a connector with this configuration does not work, once IAM has taken notice of everything; undefined: it
   * lives. `repository`: to push to, too. (What the server itself forbids is no matter of life.)
   */
  public deadness(
    configuration: Readonly<Record<string, unknown>>,
    method: string,
    repository?: string,
  ): string | undefined {
    try {
      const principal = this.principalOf(configuration, method, Infinity);
      if (principal === SERVER) {
        return undefined;
      }
      const needs: [string, string][] = [
        ['ecr:DescribeRepositories', this.repositoryArn(configuration, '*')],
        ['ecr:GetAuthorizationToken', '*'],
        ...(repository === undefined
          ? []
          : [['ecr:PutImage', this.repositoryArn(configuration, repository)] as [string, string]]),
      ];
      const missing = needs.find(([action, resource]) => !this.allows(principal, action, resource, Infinity));
      return missing && `${principal} is not authorized to perform: ${missing[0]}`;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** The role, or else the user, that AWS sees behind the configuration. */
  private principalOf(configuration: Readonly<Record<string, unknown>>, method: string, at: number): string {
    let principal = SERVER;
    let arn = this.arn('iam', 'role/zenml-server');
    if (method === 'implicit') {
      if (!this.implicitEnabled && at !== Infinity) {
        throw new Error(
          'Implicit authentication methods for service connectors are implicitly disabled for security reasons.',
        );
      }
    } else {
      const key = this.keys.get(String(configuration.aws_access_key_id));
      if (!key || key.visibleAt > at || !this.users.has(key.user)) {
        throw new Error(
          'An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid.',
        );
      }
      if (key.secret !== configuration.aws_secret_access_key) {
        throw new Error(
          'An error occurred (SignatureDoesNotMatch) when calling the GetCallerIdentity operation: The request signature does not match.',
        );
      }
      principal = key.user;
      arn = this.arn('iam', `user/${key.user}`);
    }
    if (configuration.role_arn) {
      const name = String(configuration.role_arn).split('/').pop()!;
      const role = this.roles.get(name);
      if (!role || role.visibleAt > at || !trusts(role.trust, arn)) {
        throw new Error(
          `Failed to assume IAM role ${String(configuration.role_arn)} using the AWS credentials configured in the connector: `
            + 'An error occurred (AccessDenied) when calling the AssumeRole operation: not authorized to perform: sts:AssumeRole',
        );
      }
      principal = name;
    }
    return principal;
  }

  private repositoryArn(configuration: Readonly<Record<string, unknown>>, name: string): string {
    return `arn:aws:ecr:${String(configuration.region)}:${this.id}:repository/${name}`;
  }

  private visibleFromNow(): number {
    return this.clock.now() + this.iamDelaySeconds * 1000;
  }
}

/** The identity that the ZenML servers run under; it needs nothing of what the library creates. */
const SERVER = 'the-zenml-server';

function trusts(trust: readonly TrustStatement[], arn: string): boolean {
  return trust.some(
    ({ Effect, Principal }) =>
      (Effect ?? 'Allow') === 'Allow'
      && list(typeof Principal === 'string' ? Principal : Principal?.AWS).some(
        (who) => like(who, arn) || who === arn.replace(/:[^:]+$/, ':root'),
      ),
  );
}

const list = (value: string | readonly string[] | undefined) =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

function like(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) { return pattern.toLowerCase() === text.toLowerCase(); }
  return new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
    'i',
  ).test(text);
}
