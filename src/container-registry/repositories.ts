import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { EcrContainerRegistryProps } from './container-registry-props';
import { prefixOf } from './create-on-push';
import { RepositoryPreflight } from './repository-preflight';
import { RepositoryRights } from './repository-rights';
import { MAX_PROVED_REPOSITORIES } from '../contract/properties';
import { trueOrAbsent } from '../custom-resource/registration';
import { PULL_ACTIONS, PULL_PUSH_ACTIONS } from '../ecr-repository/actions';
import { defineRepository } from '../ecr-repository/define-repository';
import {
  cfnRepositoryOf, describeRepository, knownRepositoryName, registryHost, repositoryEnvironment, requireZenmlRegion,
} from '../ecr-repository/registry-host';
import { RegistryEnvironment } from '../ecr-repository/repository-arns';
import { RepositoryGrants } from '../ecr-repository/repository-grants';
import { RepositoryOptions } from '../ecr-repository/repository-options';
import {
  lifecycleWarnings, requireZenmlCanPushTo, validateZenmlCanPush, zenmlLifecycleWarnings,
} from '../ecr-repository/zenml-guards';
import { pullStatement } from '../iam/access-role';
import { attachPolicy } from '../iam/role-policies';
import { requireFreeId } from '../private/ids';
import { areKnownToDiffer, isUnknown } from '../private/known';
import { synthError } from '../private/synth-error';
import { invalidProp, quoted } from '../private/validation';
import { StackComponent } from '../zenml';

/** The props of a registry that concern its repositories. */
type RepositoriesProps = Pick<EcrContainerRegistryProps,
  'defaultRepository' | 'pullFrom' | 'removalPolicy' | 'repositories' | 'repositoryDefaults' | 'repositoryNames'
  | 'repositoryPrefix' | 'repositoryTemplate'
>;

/** Grants something on one repository. */
type Grant = (grants: RepositoryGrants) => iam.Grant;

/**
 * The repositories of one container registry. Defines them, checks that ZenML can use them together, and gives rights
 * on them to the access role and to the grantees of the registry, including rights on repositories that are added
 * later.
 */
export class RegistryRepositories {
  /** Account and Region of the registry. */
  public readonly environment: RegistryEnvironment;
  /** Host of the registry. */
  public readonly registryUri: string;
  /** The repository that ZenML pushes to by default. */
  public readonly defaultRepository: ecr.IRepository;
  /** Whether a push to a new name creates a repository. */
  public readonly createOnPush: boolean;

  private readonly initial: ecr.IRepository[];
  private readonly registered: ecr.IRepository[] = [];
  /** The registered repositories and their known names. */
  private readonly registeredKeys = new Set<ecr.IRepository | string>();
  private readonly grants: Grant[] = [];
  private readonly rights: RepositoryRights;
  private component?: StackComponent;
  private preflight?: RepositoryPreflight;
  private accessRole?: iam.IRole;
  private accessPolicy?: iam.Policy;
  private provesAccess = false;

  public constructor(private readonly scope: Construct, private readonly props: RepositoriesProps) {
    validateZenmlCanPush(props.repositoryDefaults ?? {}, '`repositoryDefaults`');
    this.initial = [...props.repositories ?? [], ...this.defineNamed()];
    this.defaultRepository = this.chooseDefault();
    this.environment = repositoryEnvironment(this.defaultRepository);
    requireZenmlRegion(scope, this.environment.region);
    this.registryUri = registryHost(this.defaultRepository, scope);
    this.createOnPush = props.repositoryTemplate !== undefined;
    const { removalPolicy, repositoryPrefix, repositoryTemplate } = props;
    this.rights = new RepositoryRights(scope, {
      ...this.environment,
      prefix: repositoryTemplate ? prefixOf(repositoryTemplate, this.environment, repositoryPrefix) : repositoryPrefix,
      createOnPush: this.createOnPush,
      removalPolicy,
    });
  }

  /** The registered repositories, in the order of their registration. */
  public get all(): ecr.IRepository[] {
    return [...this.registered];
  }

  /** Grants the access role to push to and pull from all repositories. */
  public grantAccessRole(role: iam.IRole): void {
    this.accessRole = role;
    this.accessPolicy = this.rights.grantTo(role);
  }

  /**
   * Registers the initial repositories with the stack component, and grants the access role to pull parent images.
   *
   * @param provesAccess whether a deploy proves push and pull, which needs the rights of the access role
   */
  public registerWith(component: StackComponent, provesAccess: boolean): void {
    this.component = component;
    this.provesAccess = provesAccess;
    if (this.accessPolicy) { component._registration.need(this.accessPolicy); }
    if (this.accessPolicy && provesAccess) { component._registration.dependOn(this.accessPolicy); }
    this.preflight = new RepositoryPreflight(component);
    for (const repository of this.initial) { this.register(repository); }
    if (this.props.pullFrom?.length) { this.allowParentImages(this.props.pullFrom); }
  }

  /** Defines a repository and registers it. */
  public add(id: string, options: RepositoryOptions): ecr.Repository {
    const name = options.repositoryName ?? id;
    const settings = { ...this.props.repositoryDefaults, ...options };
    validateZenmlCanPush(settings, `repository "${name}"`);
    requireFreeId(this.scope, id, `repository "${name}"`, 'choose another id, and set the name as `repositoryName`');
    const repository = defineRepository(this.scope, id, name, settings);
    this.register(repository);
    return repository;
  }

  /** Grants something on all repositories, including those that are added later. */
  public grantOnAll(grant: Grant): iam.Grant {
    this.grants.push(grant);
    return this.registered
      .map((repository) => grant(RepositoryGrants.fromRepository(repository)))
      .reduce((all, one) => all.combine(one));
  }

  /** Adds warnings about lifecycle rules, and returns what is wrong, once all repositories are known. */
  public validate(): string[] {
    this.explainUnproved();
    const { repositoryTemplate } = this.props;
    if (repositoryTemplate) {
      const subject = `repositories of the template for "${repositoryTemplate.prefix}"`;
      this.warnOfLifecycle(repositoryTemplate, lifecycleWarnings(repositoryTemplate._lifecyclePolicy, subject));
    }
    for (const repository of this.registered) { this.warnOfLifecycle(repository, zenmlLifecycleWarnings(repository)); }
    return this.rights.problems();
  }

  private defineNamed(): ecr.IRepository[] {
    const { repositories, repositoryDefaults } = this.props;
    const names = this.props.repositoryNames ?? [];
    // Placeholders of context look-ups may become construct ids, because the result of such a synthesis is not
    // deployed.
    if (Token.isUnresolved(names) || names.some((name) => Token.isUnresolved(name))) {
      throw synthError(
        'CZ103',
        '`repositoryNames` must be known at synth, because they become construct ids, got: a token: '
          + 'define a PrivateRepository with `repositoryName` and pass it as `repositories`',
      );
    }
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw invalidProp('repositoryNames', 'must not name a repository twice', twice, 'remove one of the two');
    }
    if (names.length === 0) {
      return repositories?.length ? [] : [defineRepository(this.scope, 'Repository', undefined, repositoryDefaults)];
    }
    return names.map((name) => {
      requireFreeId(
        this.scope,
        name,
        `\`repositoryNames\`: ${quoted(name)}`,
        'use addRepository(<another id>, { repositoryName })',
      );
      return defineRepository(this.scope, name, name, repositoryDefaults);
    });
  }

  private chooseDefault(): ecr.IRepository {
    const wanted = this.props.defaultRepository;
    if (!wanted) { return this.initial[0]!; }
    if (this.initial.some(({ repositoryArn }) => repositoryArn === wanted.repositoryArn)) { return wanted; }
    const names = this.initial.map(describeRepository).join(', ');
    throw invalidProp(
      'defaultRepository',
      `must be one of the registry's repositories (${names})`,
      describeRepository(wanted),
      'add it to `repositories`',
    );
  }

  private register(repository: ecr.IRepository): void {
    this.requireSameRegistry(repository);
    this.claim(repository);
    requireZenmlCanPushTo(repository);
    this.warnOfOtherAccount(repository, PULL_PUSH_ACTIONS, 'pullPush');
    this.registered.push(repository);
    this.rights.add(repository);
    this.component!._registration.need(repository);
    if (!cfnRepositoryOf(repository)) { this.requireAtDeploy(repository); }
    if (this.provesAccess && this.registered.length <= MAX_PROVED_REPOSITORIES) {
      this.component!._proveRepository({
        Name: repository.repositoryName, MayBeMissing: trueOrAbsent(this.createOnPush),
      });
    }
    for (const grant of this.grants) { grant(RepositoryGrants.fromRepository(repository)); }
  }

  private explainUnproved(): void {
    if (!this.provesAccess || this.registered.length <= MAX_PROVED_REPOSITORIES) { return; }
    Annotations.of(this.scope).addInfoV2('cdk-zenml:accessNotProvedForAll', 'a deploy proves push and pull for the '
      + `first ${MAX_PROVED_REPOSITORIES} of ${this.registered.length} repositories: define several registries to `
      + 'prove more');
  }

  private requireSameRegistry(repository: ecr.IRepository): void {
    const other = repositoryEnvironment(repository);
    for (const key of ['account', 'region'] as const) {
      const [known, otherKnown] = [this.environment[key], other[key]];
      if (isUnknown(known) || isUnknown(otherKnown) || known === otherKnown) { continue; }
      throw synthError(
        'CZ110',
        '`repositories` must be in one account and Region, '
          + `got: ${describeRepository(repository)} in ${other.account}/${other.region} and ${describeRepository(this.defaultRepository)} in `
          + `${this.environment.account}/${this.environment.region}: define one registry per account and Region`,
      );
    }
  }

  /** Records the repository. Throws when the registry contains it already. */
  private claim(repository: ecr.IRepository): void {
    const name = knownRepositoryName(repository);
    const keys = name === undefined ? [repository] : [repository, name];
    if (keys.some((key) => this.registeredKeys.has(key))) {
      const shown = quoted(name ?? describeRepository(repository));
      throw synthError('CZ104', `a registry must not contain a repository twice, got: ${shown}: remove one of the two`);
    }
    for (const key of keys) { this.registeredKeys.add(key); }
  }

  /** An imported repository must exist in the registry. The handler checks that before it registers the component. */
  private requireAtDeploy(repository: ecr.IRepository): void {
    const { account, region } = repositoryEnvironment(repository);
    // Reading a repository of another account needs rights that a policy for pushes does not grant.
    if (account !== Stack.of(this.scope).account) { return; }
    const reference = { Name: repository.repositoryName, RegistryId: account, Region: region };
    this.preflight!.require(reference, this.rights.resourceFor(repository));
  }

  /** Warns at synth, because only a deploy with `proveAccess` reports a missing right to push. */
  private warnOfOtherAccount(repository: ecr.IRepository, actions: string[], access: string): void {
    const { account } = repositoryEnvironment(repository);
    if (!this.accessRole || !areKnownToDiffer(account, Stack.of(this.scope).account)) { return; }
    const name = describeRepository(repository);
    Annotations.of(this.scope).addWarningV2(`cdk-zenml:crossAccountRepository:${name}`, `repository ${name} belongs to `
      + `account ${account}: its policy must allow the access role ${actions.join(', ')} (\`access.${access}\` of `
      + 'PrivateRepository, in the stack that defines the repository)');
  }

  private allowParentImages(repositories: ecr.IRepository[]): void {
    if (!this.accessRole) { return; }
    for (const repository of repositories) { this.warnOfOtherAccount(repository, PULL_ACTIONS, 'pull'); }
    const statement = pullStatement(repositories.map((repository) => repository.repositoryArn));
    const policy = attachPolicy(this.scope, 'ParentImages', this.accessRole, [], [statement], this.props.removalPolicy);
    if (policy) { this.component!._registration.need(policy, ...repositories); }
  }

  private warnOfLifecycle(source: Construct | ecr.IRepository, warnings: string[]): void {
    for (const warning of warnings) {
      Annotations.of(this.scope).addWarningV2(`cdk-zenml:lifecycle:${source.node.path}`, warning);
    }
  }
}
