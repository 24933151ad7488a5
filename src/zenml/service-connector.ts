import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, IConstruct } from 'constructs';
import { ConnectorAuthentication } from './authentication';
import { BoundAuthentication } from './authentication/bound-authentication';
import { ConnectorResource } from './connector-resource';
import { DeployedConnector } from '../contract/health-check';
import { Reference, ServiceConnectorProperties } from '../contract/properties';
import { ResourceType } from '../contract/resource-types';
import { DEFAULT_PROPAGATION_SECONDS } from '../contract/timing';
import { claimName, idReference, nameReference } from '../custom-resource/references';
import { Registration } from '../custom-resource/registration';
import { SecretBinding } from '../custom-resource/secret-binding';
import { explainStackDeletion } from '../custom-resource/stack-deletion';
import { RegistryEnvironment } from '../ecr-repository/repository-arns';
import { registryStatements } from '../iam/access-role';
import { attachPolicy } from '../iam/role-policies';
import { acknowledgeWildcards } from '../private/acknowledge';
import { isKnown } from '../private/known';
import { namePrefix } from '../private/naming';
import { requireOwnPartition } from '../private/own-partition';
import { partitionOf } from '../private/partitions';
import { synthError } from '../private/synth-error';
import { validateConnectorName, validateDescription, validateDuration, validateLabels } from '../private/validation';
import { pickRegistrationOptions } from '../server/pick-registration-options';
import { RegistrationOptions } from '../server/registration-options';
import { ZenMLServer } from '../server/server';

/** A service connector in ZenML that this app defines, or an existing one. */
export interface IServiceConnector extends IConstruct {
  /**
   * UUID or name of the service connector in ZenML.
   *
   * @attribute
   */
  readonly serviceConnectorNameOrId: string;
  /** The ZenML server that the service connector is registered with. */
  readonly server: ZenMLServer;
}

/** Properties of `ServiceConnector`. */
export interface ServiceConnectorProps extends RegistrationOptions {
  /**
   * Name of the service connector in ZenML, unique on the server, at most 240 characters, or 255 for `implicit`, which
   * stores no keys (ZenML's limits). A change renames the connector in place. A change of the authentication method or
   * the resource replaces the connector, and an explicit name must change with it.
   *
   * @default - the construct's path and six hex digits
   */
  readonly serviceConnectorName?: string;
  /**
   * Description of the service connector in ZenML, at most 255 characters (ZenML's limit on MySQL).
   *
   * @default - none
   */
  readonly description?: string;
  /**
   * How the service connector authenticates to AWS.
   *
   * @default ConnectorAuthentication.automatic()
   */
  readonly authentication?: ConnectorAuthentication;
  /** The AWS resource that the service connector gives access to. */
  readonly resource: ConnectorResource;
  /**
   * AWS Region of the resource.
   *
   * @default - the stack's Region
   */
  readonly region?: string;
  /**
   * AWS account of the resource.
   *
   * @default - the stack's account
   */
  readonly account?: string;
  /**
   * Whether each deploy that changes the connector first verifies that the server reaches the resource in AWS with it.
   *
   * @default true
   */
  readonly verify?: boolean;
  /**
   * How long a deploy retries a refusal that a new role, key or policy can cause: 0 seconds to 4 minutes. IAM
   * propagates a change within seconds to minutes.
   *
   * @default Duration.minutes(1)
   */
  readonly propagationTimeout?: Duration;
}

/**
 * Longest `propagationTimeout` in seconds. It fits into the shortest timeout of the registration function that leaves
 * time for it.
 */
const MAX_PROPAGATION_SECONDS = 240;

/** A reference to an existing connector. A component that uses it verifies it, and never changes it. */
class ExistingConnector extends Construct implements IServiceConnector {
  public readonly serviceConnectorNameOrId: string;
  public constructor(
    scope: Construct, id: string, public readonly server: ZenMLServer, public readonly _reference: Reference,
  ) {
    super(scope, id);
    this.serviceConnectorNameOrId = (_reference.Id ?? _reference.Name)!;
  }
}

/**
 * A service connector of type `aws`: gives ZenML, its users and its pipelines access to one AWS resource without their
 * own AWS keys.
 *
 * ZenML verifies the connector before it is created or updated. A change of the authentication method or the resource
 * creates a new connector, and deletes the old one after everything that uses it has changed to the new one. All other
 * changes update the connector in place.
 *
 * @see https://docs.zenml.io/how-to/infrastructure-deployment/auth-management/aws-service-connector
 *
 * @example
 * declare const server: ZenMLServer;
 *
 * const connector = new ServiceConnector(this, 'Connector', {
 *   server: server,
 *   resource: ConnectorResource.s3Bucket('my-artifacts'),
 * });
 * ecr.Repository.fromRepositoryName(this, 'Base', 'base-images').grantPull(connector.accessRole!);
 */
export class ServiceConnector extends Construct implements IServiceConnector {
  /**
   * An existing service connector, by its UUID in ZenML. A component that uses it verifies it, and never changes it.
   *
   * @throws when the id is not a UUID
   */
  public static fromServiceConnectorId(
    scope: Construct, id: string, server: ZenMLServer, serviceConnectorId: string,
  ): IServiceConnector {
    return new ExistingConnector(scope, id, server, idReference('serviceConnectorId', serviceConnectorId));
  }

  /**
   * An existing service connector, by its name in ZenML. A component that uses it verifies it, and never changes it.
   *
   * @throws when ZenML does not accept the name
   */
  public static fromServiceConnectorName(
    scope: Construct, id: string, server: ZenMLServer, serviceConnectorName: string,
  ): IServiceConnector {
    return new ExistingConnector(scope, id, server, nameReference('serviceConnectorName', serviceConnectorName));
  }

  /** The ZenML server that the service connector is registered with. */
  public readonly server: ZenMLServer;
  /** UUID of the service connector in ZenML. */
  public readonly serviceConnectorNameOrId: string;
  /**
   * UUID of the service connector in ZenML.
   *
   * @attribute
   */
  public readonly serviceConnectorId: string;
  /**
   * Name of the service connector in ZenML.
   *
   * @attribute
   */
  public readonly serviceConnectorName: string;
  /**
   * The role that the service connector assumes; undefined for authentication methods without a role. Grant this role
   * the rights on the resource, except the right to log in to and list an ECR registry, which the construct grants.
   */
  public readonly accessRole?: iam.IRole;

  /**
   * The Lambda function that registers the connector with the server, for alarms, subscriptions or tags. The
   * registrations of one CloudFormation stack share it.
   */
  public readonly registrationFunction: lambda.IFunction;

  /** @internal */
  public readonly _definedInApp = true;
  /** @internal */
  public readonly _createOnPush: boolean;
  /** @internal */
  public readonly _reference: Reference;
  /** @internal */
  public readonly _registration: Registration<ServiceConnectorProperties>;
  /** @internal ZenML's name of the resource type */
  public readonly _resourceType: string;
  /** @internal ZenML's name of the authentication method */
  public readonly _authMethod: string;
  /** @internal what a health check compares with */
  public readonly _deployed: DeployedConnector;

  /**
   * @throws when a name, label, description or duration is invalid, or the authentication method cannot be used with
   * the server or the role
   */
  public constructor(scope: Construct, id: string, props: ServiceConnectorProps) {
    super(scope, id);
    validateProps(props);
    const { resource, server, removalPolicy } = props;
    const { account = Stack.of(this).account, region = Stack.of(this).region } = props;
    requireOwnPartition(this, '`region`', isKnown(region) ? partitionOf(region)?.partition : undefined, region);
    const bound = (props.authentication ?? ConnectorAuthentication.automatic())._bind(this, {
      server, region, sessionPolicy: resource._sessionPolicy, removalPolicy,
    });
    validateConnectorName('serviceConnectorName', props.serviceConnectorName, bound.keys !== undefined);
    const rights = resource.resourceType === 'docker-registry' && bound.role
      ? this.grantRegistryAccess(bound.role, { region, account }, removalPolicy)
      : [];

    this.server = server;
    this._resourceType = resource.resourceType;
    this._createOnPush = resource._createOnPush;
    this._authMethod = bound.method;
    this._deployed = {
      AuthMethod: bound.method,
      ResourceType: resource.resourceType,
      ResourceId: resource.resourceId,
      Region: region,
      RoleArn: bound.role?.roleArn,
    };
    this._registration = this.register(props, region, bound, rights);
    this.registrationFunction = this._registration.handler.function;
    this.accessRole = bound.role;
    this.serviceConnectorId = this._registration.objectId;
    this.serviceConnectorName = this._registration.objectName;
    this.serviceConnectorNameOrId = this.serviceConnectorId;
    this._reference = { Id: this.serviceConnectorId };
    // A registry adds the info for its own connector as well.
    if (!(this.node.scope as { _explainsStackDeletion?: boolean })._explainsStackDeletion) {
      explainStackDeletion(this, this._registration, true);
    }
  }

  private grantRegistryAccess(
    role: iam.IRole, registry: RegistryEnvironment, removalPolicy: RemovalPolicy | undefined,
  ): iam.Policy[] {
    const statements = registryStatements(this, registry);
    const policy = attachPolicy(this, 'Registry', role, [registry.region, registry.account], statements, removalPolicy);
    if (!policy) { return []; }
    acknowledgeWildcards(policy, statements,
      'AWS has no resource level for logging in to ECR, and checks ZenML\'s listing without names on repository/*');
    return [policy];
  }

  private register(
    props: ServiceConnectorProps, region: string, bound: BoundAuthentication, rights: iam.Policy[],
  ): Registration<ServiceConnectorProperties> {
    claimName(this, props, 'service connector', 'serviceConnectorName', props.serviceConnectorName);
    const keys = bound.keys && SecretBinding.forKeys(this, props.server, bound.keys);
    const needs = [...bound.dependencies, ...rights];
    return new Registration<ServiceConnectorProperties>(this, 'Resource', ResourceType.SERVICE_CONNECTOR, {
      ...pickRegistrationOptions(props), dependencies: [...needs, ...(keys ? [keys] : [])], needs,
    }, {
      Name: props.serviceConnectorName,
      NamePrefix: namePrefix(this),
      Labels: props.labels,
      Description: props.description,
      AuthMethod: bound.method,
      ResourceType: props.resource.resourceType,
      ResourceId: props.resource.resourceId,
      Region: region,
      RoleArn: bound.role?.roleArn,
      SessionPolicy: bound.sessionPolicy,
      KeysBinding: keys?.parameterName,
      KeysVersion: bound.keysVersion,
      ExpirationSeconds: bound.expirationSeconds?.toString(),
      ExpiresAt: bound.expiresAt,
      Verify: props.verify === false ? 'false' : undefined,
      PropagationSeconds: (props.propagationTimeout?.toSeconds() ?? DEFAULT_PROPAGATION_SECONDS).toString(),
    });
  }
}

function validateProps(props: ServiceConnectorProps): void {
  if (props.adoptExisting) {
    throw synthError(
      'CZ151',
      '`adoptExisting` must not be set for service connectors, because ZenML does not return the '
        + 'credentials that an update would overwrite: leave `serviceConnectorName` out to create a new connector, or '
        + 'use the existing one with '
        + 'RegistryAuthentication.existingConnector(ServiceConnector.fromServiceConnectorName(...))',
    );
  }
  validateLabels(props.labels);
  validateDescription(props.description);
  validateDuration(
    'propagationTimeout',
    props.propagationTimeout,
    [0, MAX_PROPAGATION_SECONDS],
    'limit of the registration function',
  );
}
