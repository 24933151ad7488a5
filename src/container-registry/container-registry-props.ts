import * as ecr from 'aws-cdk-lib/aws-ecr';
import { RegistryAuthentication } from './registry-authentication';
import { RepositoryCreationTemplate } from '../ecr-registry/repository-creation-template';
import { RepositoryDefaults } from '../ecr-repository/repository-options';
import { RegistrationOptions } from '../server';
import { IZenMLStack } from '../zenml';

/** Properties of `EcrContainerRegistry`. */
export interface EcrContainerRegistryProps extends RegistrationOptions {
  /**
   * Name of the container registry in ZenML, unique among container registries, at most 255 characters. With an explicit name, moving
   * to another registry host (account, Region) needs a new name as well.
   *
   * @default - the construct's path and six hex digits
   */
  readonly stackComponentName?: string;
  /**
   * Name of the registry's service connector in ZenML, at most 240 characters. A connector of that name must not exist yet: connectors are
   * never taken over, also not with `adoptExisting`.
   *
   * @default - the construct's path and six hex digits
   */
  readonly serviceConnectorName?: string;
  /**
   * Repositories that exist, or that the app makes elsewhere. All of a registry are in one account and Region.
   *
   * @default - none beside those of `repositoryNames`
   */
  readonly repositories?: ecr.IRepository[];
  /**
   * Names of repositories to make. ZenML pushes to the default one, or to what a pipeline's `DockerSettings.target_repository` names; ECR
   * makes none by itself.
   *
   * @default - one, with a name that CloudFormation makes up, if no `repositories` are given
   */
  readonly repositoryNames?: string[];
  /**
   * Settings of the repositories that are made here.
   *
   * @default - scanned on push, encrypted, retained, nothing expires, tags may move
   */
  readonly repositoryDefaults?: RepositoryDefaults;
  /**
   * A common start of all repository names, `team-a/`: ZenML's rights then cover all repositories under it, also ones that are made
   * later by others. Needed beyond 100 repositories.
   *
   * @default - the prefix of `repositoryTemplate`, else rights on exactly the repositories
   */
  readonly repositoryPrefix?: string;
  /**
   * Makes the repositories that pipelines name (`DockerSettings.target_repository`) at the first push to them, without a deployment. ZenML
   * may then push to and pull from all repositories under the template's prefix, and create them. They belong to no CloudFormation stack.
   *
   * @default - ECR makes no repository by itself
   */
  readonly repositoryTemplate?: RepositoryCreationTemplate;
  /**
   * The repository that ZenML pushes to unless a pipeline says otherwise; one of the registry's.
   *
   * @default - the first of `repositories`, else the first of `repositoryNames`
   */
  readonly defaultRepository?: ecr.IRepository;
  /**
   * Repositories with parent images that builds start from: ZenML may pull from them.
   *
   * @default - none
   */
  readonly pullFrom?: ecr.IRepository[];
  /**
   * How ZenML and its users log in to the registry.
   *
   * @default RegistryAuthentication.connector()
   */
  readonly authentication?: RegistryAuthentication;
  /**
   * A stack in ZenML, not made by this app, to put the registry into.
   *
   * @default - none; see also `attachToStack`, and `ZenMLStack` for a stack made here
   */
  readonly zenmlStack?: IZenMLStack;
  /**
   * Switches on the termination protection of the CloudFormation stack: the stack cannot be deleted, by `cdk destroy` or in the console, until
   * somebody switches it off. Recommended in production: when ZenML stacks of others still use the registry, the handler refuses to delete it,
   * but CloudFormation goes on and deletes the role, user, key and function behind it. In a nested stack it protects the topmost stack around
   * it, since CloudFormation protects no nested one by itself. `false` leaves the stack as it is.
   *
   * @default - the stack's own setting
   */
  readonly terminationProtection?: boolean;
  /**
   * Whether to output URIs, names and the commands that a teammate types next.
   *
   * @default true
   */
  readonly outputs?: boolean;
}
