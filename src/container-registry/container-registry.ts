import { Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { EcrContainerRegistryProps } from './container-registry-props';
import type { RegistryHealthCheck } from './health-check';
import { RegistryHealthCheckOptions } from './health-check-options';
import { registryOutputs } from './outputs';
import { provesAccess } from './proof-of-access';
import { RegistryAuthentication } from './registry-authentication';
import { RegistryRepositories } from './repositories';
import { isDefinedInApp, referenceTo } from '../custom-resource/references';
import { explainStackDeletion, protectFromDeletion } from '../custom-resource/stack-deletion';
import { dockerLoginCommand, repositoryUri } from '../ecr-repository/registry-host';
import { RepositoryOptions } from '../ecr-repository/repository-options';
import { requireFreeId } from '../private/ids';
import { isRetained } from '../private/removal';
import { ZenMLServer } from '../server';
import { pickRegistrationOptions } from '../server/pick-registration-options';
import {
  ComponentType,
  IServiceConnector,
  IStackComponent,
  IZenMLStack,
  ServiceConnector,
  StackComponent,
  ZenMLStack,
  ZenMLStackAttachment,
} from '../zenml';

/**
 * An Amazon ECR registry that is ready to use as ZenML's container registry: private repositories, a role with exactly
 * the rights that ZenML needs on them, a service connector, and the container registry component.
 *
 * @see https://docs.zenml.io/stacks/container-registries/aws
 *
 * @example
 * declare const server: ZenMLServer;
 * declare const codebuildRole: iam.IRole;
 *
 * const registry = new EcrContainerRegistry(this, 'Registry', {
 *   server: server,
 *   repositoryNames: ['zenml'],
 *   zenmlStack: ZenMLStack.fromZenmlStackName(this, 'Production', server, 'production'),
 * });
 * registry.grantPullPush(codebuildRole);
 */
export class EcrContainerRegistry extends Construct implements IStackComponent {
  /** Host of the registry, `<account>.dkr.ecr.<region>.amazonaws.com`: the `--uri` of ZenML's container registry. */
  public readonly registryUri: string;
  /** The repository that ZenML pushes to by default. */
  public readonly defaultRepository: ecr.IRepository;
  /** Shell command that logs Docker in to the registry with the caller's AWS credentials. */
  public readonly dockerLoginCommand: string;
  /** The role that the service connector assumes; undefined if it assumes none. */
  public readonly accessRole?: iam.IRole;
  /** The service connector of the registry; undefined with `RegistryAuthentication.localDocker()`. */
  public readonly connector?: IServiceConnector;
  /** The ZenML server that the registry is registered with. */
  public readonly server: ZenMLServer;
  /** Type of the stack component: always a container registry. */
  public readonly componentType: ComponentType = ComponentType.CONTAINER_REGISTRY;
  /** UUID of the container registry in ZenML. */
  public readonly stackComponentNameOrId: string;
  /**
   * UUID of the container registry in ZenML.
   *
   * @attribute
   */
  public readonly stackComponentId: string;
  /**
   * Name of the container registry in ZenML.
   *
   * @attribute
   */
  public readonly stackComponentName: string;
  /**
   * The Lambda function that registers the container registry with the server, for alarms, subscriptions or tags. The
   * registrations of one CloudFormation stack share it.
   */
  public readonly registrationFunction: lambda.IFunction;

  /** @internal */
  public readonly _definedInApp = true;
  /** @internal */
  public readonly _explainsStackDeletion = true;

  private readonly props: EcrContainerRegistryProps;
  private readonly component: StackComponent;
  private readonly registryRepositories: RegistryRepositories;

  /**
   * @throws when a name, label or repository setting is invalid, the default repository is not among the repositories,
   * the repositories are in different accounts or Regions, or ZenML cannot use the registry's host
   */
  public constructor(scope: Construct, id: string, props: EcrContainerRegistryProps) {
    super(scope, id);
    this.props = props;
    this.server = props.server;
    this.registryRepositories = new RegistryRepositories(this, props);
    const { defaultRepository, environment, registryUri, createOnPush } = this.registryRepositories;
    this.defaultRepository = defaultRepository;
    this.registryUri = registryUri;
    this.dockerLoginCommand = dockerLoginCommand(registryUri, environment.region);

    const { connector, accessRole } = (props.authentication ?? RegistryAuthentication.connector())._bind(this, {
      registration: props, serviceConnectorName: props.serviceConnectorName, registryUri, ...environment, createOnPush,
    });
    this.connector = connector;
    this.accessRole = accessRole;
    if (accessRole) { this.registryRepositories.grantAccessRole(accessRole); }
    this.component = this.defineComponent();
    this.registrationFunction = this.component.registrationFunction;
    this.stackComponentId = this.component.stackComponentId;
    this.stackComponentName = this.component.stackComponentName;
    this.stackComponentNameOrId = this.stackComponentId;
    this.registryRepositories.registerWith(this.component, provesAccess(this, props, connector !== undefined));
    if (props.zenmlStack) { this.attachToStack('Attachment', props.zenmlStack); }
    if (props.outputs ?? true) { registryOutputs(this); }
    if (props.terminationProtection) { protectFromDeletion(this); }
    explainStackDeletion(this, this.component._registration, connector !== undefined && isDefinedInApp(connector));
    this.node.addValidation({ validate: () => this.registryRepositories.validate() });
  }

  /** The repositories of the registry, in the order in which they were added. */
  public get repositories(): ecr.IRepository[] {
    return this.registryRepositories.all;
  }

  /** URIs of the repositories, in the order of `repositories`. */
  public get repositoryUris(): string[] {
    return this.repositories.map((repository) => repositoryUri(this.registryUri, repository));
  }

  /**
   * Adds a repository that ZenML may push to. A pipeline selects it by `DockerSettings.target_repository`.
   *
   * @param id construct id; also the name of the repository, unless the options have a name
   * @throws when the name or a setting is invalid, or ZenML could not push to the repository
   */
  public addRepository(id: string, options: RepositoryOptions = {}): ecr.Repository {
    return this.registryRepositories.add(id, options);
  }

  /**
   * Attaches the registry to a ZenML stack that this app does not define (`zenml stack update -c`). For a ZenML stack
   * that this app defines, add the registry to its `components` instead.
   *
   * @throws when this app defines the ZenML stack, or the ZenML stack is registered with another server
   */
  public attachToStack(id: string, zenmlStack: IZenMLStack): ZenMLStackAttachment {
    requireFreeId(this, id, 'the attachment', 'choose another id');
    return new ZenMLStackAttachment(this, id, {
      zenmlStack,
      component: this,
      // A registry that is retained in ZenML stays in its ZenML stacks.
      removalPolicy: isRetained(this.props.removalPolicy) ? this.props.removalPolicy : undefined,
      onUnreachableServer: this.props.onUnreachableServer,
      repairTrigger: this.props.repairTrigger,
      outputs: this.props.outputs,
    });
  }

  /**
   * Checks on a schedule that the registry still works as it was deployed, and reports by metrics and one log line. The
   * check changes nothing. To repair what it finds, deploy with another `repairTrigger`.
   *
   * @throws when the registry has a health check already, or an option is invalid
   */
  public scheduleHealthCheck(options?: RegistryHealthCheckOptions): RegistryHealthCheck {
    requireFreeId(
      this,
      'HealthCheck',
      'the health check',
      'a registry has one health check: keep the object that the first call returned',
    );
    // Loaded here, so that apps without a health check do not load aws-events and aws-cloudwatch.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { RegistryHealthCheck: HealthCheck } = require('./health-check') as typeof import('./health-check');
    return HealthCheck._of(
      this,
      'HealthCheck',
      { server: this.server, describe: () => this.describeForHealthCheck() },
      options,
    );
  }

  /**
   * Grants an identity to pull from all repositories of the registry, including those that are added later: for
   * identities that run pipelines (SageMaker, EKS).
   *
   * @throws when the grant would have no effect
   */
  public grantPull(grantee: iam.IGrantable): iam.Grant {
    return this.registryRepositories.grantOnAll((grants) => grants.pull(grantee));
  }

  /**
   * Grants an identity to pull from and push to all repositories of the registry, including those that are added later:
   * for identities that build images (CodeBuild).
   *
   * @throws when the grant would have no effect
   */
  public grantPullPush(grantee: iam.IGrantable): iam.Grant {
    return this.registryRepositories.grantOnAll((grants) => grants.pullPush(grantee));
  }

  /** @internal */
  public get _registration() {
    return this.component._registration;
  }

  /** @internal account and Region of the repositories */
  public get _environment() {
    return this.registryRepositories.environment;
  }

  /** @internal repositories with parent images of builds */
  public get _parentImages(): readonly ecr.IRepository[] {
    return this.props.pullFrom ?? [];
  }

  /** @internal */
  public get _uses() {
    return this.component._uses;
  }

  /** @internal */
  public get _reference() {
    return this.component._reference;
  }

  /** What was deployed: the ZenML stacks are those of the same CloudFormation stack. */
  private describeForHealthCheck() {
    const siblings = Stack.of(this).node.findAll().filter((node) => Stack.of(node) === Stack.of(this));
    const stacks = siblings.filter((node) => node instanceof ZenMLStack).filter((stack) => stack._contains(this));
    const attachments = siblings
      .filter((node) => node instanceof ZenMLStackAttachment)
      .filter((attachment) => attachment._component === this);
    return {
      component: { id: this.stackComponentId, configuration: this.configuration },
      connector: this.connector && {
        ...referenceTo(this.connector, this.connector.serviceConnectorNameOrId),
        Deployed: (this.connector as Partial<ServiceConnector>)._deployed,
      },
      repositories: this.component._provedRepositories,
      stacks: [
        ...stacks.map((stack) => stack.zenmlStackId),
        ...attachments.map((attachment) => attachment._zenmlStackId),
      ],
    };
  }

  private get configuration(): Record<string, string> {
    return { uri: this.registryUri, default_repository: this.defaultRepository.repositoryName };
  }

  private defineComponent(): StackComponent {
    return new StackComponent(this, 'Component', {
      ...pickRegistrationOptions(this.props),
      stackComponentName: this.props.stackComponentName,
      componentType: this.componentType,
      flavor: 'aws',
      configuration: this.configuration,
      connector: this.connector,
      connectorResourceId: this.connector && this.registryUri,
    });
  }
}
