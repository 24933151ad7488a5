import { Annotations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { invalidProp } from '../private/validation';
import { RegistrationOptions } from '../server';
import { pickRegistrationOptions } from '../server/pick-registration-options';
import { ConnectorAuthentication, ConnectorResource, IServiceConnector, ServiceConnector } from '../zenml';

/** @internal what an authentication method reads of its registry */
export interface _RegistryAuthenticationContext {
  /** Options of the registry, which its service connector shares. */
  readonly registration: RegistrationOptions;
  readonly serviceConnectorName?: string;
  readonly registryUri: string;
  readonly region: string;
  readonly account: string;
  /** Whether a push to a new name creates a repository. */
  readonly createOnPush: boolean;
}

/** @internal what an authentication method defines for its registry */
export interface _BoundRegistryAuthentication {
  readonly connector?: IServiceConnector;
  /** The role that gets rights on the repositories. */
  readonly accessRole?: iam.IRole;
}

/**
 * How ZenML and its users log in to the registry.
 *
 * @see https://docs.zenml.io/stacks/container-registries/aws
 */
export abstract class RegistryAuthentication {
  /**
   * A service connector for this registry (recommended). Users of the ZenML stack need no AWS credentials.
   *
   * @param authentication how the connector authenticates to AWS; default: `ConnectorAuthentication.automatic()`
   */
  public static connector(authentication?: ConnectorAuthentication): RegistryAuthentication {
    return new RegistryAuthenticationMethod((scope, context) => {
      const connector = new ServiceConnector(scope, 'Connector', {
        ...pickRegistrationOptions(context.registration),
        // Connectors are never adopted.
        adoptExisting: undefined,
        serviceConnectorName: context.serviceConnectorName,
        authentication,
        resource: ConnectorResource.dockerRegistry(context.registryUri, { createOnPush: context.createOnPush }),
        region: context.region,
        account: context.account,
      });
      return { connector, accessRole: connector.accessRole };
    });
  }

  /**
   * An existing service connector, or one that several registries share. Each deploy that changes the registry verifies
   * that the connector reaches the registry, and never changes the connector. The registry grants rights on its
   * repositories to the role of a connector that this app defines. For any other connector, grant them with
   * `registry.grantPullPush(role)`.
   *
   * @param connector the service connector
   */
  public static existingConnector(connector: IServiceConnector): RegistryAuthentication {
    return new RegistryAuthenticationMethod((scope, context) => {
      validateNoConnectorName(context);
      const { accessRole, _createOnPush } = connector as Partial<ServiceConnector>;
      if (context.createOnPush && !_createOnPush) {
        Annotations.of(scope).addWarningV2('cdk-zenml:noCreationOnPush', 'sessions of the existing connector may not '
          + 'create repositories, unless its session policy allows ecr:CreateRepository: define the connector with '
          + '`ConnectorResource.dockerRegistry(uri, { createOnPush: true })`');
      }
      return { connector, accessRole };
    });
  }

  /**
   * No connector: everyone who builds or pulls images logs in with their own AWS credentials, with `dockerLoginCommand`
   * or by installing amazon-ecr-credential-helper. Creates no role, user or key. ZenML stacks with such a registry only
   * work on machines that are set up this way.
   */
  public static localDocker(): RegistryAuthentication {
    return new RegistryAuthenticationMethod((_scope, context) => {
      validateNoConnectorName(context);
      return {};
    });
  }

  protected constructor() {}

  /** @internal */
  public abstract _bind(scope: Construct, context: _RegistryAuthenticationContext): _BoundRegistryAuthentication;
}

type Bind = (scope: Construct, context: _RegistryAuthenticationContext) => _BoundRegistryAuthentication;

class RegistryAuthenticationMethod extends RegistryAuthentication {
  public constructor(private readonly bindMethod: Bind) { super(); }

  /** @internal */
  public _bind(scope: Construct, context: _RegistryAuthenticationContext): _BoundRegistryAuthentication {
    return this.bindMethod(scope, context);
  }
}

function validateNoConnectorName({ serviceConnectorName }: _RegistryAuthenticationContext): void {
  if (serviceConnectorName === undefined) { return; }
  throw invalidProp(
    'serviceConnectorName',
    'must only be set if `authentication` creates a connector',
    serviceConnectorName,
    'remove it, or use RegistryAuthentication.connector()',
  );
}
