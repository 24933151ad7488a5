import { Annotations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, IConstruct } from 'constructs';
import { awsConnector } from './aws-connector';
import { ComponentType } from './component-type';
import { ComputeConnectorOptions } from './compute-connector-options';
import { ConnectorResource } from './connector-resource';
import { IServiceConnector } from './service-connector';
import { IStackComponent, StackComponent } from './stack-component';
import { isDefinedInApp } from '../custom-resource/references';
import { explainStackDeletion } from '../custom-resource/stack-deletion';
import { grantStatements } from '../iam/grant-statements';
import { attachPolicy } from '../iam/role-policies';
import { acknowledgeWildcards } from '../private/acknowledge';
import { warnOfFrozenRole } from '../private/frozen-roles';
import { pickRegistrationOptions } from '../server/pick-registration-options';
import { RegistrationOptions } from '../server/registration-options';
import { ZenMLServer } from '../server/server';

/** What a kind of component is in ZenML, and what it needs in AWS. */
export interface AwsComponentSettings {
  readonly componentType: ComponentType;
  readonly flavor: string;
  readonly configuration: Record<string, unknown>;
  /**
   * What the connector gives access to.
   *
   * @default - any AWS service
   */
  readonly resource?: ConnectorResource;
  /** Region of the resource; by default that of the CloudFormation stack. */
  readonly region?: string;
  /** What the component does in AWS, as messages name it: `run pipelines`. */
  readonly purpose: string;
  /**
   * Values that identify what the rights are for. When one changes, a new policy exists before the old one is deleted.
   */
  readonly identity: readonly string[];
  readonly statements: iam.PolicyStatement[];
  readonly wildcardReason: string;
  /** Resources that the component needs in AWS. */
  readonly needs: readonly IConstruct[];
}

/** The options of a component that this class reads. */
type AwsComponentOptions = RegistrationOptions & ComputeConnectorOptions & { readonly stackComponentName?: string };

/**
 * What all components have that use AWS through a service connector whose role gets exactly their rights.
 *
 * @internal
 */
export abstract class AwsComponent extends Construct implements IStackComponent {
  /** The ZenML server that the component is registered with. */
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
  /** The service connector through which ZenML reaches AWS. */
  public readonly connector: IServiceConnector;
  /**
   * The role that the service connector assumes; undefined if it assumes none, or this app does not define the
   * connector.
   */
  public readonly accessRole?: iam.IRole;
  /**
   * The Lambda function that registers the component with the server, for alarms, subscriptions or tags. The
   * registrations of one CloudFormation stack share it.
   */
  public readonly registrationFunction: lambda.IFunction;

  /** @internal */
  public readonly _definedInApp = true;
  /** @internal */
  public readonly _explainsStackDeletion = true;

  private readonly component: StackComponent;

  protected constructor(
    scope: Construct, id: string, options: AwsComponentOptions, describe: (self: Construct) => AwsComponentSettings,
  ) {
    super(scope, id);
    const settings = describe(this);
    const { connector, accessRole } = awsConnector(this, options, settings.resource, settings.region);
    this.server = options.server;
    this.componentType = settings.componentType;
    this.connector = connector;
    this.accessRole = accessRole;
    this.component = new StackComponent(this, 'Component', {
      ...pickRegistrationOptions(options),
      stackComponentName: options.stackComponentName,
      componentType: settings.componentType,
      flavor: settings.flavor,
      configuration: settings.configuration,
      connector,
      connectorResourceId: settings.resource?.resourceId,
    });
    this.component._registration.need(...settings.needs);
    // What the component needs in AWS exists, with its rights, before the component does.
    this.component._registration.dependOn(...settings.needs);
    this.attachRights(settings, options);
    this.registrationFunction = this.component.registrationFunction;
    this.stackComponentId = this.component.stackComponentId;
    this.stackComponentName = this.component.stackComponentName;
    this.stackComponentNameOrId = this.stackComponentId;
    explainStackDeletion(this, this.component._registration, isDefinedInApp(connector));
  }

  /** @internal */
  public get _registration() {
    return this.component._registration;
  }

  /** @internal */
  public get _uses() {
    return this.component._uses;
  }

  /** @internal */
  public get _reference() {
    return this.component._reference;
  }

  /**
   * Grants what the component calls to the identity of a connector that this app does not define.
   *
   * @internal
   */
  protected _grantUse(grantee: iam.IGrantable, purpose: string, statements: iam.PolicyStatement[]): iam.Grant {
    return grantStatements(`the right to ${purpose}`, grantee, statements);
  }

  private attachRights(settings: AwsComponentSettings, { removalPolicy }: RegistrationOptions): void {
    const { purpose, identity, statements, wildcardReason } = settings;
    const actions = statements.flatMap((statement) => statement.actions).join(', ');
    if (!this.accessRole) {
      Annotations.of(this).addInfoV2(
        'cdk-zenml:rightsNotGranted',
        `the connector of ${this.node.path} assumes no role that this app `
          + `knows: its identity needs ${actions} to ${purpose}. Grant them with the method \`grant...\` of the component`,
      );
      return;
    }
    const policy = attachPolicy(this, 'Use', this.accessRole, identity, statements, removalPolicy);
    if (!policy) {
      warnOfFrozenRole(
        this,
        'cdk-zenml:frozenConnectorRole',
        'the role of the connector',
        `it gets no right to ${purpose}`,
        actions,
      );
      return;
    }
    acknowledgeWildcards(policy, statements, wildcardReason);
    this.component._registration.need(policy);
    // The rights exist before the component, so that the first run after the deploy has them.
    this.component._registration.dependOn(policy);
  }
}
