import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, IConstruct } from 'constructs';
import { ComponentType } from './component-type';
import { requireFitConnector } from './connector-requirements';
import { IServiceConnector } from './service-connector';
import { Reference, RepositoryReference, StackComponentProperties } from '../contract/properties';
import { ResourceType } from '../contract/resource-types';
import { claimName, idReference, isManaged, nameReference, referenceTo, registrationsOf, requireSameServer } from '../custom-resource/references';
import { flag, Registration } from '../custom-resource/registration';
import { LIST_ACTION } from '../ecr-repository/actions';
import { acknowledgeWildcards } from '../private/acknowledge';
import { validateStoredSize } from '../private/limits';
import { namePrefix } from '../private/naming';
import { refuseDynamicReference, requireNameToAdopt, validateLabels, validateName, validatePattern } from '../private/validation';
import { RegistrationOptions } from '../server/registration-options';
import { ZenMLServer } from '../server/server';

/** A stack component in ZenML: one that this app makes, or one that exists. */
export interface IStackComponent extends IConstruct {
  /** Type of the stack component. */
  readonly componentType: ComponentType;
  /**
   * UUID or name of the stack component in ZenML.
   *
   * @attribute
   */
  readonly stackComponentNameOrId: string;
  /** The ZenML server that the stack component is registered with. */
  readonly server: ZenMLServer;
}

/** Properties of `StackComponent`. */
export interface StackComponentProps extends RegistrationOptions {
  /**
   * Name in ZenML, unique among components of its type, at most 255 characters. A change renames it in place. With an explicit name, a
   * change that makes a new component (type, flavor, a registry's `uri`) needs a new name as well.
   *
   * @default - the construct's path and six hex digits
   */
  readonly stackComponentName?: string;
  /** Type of the stack component. */
  readonly componentType: ComponentType;
  /** Flavor of the stack component: `aws`, `local`, `s3`, ... */
  readonly flavor: string;
  /**
   * The flavor's configuration, as `zenml ... register` takes it. No secrets: this stands in the template.
   *
   * @default - none
   */
  readonly configuration?: Record<string, any>;
  /**
   * The service connector through which the component reaches its resource.
   *
   * @default - none
   */
  readonly connector?: IServiceConnector;
  /**
   * Id of the resource that the component uses, of those that the connector reaches.
   *
   * @default - the connector's only one
   */
  readonly connectorResourceId?: string;
}

class ExistingComponent extends Construct implements IStackComponent {
  public readonly stackComponentNameOrId: string;
  public constructor(scope: Construct, id: string, public readonly server: ZenMLServer,
    public readonly componentType: ComponentType, public readonly _reference: Reference) {
    super(scope, id);
    this.stackComponentNameOrId = (_reference.Id ?? _reference.Name)!;
  }
}

/**
 * A stack component in ZenML, of any type and flavor.
 *
 * @see https://docs.zenml.io/stacks
 *
 * @example
 * declare const server: ZenMLServer;
 *
 * const artifactStore = new StackComponent(this, 'ArtifactStore', {
 *   server: server,
 *   componentType: ComponentType.ARTIFACT_STORE,
 *   flavor: 's3',
 *   configuration: { path: 's3://my-artifacts' },
 * });
 */
export class StackComponent extends Construct implements IStackComponent {
  /**
   * A component that exists, by its UUID.
   *
   * @throws when a known id is no UUID
   */
  public static fromStackComponentId(scope: Construct, id: string, server: ZenMLServer, componentType: ComponentType,
    stackComponentId: string): IStackComponent {
    return new ExistingComponent(scope, id, server, componentType, idReference('stackComponentId', stackComponentId));
  }

  /**
   * A component that exists, by its name (`default` is the one that comes with the server).
   *
   * @throws when a known name cannot be one
   */
  public static fromStackComponentName(scope: Construct, id: string, server: ZenMLServer, componentType: ComponentType,
    stackComponentName: string): IStackComponent {
    return new ExistingComponent(scope, id, server, componentType, nameReference('stackComponentName', stackComponentName));
  }

  /** The ZenML server that the stack component is registered with. */
  public readonly server: ZenMLServer;
  /** Type of the stack component. */
  public readonly componentType: ComponentType;
  /** UUID of the stack component in ZenML. */
  public readonly stackComponentNameOrId: string;
  /**
   * UUID of the stack component in ZenML.
   *
   * @attribute
   */
  public readonly stackComponentId: string;
  /**
   * Name of the stack component in ZenML.
   *
   * @attribute
   */
  public readonly stackComponentName: string;
  /** The Lambda function that registers the component with the server, for alarms, subscriptions or tags. Registrations of one CloudFormation stack share it. */
  public readonly registrationFunction: lambda.IFunction;

  /** @internal */
  public readonly _managed = true;
  /** @internal */
  public readonly _reference: Reference;
  /** @internal */
  public readonly _registration: Registration<StackComponentProperties>;
  /** @internal what a ZenML stack has to know of its components */
  public readonly _uses: { readonly flavor: string; readonly authMethod?: string };
  /** ARNs of repositories that the handler may ask for. */
  private readonly askable = new Set<string>();
  private readonly requiredRepositories: RepositoryReference[] = [];

  /**
   * @throws when a name, label or flavor breaks its rule, or the connector is registered with another server
   */
  public constructor(scope: Construct, id: string, props: StackComponentProps) {
    super(scope, id);
    validateName('stackComponentName', props.stackComponentName);
    requireNameToAdopt('stackComponentName', props.stackComponentName, props.adoptExisting);
    validateLabels(props.labels);
    validatePattern('flavor', props.flavor, /^\S{1,255}$/, '"aws" (no white space)');
    refuseDynamicReference('configuration', props.configuration);
    validateStoredSize('configuration', props.configuration);
    if (props.connector) {
      requireSameServer('the connector', props.server, props.connector.server);
      requireFitConnector(props.connector, props.componentType, props.flavor);
    }

    this._registration = new Registration<StackComponentProperties>(this, 'Resource', ResourceType.STACK_COMPONENT, props, {
      Name: props.stackComponentName,
      NamePrefix: namePrefix(this, ['Component']),
      Labels: props.labels,
      ComponentType: props.componentType.name,
      Flavor: props.flavor,
      Configuration: Stack.of(this).toJsonString(props.configuration ?? {}),
      Connector: props.connector && referenceTo(props.connector, props.connector.serviceConnectorNameOrId),
      VerifyConnector: flag(props.connector !== undefined && !isManaged(props.connector)),
      ConnectorResourceId: props.connectorResourceId,
      PropagationSeconds: Duration.minutes(1).toSeconds().toString(),
      // Known only at synth: a registry can get further repositories until then.
      Repositories: Lazy.any({ produce: () => this.requiredRepositories }, { omitEmptyArray: true }) as unknown as RepositoryReference[],
    });
    if (props.connector) { this._registration.need(...registrationsOf(props.connector)); }
    claimName(this, props, props.componentType.name, 'stackComponentName', props.stackComponentName);
    this._uses = { flavor: props.flavor, authMethod: (props.connector as { _authMethod?: string } | undefined)?._authMethod };
    this.server = props.server;
    this.registrationFunction = this._registration.handler.function;
    this.componentType = props.componentType;
    this.stackComponentId = this._registration.objectId;
    this.stackComponentName = this._registration.objectName;
    this.stackComponentNameOrId = this.stackComponentId;
    this._reference = { Id: this.stackComponentId };
  }

  /**
   * A repository that is not made here and must be there before the component is; the handler needs the right to ask.
   *
   * @internal
   */
  public _requireRepository(repository: RepositoryReference, arn: string): void {
    if (this.askable.size === 0) {
      const right = new iam.PolicyStatement({ actions: [LIST_ACTION], resources: Lazy.list({ produce: () => [...this.askable] }) });
      const policy = this._registration.handler.grant(this, 'Preflight', right);
      // Only patterns of a prefix are found.
      if (arn.endsWith('*')) { acknowledgeWildcards(policy, [new iam.PolicyStatement({ resources: [arn] })], 'the registry is for all repositories under its prefix'); }
      this._registration.dependOn(policy);
    }
    this.askable.add(arn);
    this.requiredRepositories.push(repository);
  }
}
