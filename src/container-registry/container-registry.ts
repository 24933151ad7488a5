import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { EcrContainerRegistryProps } from './container-registry-props';
import { prefixOf } from './create-on-push';
import { registryOutputs } from './outputs';
import { RegistryAuthentication } from './registry-authentication';
import { RepositoryRights } from './repository-rights';
import { isManaged } from '../custom-resource/references';
import { protectFromDeletion, tellOfStackDeletion } from '../custom-resource/stack-deletion';
import { PULL_ACTIONS, PULL_PUSH_ACTIONS } from '../ecr-repository/actions';
import { defineRepository } from '../ecr-repository/define-repository';
import { grantPull, grantPullPush } from '../ecr-repository/grants';
import { cfnRepositoryBehind, cfnRepositoryOf, checkZenmlHost, describeRepository, registryHost, repositoryEnvironment } from '../ecr-repository/registry-host';
import { RepositoryOptions } from '../ecr-repository/repository-options';
import { assertZenmlCanPush, assertZenmlCanPushTo, lifecycleWarnings, zenmlLifecycleWarnings } from '../ecr-repository/zenml-guards';
import { pullStatement } from '../iam/access-role';
import { giveRights } from '../iam/rights';
import { isKept } from '../private/fate';
import { requireFreeId } from '../private/ids';
import { areDifferent, isUnknown } from '../private/known';
import { ZenMLServer } from '../server';
import {
  ComponentType, IServiceConnector, IStackComponent, IZenMLStack, ServiceConnector, StackComponent, ZenMLStackAttachment,
} from '../zenml';

/**
 * An Amazon ECR registry that works as ZenML's container registry: private repositories, a role with exactly the rights that ZenML needs
 * on them, a service connector, and the container-registry component.
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
  /** Host of the registry, `<account>.dkr.ecr.<region>.amazonaws.com`: ZenML's `--uri`. */
  public readonly registryUri: string;
  /** The repository that ZenML pushes to by default. */
  public readonly defaultRepository: ecr.IRepository;
  /** Logs Docker in with one's own AWS credentials, for a shell. */
  public readonly dockerLoginCommand: string;
  /** The role that the service connector assumes; undefined where none does. */
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
  /** The Lambda function that registers the registry with the server, for alarms, subscriptions or tags. Registrations of one CloudFormation stack share it. */
  public readonly registrationFunction: lambda.IFunction;

  private readonly props: EcrContainerRegistryProps;
  private readonly component: StackComponent;
  private readonly rights: RepositoryRights;
  private readonly registered: ecr.IRepository[] = [];
  private readonly grants: ((repository: ecr.IRepository) => iam.Grant)[] = [];

  /**
   * @throws when a name, label or repository setting breaks its rule, the default repository is not among the repositories, these are in
   * different accounts or Regions, or ZenML cannot use the registry's host
   */
  public constructor(scope: Construct, id: string, props: EcrContainerRegistryProps) {
    super(scope, id);
    this.props = props;
    this.server = props.server;
    assertZenmlCanPush(props.repositoryDefaults ?? {}, '`repositoryDefaults`');

    const made = this.makeRepositories(props);
    const all = [...props.repositories ?? [], ...made];
    this.defaultRepository = this.chooseDefault(props, all);
    const { region, account } = repositoryEnvironment(this.defaultRepository);
    checkZenmlHost(this, region);
    this.registryUri = registryHost(this.defaultRepository, this);
    this.dockerLoginCommand = `aws ecr get-login-password --region ${region} | docker login --username AWS --password-stdin ${this.registryUri}`;

    const { repositoryTemplate, repositoryPrefix } = props;
    const createOnPush = repositoryTemplate !== undefined;
    const prefix = repositoryTemplate ? prefixOf(repositoryTemplate, { region, account, repositoryPrefix }) : repositoryPrefix;
    const authenticated = (props.authentication ?? RegistryAuthentication.connector())._bind(this, {
      registration: props, serviceConnectorName: props.serviceConnectorName, registryUri: this.registryUri, region, account, createOnPush,
    });
    const madeHere = (authenticated.connector as Partial<ServiceConnector> | undefined)?.serviceConnectorName !== undefined;
    if (props.serviceConnectorName !== undefined && !madeHere) {
      throw new Error('`serviceConnectorName` names the connector that is made here, but `authentication` makes none: leave one of them out');
    }
    this.connector = authenticated.connector;
    this.accessRole = authenticated.accessRole;
    this.rights = new RepositoryRights(this, { region, account, prefix, createOnPush, removalPolicy: props.removalPolicy });
    const rights = this.accessRole && this.rights.giveTo(this.accessRole);

    this.component = new StackComponent(this, 'Component', {
      ...props,
      componentType: ComponentType.CONTAINER_REGISTRY,
      flavor: 'aws',
      configuration: { uri: this.registryUri, default_repository: this.defaultRepository.repositoryName },
      connector: this.connector,
      connectorResourceId: this.connector && this.registryUri,
    });
    if (rights) { this.component._registration.need(rights); }
    this.registrationFunction = this.component.registrationFunction;
    this.stackComponentId = this.component.stackComponentId;
    this.stackComponentName = this.component.stackComponentName;
    this.stackComponentNameOrId = this.stackComponentId;

    for (const repository of all) { this.register(repository); }
    if (props.pullFrom?.length) { this.allowParentImages(props.pullFrom); }
    if (props.zenmlStack) { this.attachToStack('Attachment', props.zenmlStack); }
    if (props.outputs ?? true) { registryOutputs(this); }
    if (props.terminationProtection) { protectFromDeletion(this); }
    tellOfStackDeletion(this, this.component._registration,
      this.connector && isManaged(this.connector) ? 'the role, user, key and function that it needs, so that it no longer works in their stacks' : 'the function, so that a second delete fails');
    this.node.addValidation({ validate: () => this.checkAtSynth() });
  }

  /** The repositories of the registry, in the order in which they came. */
  public get repositories(): ecr.IRepository[] {
    return [...this.registered];
  }

  /** URIs of the repositories, in the order of `repositories`. */
  public get repositoryUris(): string[] {
    return this.registered.map((repository) => this.uriOf(repository));
  }

  /**
   * Adds a repository that ZenML may push to. A pipeline names it in `DockerSettings.target_repository`.
   *
   * @param id construct id; also the repository's name, unless the options give one
   * @throws when the name or a setting breaks ECR's rules, or ZenML could not push to it
   */
  public addRepository(id: string, options: RepositoryOptions = {}): ecr.Repository {
    const settings = { ...this.props.repositoryDefaults, ...options };
    assertZenmlCanPush(settings, `repository "${options.repositoryName ?? id}"`);
    requireFreeId(this, id, `the repository "${options.repositoryName ?? id}"`, 'give another id, and the name as `repositoryName`');
    const repository = defineRepository(this, id, options.repositoryName ?? id, settings);
    this.register(repository);
    return repository;
  }

  /**
   * Puts the registry into a ZenML stack that this app does not make (`zenml stack update -c`). For a stack that it makes, list the
   * registry among its `components`.
   *
   * @throws when this app makes the stack, or it is registered with another server
   */
  public attachToStack(id: string, zenmlStack: IZenMLStack): ZenMLStackAttachment {
    requireFreeId(this, id, 'the attachment', 'give another id');
    return new ZenMLStackAttachment(this, id, {
      zenmlStack,
      component: this,
      // What stays in ZenML stays in its stacks.
      removalPolicy: isKept(this.props.removalPolicy) ? this.props.removalPolicy : undefined,
      onUnreachableServer: this.props.onUnreachableServer,
      refreshToken: this.props.refreshToken,
      outputs: this.props.outputs,
    });
  }

  /**
   * Lets an identity pull from all repositories of the registry, also from those that come later: what runs the pipelines (SageMaker, EKS).
   *
   * @throws when the grant would have no effect
   */
  public grantPull(grantee: iam.IGrantable): iam.Grant {
    return this.grantOnAll((repository) => grantPull(repository, grantee));
  }

  /**
   * Lets an identity pull from and push to all repositories of the registry, also those that come later: what builds images (CodeBuild).
   *
   * @throws when the grant would have no effect
   */
  public grantPullPush(grantee: iam.IGrantable): iam.Grant {
    return this.grantOnAll((repository) => grantPullPush(repository, grantee));
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

  /** @internal */
  public get _tellsOfStackDeletion() {
    return true;
  }

  /** @internal */
  public get _managed() {
    return true;
  }

  private makeRepositories(props: EcrContainerRegistryProps): ecr.IRepository[] {
    const names = props.repositoryNames ?? [];
    // The stand-ins of look-ups may become ids: this synthesis is not deployed.
    if (Token.isUnresolved(names) || names.some((name) => Token.isUnresolved(name))) {
      throw new Error('`repositoryNames` become construct ids, so they must be known at synth, got a token: make the repositories yourself '
        + '(PrivateRepository with `repositoryName`) and give them as `repositories`');
    }
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) { throw new Error(`\`repositoryNames\` must not name a repository twice, got: "${twice}"`); }
    if (names.length > 0) {
      return names.map((name) => {
        requireFreeId(this, name, `\`repositoryNames\`: "${name}"`, 'make it with addRepository(<another id>, { repositoryName })');
        return defineRepository(this, name, name, props.repositoryDefaults);
      });
    }
    return props.repositories?.length ? [] : [defineRepository(this, 'Repository', undefined, props.repositoryDefaults)];
  }

  private chooseDefault(props: EcrContainerRegistryProps, all: ecr.IRepository[]): ecr.IRepository {
    const wanted = props.defaultRepository;
    if (!wanted) { return all[0]!; }
    if (!all.some((repository) => repository === wanted || repository.repositoryArn === wanted.repositoryArn)) {
      throw new Error(`\`defaultRepository\` must be one of the registry's repositories (${all.map(describeRepository).join(', ')}), `
        + `got: ${describeRepository(wanted)}; add it to \`repositories\``);
    }
    return wanted;
  }

  private register(repository: ecr.IRepository): void {
    const ours = repositoryEnvironment(this.defaultRepository);
    const other = repositoryEnvironment(repository);
    for (const key of ['account', 'region'] as const) {
      if (!isUnknown(ours[key]) && !isUnknown(other[key]) && ours[key] !== other[key]) {
        throw new Error(`the repositories of a registry must be in one account and Region, got: ${describeRepository(repository)} in ${other.account}/${other.region} `
          + `beside ${describeRepository(this.defaultRepository)} in ${ours.account}/${ours.region}; make a registry for each`);
      }
    }
    const name = nameOf(repository);
    if (this.registered.some((known) => known === repository || (name !== undefined && nameOf(known) === name))) {
      throw new Error(`a registry must not hold a repository twice, got: ${name ?? describeRepository(repository)}`);
    }
    assertZenmlCanPushTo(repository);
    this.warnOfOtherAccount(repository, PULL_PUSH_ACTIONS, 'pullPush');
    this.registered.push(repository);
    this.rights.cover(repository);
    this.component._registration.need(repository);
    if (!cfnRepositoryOf(repository)) { this.requireAtDeploy(repository); }
    for (const grant of this.grants) { grant(repository); }
  }

  /** A referenced repository must exist, and AWS must name the same host: the handler asks before the component is registered. */
  private requireAtDeploy(repository: ecr.IRepository): void {
    const { account, region } = repositoryEnvironment(repository);
    // Asking about another account's repository takes rights that a policy for pushes does not give.
    if (account !== Stack.of(this).account) { return; }
    this.component._requireRepository({ Name: repository.repositoryName, RegistryId: account, Region: region }, this.rights.arnOf(repository));
  }

  /** ZenML's check of a connector does not notice a missing right to push, so nobody else would tell. */
  private warnOfOtherAccount(repository: ecr.IRepository, actions: string[], access: string): void {
    const { account } = repositoryEnvironment(repository);
    if (!this.accessRole || !areDifferent(account, Stack.of(this).account)) { return; }
    Annotations.of(this).addWarningV2(`cdk-zenml:crossAccountRepository:${describeRepository(repository)}`, `repository ${describeRepository(repository)} belongs to account `
      + `${account}: its policy must let the access role ${actions.join(', ')} (\`access.${access}\` of PrivateRepository, in the stack that makes it)`);
  }

  private allowParentImages(repositories: ecr.IRepository[]): void {
    if (!this.accessRole) { return; }
    for (const repository of repositories) { this.warnOfOtherAccount(repository, PULL_ACTIONS, 'pull'); }
    const rights = giveRights(this, 'ParentImages', this.accessRole, [], [pullStatement(repositories.map((repository) => repository.repositoryArn))], this.props.removalPolicy);
    if (rights) { this.component._registration.need(rights, ...repositories); }
  }

  private grantOnAll(grant: (repository: ecr.IRepository) => iam.Grant): iam.Grant {
    this.grants.push(grant);
    return this.registered.map(grant).reduce((all, one) => all.combine(one));
  }

  private uriOf(repository: ecr.IRepository): string {
    return `${this.registryUri}/${repository.repositoryName}`;
  }

  private checkAtSynth(): string[] {
    const { repositoryTemplate } = this.props;
    if (repositoryTemplate) {
      const id = `cdk-zenml:lifecycle:${repositoryTemplate.node.path}`;
      for (const warning of lifecycleWarnings(repositoryTemplate._lifecyclePolicy, `repositories of the template for "${repositoryTemplate.prefix}"`)) { Annotations.of(this).addWarningV2(id, warning); }
    }
    for (const repository of this.registered) {
      for (const warning of zenmlLifecycleWarnings(repository)) { Annotations.of(this).addWarningV2(`cdk-zenml:lifecycle:${repository.node.path}`, warning); }
    }
    return this.rights.problems();
  }
}

/** The literal name, if there is one. */
function nameOf(repository: ecr.IRepository): string | undefined {
  const name = cfnRepositoryBehind(repository)?.repositoryName ?? repository.repositoryName;
  return isUnknown(name) ? undefined : name;
}
