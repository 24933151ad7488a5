import { Construct } from 'constructs';
import { AuthenticationContext, BoundAuthentication } from './bound-authentication';
import {
  bindFederationToken, bindSecretKey, bindSessionToken, bindStsToken, validateSessionOptions, validateStsOptions,
} from './key-methods';
import {
  ConnectorKeys,
  FederationTokenOptions,
  IamRoleOptions,
  ImplicitOptions,
  SessionTokenOptions,
  StsTokenOptions,
} from './options';
import { bindIamRole, bindImplicit, validateImplicitOptions, validateRoleOptions } from './role-methods';
import { AuthMethod } from '../../contract/auth-methods';
import { validateAccessKeySerial } from '../../iam/access-key';
import { synthError } from '../../private/synth-error';


/**
 * How a service connector authenticates to AWS: the authentication methods of ZenML, most secure first.
 *
 * @see
 * https://docs.zenml.io/how-to/infrastructure-deployment/auth-management/aws-service-connector#authentication-methods
 */
export abstract class ConnectorAuthentication {
  /**
   * The most secure method that the server supports: `implicit` for ZenML Pro and for a server whose AWS identity is
   * known, else `iamRole`.
   */
  public static automatic(): ConnectorAuthentication {
    return new AuthenticationMethod('automatic', (scope, context) => {
      const { implicit, identity } = context.server._settings;
      return implicit && identity ? bindImplicit(scope, context, {}) : bindIamRole(scope, context, {});
    });
  }

  /**
   * The server's AWS identity assumes a role, and no key is stored. For ZenML Pro, and for a server that runs on AWS
   * with `ZENML_ENABLE_IMPLICIT_AUTH_METHODS=true`.
   *
   * @throws when a duration is out of bounds, or `path` or `permissionsBoundary` is set together with `role`
   */
  public static implicit(options: ImplicitOptions = {}): ConnectorAuthentication {
    validateImplicitOptions(options);
    return new AuthenticationMethod(AuthMethod.IMPLICIT, (scope, context) => bindImplicit(scope, context, options));
  }

  /**
   * ZenML stores a long-lived key that may only assume one role. For a server that runs outside of AWS.
   *
   * @throws when a duration is out of bounds, `accessKeySerial` is not a whole number of at least 0, `path` or
   * `permissionsBoundary` is set together with `role`, or `accessKeySerial` is set together with `keys`
   */
  public static iamRole(options: IamRoleOptions = {}): ConnectorAuthentication {
    validateRoleOptions(options);
    const serial = options.accessKeySerial;
    validateAccessKeySerial(serial);
    if (serial !== undefined && options.keys) {
      throw synthError(
        'CZ101',
        '`accessKeySerial` must not be set together with `keys`, because it rotates the key that this construct creates: '
          + 'change `keys.version` instead',
      );
    }
    if (options.user && (options.keys || serial !== undefined)) {
      throw synthError(
        'CZ101',
        `\`${options.keys ? 'keys' : 'accessKeySerial'}\` must not be set together with \`user\`, whose key the connector stores: `
          + 'remove one of the two',
      );
    }
    return new AuthenticationMethod(AuthMethod.IAM_ROLE, (scope, context) => bindIamRole(scope, context, options));
  }

  /**
   * ZenML stores a long-lived key and uses it directly. Everyone who can read the connector gets the rights of the key:
   * prefer `iamRole`. Adds a warning at synth.
   */
  public static secretKey(keys: ConnectorKeys): ConnectorAuthentication {
    return new AuthenticationMethod(AuthMethod.SECRET_KEY, (scope) => bindSecretKey(scope, keys));
  }

  /**
   * ZenML stores a long-lived key of an IAM user, and issues temporary credentials with all rights of the user. For
   * accounts that forbid roles or require sessions. Adds a warning at synth.
   *
   * @throws when the duration is out of bounds
   */
  public static sessionToken(keys: ConnectorKeys, options: SessionTokenOptions = {}): ConnectorAuthentication {
    validateSessionOptions(options);
    return new AuthenticationMethod(AuthMethod.SESSION_TOKEN, (scope) => bindSessionToken(scope, keys, options));
  }

  /**
   * ZenML stores a long-lived key of an IAM user that may call GetFederationToken, and issues temporary credentials
   * that a session policy limits. Adds a warning at synth.
   *
   * @throws when the duration is out of bounds
   */
  public static federationToken(keys: ConnectorKeys, options: FederationTokenOptions = {}): ConnectorAuthentication {
    validateSessionOptions(options);
    return new AuthenticationMethod(AuthMethod.FEDERATION_TOKEN,
      (scope, context) => bindFederationToken(scope, context, keys, options));
  }

  /**
   * ZenML stores temporary keys. For a trial, because the connector no longer works when the keys expire.
   *
   * @throws when `expiresAt` is not an ISO 8601 date and time
   */
  public static stsToken(keys: ConnectorKeys, options: StsTokenOptions): ConnectorAuthentication {
    validateStsOptions(options);
    return new AuthenticationMethod(AuthMethod.STS_TOKEN, () => bindStsToken(keys, options));
  }

  /** ZenML's name of the method, such as `iam-role`; `automatic` for `ConnectorAuthentication.automatic()`. */
  public abstract readonly method: string;

  protected constructor() {}

  /** @internal */
  public abstract _bind(scope: Construct, context: AuthenticationContext): BoundAuthentication;
}

class AuthenticationMethod extends ConnectorAuthentication {
  public constructor(
    public readonly method: string,
    private readonly bindMethod: (scope: Construct, context: AuthenticationContext) => BoundAuthentication,
  ) { super(); }

  /** @internal */
  public _bind(scope: Construct, context: AuthenticationContext): BoundAuthentication {
    return this.bindMethod(scope, context);
  }
}
