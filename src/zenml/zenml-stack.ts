import { Lazy } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, IConstruct } from 'constructs';
import { componentReference } from './component-reference';
import { isRepeatable } from './repeatable-types';
import { RuntimeOptions, runtimeProperties, validateRuntimeOptions } from './runtime-options';
import { outputSetCommand } from './set-command';
import { warnOfImplicitSkyPilot } from './skypilot';
import { IStackComponent } from './stack-component';
import { ComponentReference, Reference, StackProperties } from '../contract/properties';
import { ResourceType } from '../contract/resource-types';
import {
  claimName,
  idReference,
  nameReference,
  registrationsOf,
  requireSameServer,
} from '../custom-resource/references';
import { Registration } from '../custom-resource/registration';
import { namePrefix } from '../private/naming';
import { synthError } from '../private/synth-error';
import { validateDescription, validateName, validateNamedObject } from '../private/validation';
import { RegistrationOptions } from '../server/registration-options';
import { ZenMLServer } from '../server/server';

/** A stack in ZenML (not a CloudFormation stack) that this app defines, or an existing one. */
export interface IZenMLStack extends IConstruct {
  /**
   * UUID or name of the stack in ZenML.
   *
   * @attribute
   */
  readonly zenmlStackNameOrId: string;
  /** The ZenML server that the stack is registered with. */
  readonly server: ZenMLServer;
}

/** Properties of `ZenMLStack`. */
export interface ZenMLStackProps extends RegistrationOptions, RuntimeOptions {
  /**
   * Name of the stack in ZenML, unique on the server, at most 255 characters (ZenML's limit). A change renames the
   * stack in place.
   *
   * @default - the construct's path and six hex digits
   */
  readonly zenmlStackName?: string;
  /**
   * Description of the stack in ZenML, at most 255 characters (ZenML's limit).
   *
   * @default - none
   */
  readonly description?: string;
  /**
   * Components of the stack: one orchestrator, one artifact store, and at most one component of each other type. A
   * stack can have several alerters, experiment trackers, sandboxes and step operators (ZenML 0.94.3 or newer). The
   * first of a type is the default, which ZenML uses where a step names none.
   */
  readonly components: IStackComponent[];
  /**
   * Whether to add a stack output with the command that activates the ZenML stack (`zenml stack set`).
   *
   * @default true
   */
  readonly outputs?: boolean;
}

/** A reference to an existing ZenML stack. */
class ExistingStack extends Construct implements IZenMLStack {
  public readonly zenmlStackNameOrId: string;
  public constructor(
    scope: Construct, id: string, public readonly server: ZenMLServer, public readonly _reference: Reference,
  ) {
    super(scope, id);
    this.zenmlStackNameOrId = (_reference.Id ?? _reference.Name)!;
  }
}

/** Component types without which ZenML refuses a stack. */
const REQUIRED_TYPES = ['orchestrator', 'artifact_store'];

/**
 * A stack in ZenML: the set of components that a pipeline runs on.
 *
 * @see https://docs.zenml.io/stacks
 *
 * @example
 * declare const server: ZenMLServer;
 * declare const registry: EcrContainerRegistry;
 *
 * new ZenMLStack(this, 'Production', {
 *   server: server,
 *   zenmlStackName: 'production',
 *   components: [
 *     registry,
 *     StackComponent.fromStackComponentName(this, 'Orchestrator', server, ComponentType.ORCHESTRATOR, 'sagemaker'),
 *     StackComponent.fromStackComponentName(this, 'ArtifactStore', server, ComponentType.ARTIFACT_STORE, 's3'),
 *   ],
 * });
 */
export class ZenMLStack extends Construct implements IZenMLStack {
  /**
   * An existing stack, by its UUID in ZenML.
   *
   * @throws when the id is not a UUID
   */
  public static fromZenmlStackId(scope: Construct, id: string, server: ZenMLServer, zenmlStackId: string): IZenMLStack {
    return new ExistingStack(scope, id, server, idReference('zenmlStackId', zenmlStackId));
  }

  /**
   * An existing stack, by its name in ZenML.
   *
   * @throws when ZenML does not accept the name, or the name is `default`, because ZenML does not allow changes of that
   * stack
   */
  public static fromZenmlStackName(
    scope: Construct, id: string, server: ZenMLServer, zenmlStackName: string,
  ): IZenMLStack {
    validateName('zenmlStackName', zenmlStackName);
    return new ExistingStack(scope, id, server, nameReference('zenmlStackName', zenmlStackName));
  }

  /** The ZenML server that the stack is registered with. */
  public readonly server: ZenMLServer;
  /** UUID of the stack in ZenML. */
  public readonly zenmlStackNameOrId: string;
  /**
   * UUID of the stack in ZenML.
   *
   * @attribute
   */
  public readonly zenmlStackId: string;
  /**
   * Name of the stack in ZenML.
   *
   * @attribute
   */
  public readonly zenmlStackName: string;
  /**
   * The Lambda function that registers the ZenML stack with the server, for alarms, subscriptions or tags. The
   * registrations of one CloudFormation stack share it.
   */
  public readonly registrationFunction: lambda.IFunction;

  /** @internal */
  public readonly _definedInApp = true;
  /** @internal */
  public readonly _reference: Reference;
  private readonly components: IStackComponent[] = [];
  private readonly registration?: Registration<StackProperties>;

  /**
   * @throws when a name, label or description is invalid, a component is registered with another server, or there are
   * two components of a type of which a ZenML stack can have only one
   */
  public constructor(scope: Construct, id: string, props: ZenMLStackProps) {
    super(scope, id);
    validateNamedObject('zenmlStackName', props.zenmlStackName, props);
    validateDescription(props.description);
    validateRuntimeOptions(props);
    this.server = props.server;
    for (const component of props.components) { this.addComponent(component); }
    // At synth, because components can be added until then.
    this.node.addValidation({ validate: () => this.validateComponents() });

    this.registration = this.register(props);
    this.registration.need(...props.components.flatMap(registrationsOf));
    this.registrationFunction = this.registration.handler.function;
    this.zenmlStackId = this.registration.objectId;
    this.zenmlStackName = this.registration.objectName;
    this.zenmlStackNameOrId = this.zenmlStackId;
    this._reference = { Id: this.zenmlStackId };
    if (props.outputs ?? true) { outputSetCommand(this, this.zenmlStackName); }
  }

  /**
   * Adds a component to the stack.
   *
   * @throws when the component is registered with another server or is in the stack already, or the stack has a
   * component of a type of which it can have only one
   */
  public addComponent(component: IStackComponent): void {
    requireSameServer(`component ${component.node.path}`, this.server, component.server);
    const type = component.componentType.name;
    if (this.components.includes(component)) {
      throw synthError(
        'CZ104',
        `\`components\` must not contain a component twice, got: ${component.node.path}: remove one of the two`,
      );
    }
    const other = this.components.find(({ componentType }) => componentType.name === type);
    if (other && !isRepeatable(component.componentType)) {
      throw synthError(
        'CZ160',
        `\`components\` must have at most one component of type ${type}, got: ${other.node.path} and `
          + `${component.node.path}: remove one of the two (only alerter, experiment_tracker, sandbox and step_operator `
          + 'may have several)',
      );
    }
    this.components.push(component);
    // The constructor adds the first components before it defines the registration.
    this.registration?.need(...registrationsOf(component));
  }

  /** @internal */
  public _contains(component: IStackComponent): boolean {
    return this.components.includes(component);
  }

  private register(props: ZenMLStackProps): Registration<StackProperties> {
    claimName(this, props, 'stack', 'zenmlStackName', props.zenmlStackName);
    return new Registration<StackProperties>(this, 'Resource', ResourceType.STACK, props, {
      Name: props.zenmlStackName,
      NamePrefix: namePrefix(this),
      Labels: props.labels,
      Description: props.description,
      ...runtimeProperties(props),
      Components: Lazy.any({
        produce: () => this.components.map(componentReference),
      }) as unknown as ComponentReference[],
    });
  }

  private validateComponents(): string[] {
    warnOfImplicitSkyPilot(this, this.components);
    return REQUIRED_TYPES
      .filter((type) => !this.components.some((component) => component.componentType.name === type))
      .map((type) => `\`components\` must have a component of type ${type}: add one, for example `
        + 'StackComponent.fromStackComponentName(..., \'default\')');
  }
}
