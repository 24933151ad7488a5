import { CfnOutput, Lazy } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, IConstruct } from 'constructs';
import { isRepeatable } from './repeatable-types';
import { warnOfImplicitSkyPilot } from './skypilot';
import { IStackComponent } from './stack-component';
import { ComponentReference, Reference, StackProperties } from '../contract/properties';
import { ResourceType } from '../contract/resource-types';
import { claimName, idReference, nameReference, referenceTo, registrationsOf, requireSameServer } from '../custom-resource/references';
import { Registration } from '../custom-resource/registration';
import { validateDescription } from '../private/limits';
import { namePrefix } from '../private/naming';
import { requireNameToAdopt, validateLabels, validateName } from '../private/validation';
import { RegistrationOptions } from '../server/registration-options';
import { ZenMLServer } from '../server/server';

/** A stack in ZenML (not a CloudFormation stack): one that this app makes, or one that exists. */
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
export interface ZenMLStackProps extends RegistrationOptions {
  /**
   * Name in ZenML, unique on the whole server, at most 255 characters. A change renames it in place.
   *
   * @default - the construct's path and six hex digits
   */
  readonly zenmlStackName?: string;
  /**
   * Description shown in ZenML.
   *
   * @default - none
   */
  readonly description?: string;
  /**
   * Components of the stack: at least one orchestrator and one artifact store, and at most one of a type. Of alerters, experiment trackers,
   * sandboxes and step operators a stack takes any number (ZenML 0.98 or newer).
   */
  readonly components: IStackComponent[];
  /**
   * Whether to output the command that makes the stack a teammate's active one.
   *
   * @default true
   */
  readonly outputs?: boolean;
}

class ExistingStack extends Construct implements IZenMLStack {
  public readonly zenmlStackNameOrId: string;
  public constructor(scope: Construct, id: string, public readonly server: ZenMLServer, public readonly _reference: Reference) {
    super(scope, id);
    this.zenmlStackNameOrId = (_reference.Id ?? _reference.Name)!;
  }
}

/** ZenML refuses a stack without these. */
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
   * A stack that exists, by its UUID.
   *
   * @throws when a known id is no UUID
   */
  public static fromZenmlStackId(scope: Construct, id: string, server: ZenMLServer, zenmlStackId: string): IZenMLStack {
    return new ExistingStack(scope, id, server, idReference('zenmlStackId', zenmlStackId));
  }

  /**
   * A stack that exists, by its name.
   *
   * @throws when a known name cannot be one, or is `default`, which ZenML does not let anybody change
   */
  public static fromZenmlStackName(scope: Construct, id: string, server: ZenMLServer, zenmlStackName: string): IZenMLStack {
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
  /** The Lambda function that registers the ZenML stack with the server, for alarms, subscriptions or tags. Registrations of one CloudFormation stack share it. */
  public readonly registrationFunction: lambda.IFunction;

  /** @internal */
  public readonly _managed = true;
  /** @internal */
  public readonly _reference: Reference;
  private readonly components: IStackComponent[] = [];
  private readonly registration?: Registration<StackProperties>;

  /**
   * @throws when a name or label breaks its rule, a component is registered with another server, or two are of a type of which ZenML takes one
   */
  public constructor(scope: Construct, id: string, props: ZenMLStackProps) {
    super(scope, id);
    validateName('zenmlStackName', props.zenmlStackName);
    requireNameToAdopt('zenmlStackName', props.zenmlStackName, props.adoptExisting);
    validateLabels(props.labels);
    validateDescription(props.description);
    this.server = props.server;
    for (const component of props.components) { this.addComponent(component); }
    // Components may still be added; at synth all are known.
    this.node.addValidation({
      validate: () => {
        warnOfImplicitSkyPilot(this, this.components);
        return this.missingTypes();
      },
    });

    const registration = new Registration<StackProperties>(this, 'Resource', ResourceType.STACK, props, {
      Name: props.zenmlStackName,
      NamePrefix: namePrefix(this),
      Labels: props.labels,
      Description: props.description,
      Components: Lazy.any({ produce: () => this.components.map(componentReference) }) as unknown as ComponentReference[],
    });
    this.registration = registration;
    this.registrationFunction = registration.handler.function;
    registration.need(...props.components.flatMap(registrationsOf));
    claimName(this, props, 'stack', 'zenmlStackName', props.zenmlStackName);
    this.zenmlStackId = registration.objectId;
    this.zenmlStackName = registration.objectName;
    this.zenmlStackNameOrId = this.zenmlStackId;
    this._reference = { Id: this.zenmlStackId };
    if (props.outputs ?? true) {
      new CfnOutput(this, 'SetCommand', { value: `zenml stack set ${this.zenmlStackName}`, description: 'Makes it the active stack on your machine' });
    }
  }

  /**
   * Adds a component to the stack.
   *
   * @throws when it is registered with another server, or its type is there already and ZenML takes one of it
   */
  public addComponent(component: IStackComponent): void {
    requireSameServer('the component', this.server, component.server);
    const type = component.componentType.name;
    if (this.components.includes(component)) {
      throw new Error(`\`components\` holds ${component.node.path} twice: leave one out`);
    }
    if (!isRepeatable(component.componentType) && this.components.some((other) => other.componentType.name === type)) {
      throw new Error(`\`components\` holds two of type ${type}: a ZenML stack takes one of each (several of alerter, experiment_tracker, sandbox and step_operator)`);
    }
    this.components.push(component);
    // None yet while the first ones come in.
    this.registration?.need(...registrationsOf(component));
  }

  private missingTypes(): string[] {
    return REQUIRED_TYPES
      .filter((type) => !this.components.some((component) => component.componentType.name === type))
      .map((type) => `\`components\` lacks the ${type} that every ZenML stack needs: add one, for example StackComponent.fromStackComponentName(..., 'default')`);
  }
}

function componentReference(component: IStackComponent): ComponentReference {
  return { ComponentType: component.componentType.name, ...referenceTo(component, component.stackComponentNameOrId) };
}
