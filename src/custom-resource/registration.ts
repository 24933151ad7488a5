import { CustomResource, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Construct, IConstruct, IDependable } from 'constructs';
import { RegistrationHandler } from './registration-handler';
import { SecretBinding } from './secret-binding';
import { Attribute } from '../contract/attributes';
import { CommonProperties } from '../contract/properties';
import { ResourceTypeName } from '../contract/resource-types';
import { serviceTimeoutSeconds } from '../contract/timing';
import { effectivePolicy, warnOfDeletedNeeds } from '../private/removal';
import { validateNoDynamicReference } from '../private/validation';
import { RegistrationOptions, UnreachableServerBehavior } from '../server/registration-options';
import type { ZenMLServer } from '../server/server';

/** The properties of a custom resource in addition to those that all custom resources have. */
type OwnProperties<T extends CommonProperties> = Omit<T, keyof CommonProperties>;

interface RegistrationSettings extends Partial<RegistrationOptions> {
  readonly server: ZenMLServer;
  /** Resources that must exist before the registration is created and until it is deleted. */
  readonly dependencies?: readonly IDependable[];
  /** Resources that the object in ZenML needs. They must be retained if the object is. */
  readonly needs?: readonly IConstruct[];
}

/** The custom resource that registers one object in ZenML. */
export class Registration<T extends CommonProperties> extends Construct {
  /** UUID of the object in ZenML, a token. */
  public readonly objectId: string;
  /** Name of the object in ZenML, a token. */
  public readonly objectName: string;
  public readonly handler: RegistrationHandler;
  private readonly resource: CustomResource;
  private readonly needs: Set<IConstruct>;

  public constructor(
    scope: Construct, id: string, resourceType: ResourceTypeName, settings: RegistrationSettings, own: OwnProperties<T>,
  ) {
    super(scope, id);
    const binding = SecretBinding.forServer(this, settings.server);
    this.handler = RegistrationHandler.for(this, settings.server);
    for (const [key, value] of Object.entries(own)) { validateNoDynamicReference(key, value); }
    this.resource = new CustomResource(this, 'Default', {
      resourceType,
      serviceToken: this.handler.function.functionArn,
      serviceTimeout: Duration.seconds(serviceTimeoutSeconds(this.handler.timeout)),
      removalPolicy: effectivePolicy(settings.removalPolicy),
      properties: { ...commonProperties(settings, binding), ...own },
    });
    // The function with its role, policies and invoke settings, and the binding with its policy, must exist until the
    // last Delete has run.
    this.resource.node.addDependency(this.handler.function, binding, ...(settings.dependencies ?? []));
    this.needs = new Set(settings.needs);
    this.node.addValidation({
      validate: () => {
        warnOfDeletedNeeds(this, this.resource, this.needs);
        return [];
      },
    });
    this.objectId = this.resource.getAttString(Attribute.ID);
    this.objectName = this.resource.getAttString(Attribute.NAME);
  }

  /** Adds resources that must exist before this registration is created and until it is deleted. */
  public dependOn(...dependencies: IDependable[]): void {
    this.resource.node.addDependency(...dependencies);
  }

  /** Adds resources that the object in ZenML needs. They must be retained if the object is. */
  public need(...constructs: IConstruct[]): void {
    for (const construct of constructs) { this.needs.add(construct); }
  }
}

/** The properties that every registration has, without those of CloudFormation. */
function commonProperties(
  settings: RegistrationSettings, binding: SecretBinding,
): Omit<CommonProperties, 'ServiceToken' | 'ServiceTimeout'> {
  return {
    ServerBinding: binding.parameterName,
    ServerUrl: settings.server.url,
    AdoptExisting: trueOrAbsent(settings.adoptExisting),
    DeleteAdopted: trueOrAbsent(settings.removalPolicy === RemovalPolicy.DESTROY),
    AbandonUnreachable: trueOrAbsent(settings.onUnreachableServer === UnreachableServerBehavior.ABANDON),
    DetachFromStacks: trueOrAbsent(settings.detachFromStacks),
    // The name of the property never changes, since templates of older versions have it.
    RefreshToken: settings.repairTrigger,
  };
}

/** A boolean as property: CloudFormation delivers only strings, and an absent property means false. */
export function trueOrAbsent(value: boolean | undefined): 'true' | undefined {
  return value ? 'true' : undefined;
}
