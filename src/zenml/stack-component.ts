import { Lazy, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, IConstruct } from 'constructs';
import { ComponentType } from './component-type';
import { validateConnector } from './connector-requirements';
import { RuntimeOptions, runtimeProperties, validateRuntimeOptions } from './runtime-options';
import { IServiceConnector } from './service-connector';
import { ProvedRepository, Reference, RepositoryReference, StackComponentProperties } from '../contract/properties';
import { ResourceType } from '../contract/resource-types';
import { DEFAULT_PROPAGATION_SECONDS } from '../contract/timing';
import {
  claimName, idReference, isDefinedInApp, nameReference, referenceTo, registrationsOf, requireSameServer,
} from '../custom-resource/references';
import { Registration, trueOrAbsent } from '../custom-resource/registration';
import { namePrefix } from '../private/naming';
import {
  validateNamedObject,
  validateNoDynamicReference,
  validatePattern,
  validateStoredSize,
} from '../private/validation';
import { RegistrationOptions } from '../server/registration-options';
import { ZenMLServer } from '../server/server';

/** A stack component in ZenML that this app defines, or an existing one. */
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
export interface StackComponentProps extends RegistrationOptions, RuntimeOptions {
  /**
   * Name of the stack component in ZenML, unique among components of its type, at most 255 characters (ZenML's limit).
   * A change renames the component in place. A change of type, flavor or a registry's `uri` replaces the component, and
   * an explicit name must change with it.
   *
   * @default - the construct's path and six hex digits
   */
  readonly stackComponentName?: string;
  /** Type of the stack component. */
  readonly componentType: ComponentType;
  /** Flavor of the stack component: `aws`, `local`, `s3`, ... */
  readonly flavor: string;
  /**
   * Configuration of the flavor, with the keys of `zenml ... register`, at most 48,000 characters as JSON (ZenML's
   * limit on MySQL). It must not contain secrets, because it is in the template.
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
   * ZenML's id of the resource that the component uses, one of the resources that the connector gives access to.
   *
   * @default - the only resource of the connector
   */
  readonly connectorResourceId?: string;
}

/** A reference to an existing stack component. */
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
   * An existing stack component, by its UUID in ZenML.
   *
   * @throws when the id is not a UUID
   */
  public static fromStackComponentId(scope: Construct, id: string, server: ZenMLServer, componentType: ComponentType,
    stackComponentId: string): IStackComponent {
    return new ExistingComponent(scope, id, server, componentType, idReference('stackComponentId', stackComponentId));
  }

  /**
   * An existing stack component, by its name in ZenML (`default` for the component that every server has).
   *
   * @throws when ZenML does not accept the name
   */
  public static fromStackComponentName(scope: Construct, id: string, server: ZenMLServer, componentType: ComponentType,
    stackComponentName: string): IStackComponent {
    return new ExistingComponent(
      scope,
      id,
      server,
      componentType,
      nameReference('stackComponentName', stackComponentName),
    );
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
  /**
   * The Lambda function that registers the component with the server, for alarms, subscriptions or tags. The
   * registrations of one CloudFormation stack share it.
   */
  public readonly registrationFunction: lambda.IFunction;

  /** @internal */
  public readonly _definedInApp = true;
  /** @internal */
  public readonly _reference: Reference;
  /** @internal */
  public readonly _registration: Registration<StackComponentProperties>;
  /** @internal what a ZenML stack checks in its components */
  public readonly _uses: { readonly flavor: string; readonly authMethod?: string };
  private readonly requiredRepositories: RepositoryReference[] = [];
  private readonly provedRepositories: ProvedRepository[] = [];

  /**
   * @throws when a name, label, flavor, configuration, variable or secret is invalid, or the connector is registered
   * with another server or gives access to another type of resource than the flavor needs
   */
  public constructor(scope: Construct, id: string, props: StackComponentProps) {
    super(scope, id);
    validateProps(props);
    this.server = props.server;
    this.componentType = props.componentType;
    this._registration = this.register(props);
    if (props.connector) { this._registration.need(...registrationsOf(props.connector)); }
    const { _authMethod } = (props.connector ?? {}) as { readonly _authMethod?: string };
    this._uses = { flavor: props.flavor, authMethod: _authMethod };
    this.registrationFunction = this._registration.handler.function;
    this.stackComponentId = this._registration.objectId;
    this.stackComponentName = this._registration.objectName;
    this.stackComponentNameOrId = this.stackComponentId;
    this._reference = { Id: this.stackComponentId };
  }

  /**
   * Requires a repository, which this app imports, to exist before the component is registered.
   *
   * @internal
   */
  public _requireRepository(repository: RepositoryReference): void {
    this.requiredRepositories.push(repository);
  }

  /**
   * Requires that the connector's Docker credentials may push to and pull from a repository.
   *
   * @internal
   */
  public _proveRepository(repository: ProvedRepository): void {
    this.provedRepositories.push(repository);
  }

  /**
   * The repositories of `_proveRepository`.
   *
   * @internal
   */
  public get _provedRepositories(): readonly ProvedRepository[] {
    return this.provedRepositories;
  }

  private register(props: StackComponentProps): Registration<StackComponentProperties> {
    claimName(this, props, props.componentType.name, 'stackComponentName', props.stackComponentName);
    return new Registration<StackComponentProperties>(this, 'Resource', ResourceType.STACK_COMPONENT, props, {
      Name: props.stackComponentName,
      NamePrefix: namePrefix(this, ['Component']),
      Labels: props.labels,
      ComponentType: props.componentType.name,
      Flavor: props.flavor,
      Configuration: Stack.of(this).toJsonString(props.configuration ?? {}),
      Connector: props.connector && referenceTo(props.connector, props.connector.serviceConnectorNameOrId),
      VerifyConnector: trueOrAbsent(props.connector !== undefined && !isDefinedInApp(props.connector)),
      ConnectorResourceId: props.connectorResourceId,
      PropagationSeconds: DEFAULT_PROPAGATION_SECONDS.toString(),
      ...runtimeProperties(props),
      // At synth, because a registry can get further repositories until then.
      Repositories: Lazy.any({
        produce: () => this.requiredRepositories,
      }, { omitEmptyArray: true }) as unknown as RepositoryReference[],
      ProveRepositories: Lazy.any({
        produce: () => this.provedRepositories,
      }, { omitEmptyArray: true }) as unknown as ProvedRepository[],
    });
  }
}

function validateProps(props: StackComponentProps): void {
  validateNamedObject('stackComponentName', props.stackComponentName, props);
  validatePattern('flavor', props.flavor, /^\S{1,255}$/, '"aws" (1 to 255 characters without white space)');
  validateNoDynamicReference('configuration', props.configuration);
  validateStoredSize('configuration', props.configuration);
  validateRuntimeOptions(props);
  if (props.connector) {
    requireSameServer('`connector`', props.server, props.connector.server);
    validateConnector(props.connector, props.componentType, props.flavor);
  }
}
