import { Annotations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { RegistrationOptions } from '../server';
import { ConnectorAuthentication, ConnectorResource, IServiceConnector, ServiceConnector } from '../zenml';

/** @internal what a method has to know of its registry */
export interface _RegistryAuthenticationContext {
  readonly registration: RegistrationOptions;
  readonly serviceConnectorName?: string;
  readonly registryUri: string;
  readonly region: string;
  readonly account: string;
  readonly createOnPush: boolean;
}

/** @internal what a method has made of it */
export interface _BoundRegistryAuthentication {
  readonly connector?: IServiceConnector;
  /** The role that gets the rights on the repositories. */
  readonly accessRole?: iam.IRole;
}

/** How ZenML and its users log in to the registry: the authentication methods of ZenML's page on Amazon ECR. */
export abstract class RegistryAuthentication {
  /**
   * A service connector of the registry's own (recommended): whoever uses the stack needs no AWS credentials.
   *
   * @param authentication how the connector authenticates to AWS; without it the best that fits the server
   */
  public static connector(authentication?: ConnectorAuthentication): RegistryAuthentication {
    return new Method((scope, context) => {
      // Not `adoptExisting`: a connector is never taken over.
      const { server, labels, removalPolicy, onUnreachableServer, detachFromStacks, refreshToken } = context.registration;
      const connector = new ServiceConnector(scope, 'Connector', {
        server,
        labels,
        removalPolicy,
        onUnreachableServer,
        detachFromStacks,
        refreshToken,
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
   * A service connector that exists, or that several registries share. It is verified (it must reach this very registry) and never
   * changed. Its owner gives the connector's role the rights on the repositories: `registry.grantPullPush(role)`.
   *
   * @param connector the connector
   */
  public static existingConnector(connector: IServiceConnector): RegistryAuthentication {
    return new Method((scope, context) => {
      const { accessRole, _createOnPush } = connector as Partial<ServiceConnector>;
      if (context.createOnPush && !_createOnPush) {
        Annotations.of(scope).addWarningV2('cdk-zenml:noCreationOnPush', 'the existing connector\'s sessions may not create repositories, unless its session policy allows '
          + 'ecr:CreateRepository: make it with `ConnectorResource.dockerRegistry(uri, { createOnPush: true })`');
      }
      return { connector, accessRole };
    });
  }

  /**
   * No connector: everybody who builds or pulls images logs in with own AWS credentials (`dockerLoginCommand`, or once and for all with
   * amazon-ecr-credential-helper). Makes no role, user or key. Such stacks are not portable between machines.
   */
  public static localDocker(): RegistryAuthentication {
    return new Method(() => ({}));
  }

  protected constructor() {}

  /** @internal */
  public abstract _bind(scope: Construct, context: _RegistryAuthenticationContext): _BoundRegistryAuthentication;
}

class Method extends RegistryAuthentication {
  public constructor(
    private readonly bindMethod: (scope: Construct, context: _RegistryAuthenticationContext) => _BoundRegistryAuthentication,
  ) { super(); }

  /** @internal */
  public _bind(scope: Construct, context: _RegistryAuthenticationContext): _BoundRegistryAuthentication {
    return this.bindMethod(scope, context);
  }
}
