import { Construct } from 'constructs';
import { AuthenticationContext, BoundAuthentication } from './bound';
import { bindFederationToken, bindSecretKey, bindSessionToken, bindStsToken, validateSessionOptions, validateStsOptions } from './key-methods';
import { ConnectorKeys, FederationTokenOptions, IamRoleOptions, ImplicitOptions, SessionTokenOptions, StsTokenOptions } from './options';
import { bindIamRole, bindImplicit, validateImplicitOptions, validateRoleOptions } from './role-methods';
import { AuthMethod } from '../../contract/auth-methods';

/**
 * How a service connector authenticates to AWS: ZenML's methods, best first.
 *
 * @see https://docs.zenml.io/how-to/infrastructure-deployment/auth-management/aws-service-connector#authentication-methods
 */
export abstract class ConnectorAuthentication {
  /**
   * The best method that fits the server: `implicit` for ZenML Pro and for a server whose AWS identity is known, else `iamRole`.
   */
  public static automatic(): ConnectorAuthentication {
    return new Method('automatic', (scope, context) => {
      const { implicit, identity } = context.server._settings;
      return implicit && identity ? bindImplicit(scope, context, {}) : bindIamRole(scope, context, {});
    });
  }

  /**
   * The server's own AWS identity assumes a role; no key is stored anywhere. For ZenML Pro, and for a server that runs on AWS with
   * `ZENML_ENABLE_IMPLICIT_AUTH_METHODS=true`.
   *
   * @throws when a duration is out of bounds, or `path`/`permissionsBoundary` come with a `role`
   */
  public static implicit(options: ImplicitOptions = {}): ConnectorAuthentication {
    validateImplicitOptions(options);
    return new Method(AuthMethod.IMPLICIT, (scope, context) => bindImplicit(scope, context, options));
  }

  /**
   * A long-lived key that may only assume one role. For a server that runs elsewhere: the key is useless for anything but that role.
   *
   * @throws when a duration is out of bounds, `accessKeySerial` is no whole number from 0, or `accessKeySerial` comes with `keys`
   */
  public static iamRole(options: IamRoleOptions = {}): ConnectorAuthentication {
    validateRoleOptions(options);
    const serial = options.accessKeySerial;
    if (serial !== undefined && (!Number.isInteger(serial) || serial < 0)) {
      throw new Error(`\`accessKeySerial\` must be a whole number from 0, got: ${serial}`);
    }
    if (serial !== undefined && options.keys) {
      throw new Error('`accessKeySerial` rotates the key that is made here, but `keys` of your own are given: change `keys.version` instead');
    }
    return new Method(AuthMethod.IAM_ROLE, (scope, context) => bindIamRole(scope, context, options));
  }

  /**
   * A long-lived key, used as it is. Everybody who can read the connector holds its rights: prefer `iamRole`. Warns at synth.
   */
  public static secretKey(keys: ConnectorKeys): ConnectorAuthentication {
    return new Method(AuthMethod.SECRET_KEY, (scope) => bindSecretKey(scope, keys));
  }

  /**
   * A long-lived key of an IAM user, from which the connector makes temporary credentials with the user's full rights. For accounts
   * that forbid roles, or demand sessions. Warns at synth.
   *
   * @throws when the duration is out of bounds
   */
  public static sessionToken(keys: ConnectorKeys, options: SessionTokenOptions = {}): ConnectorAuthentication {
    validateSessionOptions(options);
    return new Method(AuthMethod.SESSION_TOKEN, (scope) => bindSessionToken(scope, keys, options));
  }

  /**
   * A long-lived key of an IAM user that may call GetFederationToken, from which the connector makes narrowed temporary credentials.
   * Warns at synth.
   *
   * @throws when the duration is out of bounds
   */
  public static federationToken(keys: ConnectorKeys, options: FederationTokenOptions = {}): ConnectorAuthentication {
    validateSessionOptions(options);
    return new Method(AuthMethod.FEDERATION_TOKEN, (scope, context) => bindFederationToken(scope, context, keys, options));
  }

  /**
   * Temporary keys, for a trial: the connector is dead when they end.
   *
   * @throws when `expiresAt` is no ISO 8601 date and time
   */
  public static stsToken(keys: ConnectorKeys, options: StsTokenOptions): ConnectorAuthentication {
    validateStsOptions(options);
    return new Method(AuthMethod.STS_TOKEN, (_scope) => bindStsToken(keys, options));
  }

  /** ZenML's word for the method, `iam-role` and so on; `automatic` where the server decides. */
  public abstract readonly method: string;

  protected constructor() {}

  /** @internal */
  public abstract _bind(scope: Construct, context: AuthenticationContext): BoundAuthentication;
}

class Method extends ConnectorAuthentication {
  public constructor(
    public readonly method: string,
    private readonly bindMethod: (scope: Construct, context: AuthenticationContext) => BoundAuthentication,
  ) { super(); }

  /** @internal */
  public _bind(scope: Construct, context: AuthenticationContext): BoundAuthentication {
    return this.bindMethod(scope, context);
  }
}
