import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, IConstruct } from 'constructs';
import { ConnectorAuthentication } from './authentication';
import { ConnectorResource } from './connector-resource';
import { Reference, ServiceConnectorProperties } from '../contract/properties';
import { ResourceType } from '../contract/resource-types';
import { claimName, idReference, nameReference } from '../custom-resource/references';
import { Registration } from '../custom-resource/registration';
import { SecretBinding } from '../custom-resource/secret-binding';
import { tellOfStackDeletion } from '../custom-resource/stack-deletion';
import { registryStatements } from '../iam/access-role';
import { giveRights } from '../iam/rights';
import { acknowledgeWildcards } from '../private/acknowledge';
import { isKnown } from '../private/known';
import { validateDescription, validateNameWithKeys } from '../private/limits';
import { namePrefix } from '../private/naming';
import { requireOwnPartition } from '../private/own-partition';
import { partitionOf } from '../private/partitions';
import { validateDuration, validateLabels, validateName } from '../private/validation';
import { RegistrationOptions } from '../server/registration-options';
import { ZenMLServer } from '../server/server';

/** A service connector in ZenML: one that this app makes, or one that exists. */
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
   * Name in ZenML, unique on the whole server, at most 240 characters (255 for `implicit`, which holds no keys). A change renames it in place. With an explicit name, a change
   * that ZenML cannot make in place (method, resource) needs a new name as well.
   *
   * @default - the construct's path and six hex digits
   */
  readonly serviceConnectorName?: string;
  /**
   * Description shown in ZenML.
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
   * Whether each deploy that changes the connector checks first that the server reaches AWS with it, and the very resource.
   *
   * @default true
   */
  readonly verify?: boolean;
  /**
   * For how long a refusal is tried again that a young role, key or policy can cause (IAM takes seconds to minutes to know it
   * everywhere): 0 seconds to 4 minutes.
   *
   * @default Duration.minutes(1)
   */
  readonly propagationTimeout?: Duration;
}

/** IAM knows new roles and keys everywhere within a minute or so; longer waits only hide mistakes. */
const DEFAULT_PROPAGATION = Duration.minutes(1);

/** A reference to a connector that exists: it is verified where it is used, and never changed. */
class ExistingConnector extends Construct implements IServiceConnector {
  public readonly serviceConnectorNameOrId: string;
  public constructor(scope: Construct, id: string, public readonly server: ZenMLServer, public readonly _reference: Reference) {
    super(scope, id);
    this.serviceConnectorNameOrId = (_reference.Id ?? _reference.Name)!;
  }
}

/**
 * A service connector of type `aws`: lets ZenML, its users and its pipelines reach one AWS resource without keys of their own.
 *
 * ZenML verifies the connector before it is made or changed. A change of method or resource makes a new connector and deletes the old one when
 * everything that uses it has moved; all other changes are made in place.
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
   * A connector that exists, by its UUID. It is verified where it is used, and never changed.
   *
   * @throws when a known id is no UUID
   */
  public static fromServiceConnectorId(scope: Construct, id: string, server: ZenMLServer, serviceConnectorId: string): IServiceConnector {
    return new ExistingConnector(scope, id, server, idReference('serviceConnectorId', serviceConnectorId));
  }

  /**
   * A connector that exists, by its name. It is verified where it is used, and never changed.
   *
   * @throws when a known name cannot be one
   */
  public static fromServiceConnectorName(scope: Construct, id: string, server: ZenMLServer, serviceConnectorName: string): IServiceConnector {
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
  /** The role that the service connector assumes; undefined for methods without one. Grant to this role what the connector has to reach. */
  public readonly accessRole?: iam.IRole;

  /** The Lambda function that registers the connector with the server, for alarms, subscriptions or tags. Registrations of one CloudFormation stack share it. */
  public readonly registrationFunction: lambda.IFunction;

  /** @internal */
  public readonly _managed = true;
  /** @internal */
  public readonly _createOnPush: boolean;
  /** @internal */
  public readonly _reference: Reference;
  /** @internal */
  public readonly _registration: Registration<ServiceConnectorProperties>;
  /** @internal ZenML's word */
  public readonly _resourceType: string;
  /** @internal ZenML's word */
  public readonly _authMethod: string;

  /**
   * @throws when a name, label or duration breaks its rule, or the method lacks what it needs
   */
  public constructor(scope: Construct, id: string, props: ServiceConnectorProps) {
    super(scope, id);
    validateName('serviceConnectorName', props.serviceConnectorName);
    if (props.adoptExisting) {
      throw new Error('`adoptExisting` cannot be used for service connectors, because ZenML does not give back the credentials that it would overwrite: leave `serviceConnectorName` out '
        + 'to create a new connector, or use the one that exists with RegistryAuthentication.existingConnector(ServiceConnector.fromServiceConnectorName(...))');
    }
    validateLabels(props.labels);
    validateDescription(props.description);
    validateDuration('propagationTimeout', props.propagationTimeout, 0, 240, 'it must fit into the shortest useful timeout of the registration function');
    const region = props.region ?? Stack.of(this).region;
    const account = props.account ?? Stack.of(this).account;
    requireOwnPartition(this, '`region`', isKnown(region) ? partitionOf(region)?.partition : undefined, region);
    const dockerRegistry = props.resource.resourceType === 'docker-registry';

    this._resourceType = props.resource.resourceType;
    this._createOnPush = props.resource._createOnPush;

    const bound = (props.authentication ?? ConnectorAuthentication.automatic())._bind(this, {
      server: props.server, region, dockerRegistry, createOnPush: this._createOnPush, removalPolicy: props.removalPolicy,
    });
    this._authMethod = bound.method;
    if (bound.keys) { validateNameWithKeys('serviceConnectorName', props.serviceConnectorName); }
    const rights = dockerRegistry && bound.role ? this.letIntoRegistry(bound.role, region, account, props.removalPolicy) : [];
    const keys = bound.keys && SecretBinding.forKeys(this, props.server, bound.keys);

    this._registration = new Registration<ServiceConnectorProperties>(this, 'Resource', ResourceType.SERVICE_CONNECTOR, {
      ...props, dependencies: [...bound.dependencies, ...rights, ...(keys ? [keys] : [])], needs: [...bound.dependencies, ...rights],
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
      PropagationSeconds: (props.propagationTimeout ?? DEFAULT_PROPAGATION).toSeconds().toString(),
    });
    claimName(this, props, 'service connector', 'serviceConnectorName', props.serviceConnectorName);
    this.server = props.server;
    this.registrationFunction = this._registration.handler.function;
    this.accessRole = bound.role;
    this.serviceConnectorId = this._registration.objectId;
    this.serviceConnectorName = this._registration.objectName;
    this.serviceConnectorNameOrId = this.serviceConnectorId;
    this._reference = { Id: this.serviceConnectorId };
    // A registry tells it for its own connector as well.
    if (!(this.node.scope as { _tellsOfStackDeletion?: boolean })._tellsOfStackDeletion) {
      tellOfStackDeletion(this, this._registration, 'the role, user, key and function that it needs, so that it no longer works for them');
    }
  }

  private letIntoRegistry(role: iam.IRole, region: string, account: string, removalPolicy: RemovalPolicy | undefined): iam.Policy[] {
    const statements = registryStatements(this, region, account);
    const policy = giveRights(this, 'Registry', role, [region, account], statements, removalPolicy);
    if (!policy) { return []; }
    acknowledgeWildcards(policy, statements, 'AWS has no resource level for logging in to ECR, and judges ZenML\'s listing without names on repository/*');
    return [policy];
  }
}
