import { CustomResource, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Construct, IConstruct, IDependable } from 'constructs';
import { RegistrationHandler } from './registration-handler';
import { SecretBinding } from './secret-binding';
import { Attribute } from '../contract/attributes';
import { CommonProperties } from '../contract/properties';
import { ResourceTypeName } from '../contract/resource-types';
import { serviceTimeoutSeconds } from '../contract/timing';
import { effectivePolicy, warnOfLostNeeds } from '../private/fate';
import { refuseDynamicReference } from '../private/validation';
import { RegistrationOptions, UnreachableServerBehavior } from '../server/registration-options';
import type { ZenMLServer } from '../server/server';

/** What a kind of object adds to the properties that all share. */
export type OwnProperties<T extends CommonProperties> = Omit<T, keyof CommonProperties>;

export interface RegistrationSettings extends Partial<RegistrationOptions> {
  readonly server: ZenMLServer;
  /** What must be there before the registration runs, and until its Delete has run. */
  readonly dependencies?: readonly IDependable[];
  /** What the object in ZenML lives from, and so must stay where the object stays. */
  readonly needs?: readonly IConstruct[];
}

/** One object in ZenML, as a resource of the stack. */
export class Registration<T extends CommonProperties> extends Construct {
  public readonly objectId: string;
  public readonly objectName: string;
  public readonly handler: RegistrationHandler;
  private readonly resource: CustomResource;
  private readonly needs: Set<IConstruct>;

  public constructor(scope: Construct, id: string, resourceType: ResourceTypeName, settings: RegistrationSettings, own: OwnProperties<T>) {
    super(scope, id);
    const binding = SecretBinding.forServer(this, settings.server);
    this.handler = RegistrationHandler.for(this, settings.server);
    for (const [key, value] of Object.entries(own)) { refuseDynamicReference(key, value); }
    this.resource = new CustomResource(this, 'Default', {
      resourceType,
      serviceToken: this.handler.function.functionArn,
      serviceTimeout: Duration.seconds(serviceTimeoutSeconds(this.handler.timeout)),
      removalPolicy: effectivePolicy(settings.removalPolicy),
      properties: {
        ServerBinding: binding.parameterName,
        ServerUrl: settings.server.url,
        AdoptExisting: flag(settings.adoptExisting),
        DeleteAdopted: flag(settings.removalPolicy === RemovalPolicy.DESTROY),
        AbandonUnreachable: flag(settings.onUnreachableServer === UnreachableServerBehavior.ABANDON),
        DetachFromStacks: flag(settings.detachFromStacks),
        RefreshToken: settings.refreshToken,
        ...own,
      },
    });
    // The function with its role, policies and invoke settings, and the binding with its policy: all must outlive the last Delete.
    this.resource.node.addDependency(this.handler.function, binding, ...(settings.dependencies ?? []));
    this.needs = new Set(settings.needs);
    this.node.addValidation({
      validate: () => {
        warnOfLostNeeds(this, this.resource, this.needs);
        return [];
      },
    });
    this.objectId = this.resource.getAttString(Attribute.ID);
    this.objectName = this.resource.getAttString(Attribute.NAME);
  }

  /** What must be there before this registration runs, and until its Delete has run. */
  public dependOn(...dependencies: IDependable[]): void {
    this.resource.node.addDependency(...dependencies);
  }

  /** What the object in ZenML lives from, and so must stay where the object stays. */
  public need(...constructs: IConstruct[]): void {
    for (const construct of constructs) { this.needs.add(construct); }
  }
}

/** CloudFormation delivers texts only; an absent property says no. */
export function flag(value: boolean | undefined): 'true' | undefined {
  return value ? 'true' : undefined;
}
