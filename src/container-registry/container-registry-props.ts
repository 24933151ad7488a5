import * as ecr from 'aws-cdk-lib/aws-ecr';
import { RegistryAuthentication } from './registry-authentication';
import { RepositoryCreationTemplate } from '../ecr-registry/repository-creation-template';
import { RepositoryDefaults } from '../ecr-repository/repository-options';
import { RegistrationOptions } from '../server';
import { IZenMLStack } from '../zenml';

/** Options of an ECR container registry, without those of its registration. */
export interface EcrContainerRegistryOptions {
  /**
   * Name of the container registry in ZenML, unique among container registries, at most 255 characters (ZenML's limit).
   * With an explicit name, a change of the registry host (account, Region) needs a new name as well.
   *
   * @default - the construct's path and six hex digits
   */
  readonly stackComponentName?: string;
  /**
   * Name of the registry's service connector in ZenML, at most 240 characters, or 255 for a connector that stores no
   * keys (ZenML's limits). No connector with the name may exist: connectors are never adopted, even with
   * `adoptExisting`.
   *
   * @default - the construct's path and six hex digits
   */
  readonly serviceConnectorName?: string;
  /**
   * Existing repositories, and repositories that the app defines elsewhere. All repositories of a registry must be in
   * one account and Region.
   *
   * @default - only the repositories of `repositoryNames`
   */
  readonly repositories?: ecr.IRepository[];
  /**
   * Names of repositories to create. ZenML pushes to the default repository, or to the one that
   * `DockerSettings.target_repository` of a pipeline names. ECR does not create repositories automatically, unless
   * `repositoryTemplate` is set.
   *
   * @default - one repository whose name CloudFormation generates, if no `repositories` are given
   */
  readonly repositoryNames?: string[];
  /**
   * Settings of the repositories that this construct creates.
   *
   * @default - scan on push, AES-256 encryption, retained, no lifecycle rules, mutable tags
   */
  readonly repositoryDefaults?: RepositoryDefaults;
  /**
   * A common prefix of all repository names, up to a slash, such as `team-a/`. ZenML then gets rights on all
   * repositories under the prefix, including repositories that others create later. Needed for more than 100
   * repositories.
   *
   * @default - the prefix of `repositoryTemplate`, else rights on exactly the repositories of the registry
   */
  readonly repositoryPrefix?: string;
  /**
   * The template by which ECR creates a repository at the first push to a name that a pipeline selects
   * (`DockerSettings.target_repository`), without a deployment. ZenML may then push to, pull from and create all
   * repositories under the template's prefix. These repositories do not belong to a CloudFormation stack.
   *
   * @default - ECR does not create repositories automatically
   */
  readonly repositoryTemplate?: RepositoryCreationTemplate;
  /**
   * The repository that ZenML pushes to unless a pipeline selects another one. It must be one of the registry's
   * repositories.
   *
   * @default - the first of `repositories`, else the first of `repositoryNames`
   */
  readonly defaultRepository?: ecr.IRepository;
  /**
   * Repositories with parent images of builds, which ZenML may pull from.
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
   * Whether a deploy proves that pushes and pulls work. ZenML's own verification of a connector succeeds without any
   * permission to push. Before the container registry is created, or gets another connector, host or repository, the
   * registration function asks ZenML for the connector's Docker credentials and asks the ECR registry whether they may
   * pull from and push to each repository (at most 20). This stores nothing in the registry. If ECR refuses, the deploy
   * fails before anything changes in ZenML, and the reason names the missing action and the policy that must allow it.
   * A rollback never fails for this reason.
   *
   * The function calls `<account>.dkr.ecr.<region>.amazonaws.com`. In a VPC without a NAT gateway this needs the
   * interface endpoint `ecr.dkr` and the gateway endpoint `s3`. If the function cannot reach the registry, the deploy
   * goes on with a warning in the function's log.
   *
   * @default - true if the registry has a service connector and the registration function does not run in a VPC
   */
  readonly proveAccess?: boolean;
  /**
   * A ZenML stack that this app does not define, to attach the registry to.
   *
   * @default - none; see also `attachToStack`, and `ZenMLStack` for a ZenML stack that this app defines
   */
  readonly zenmlStack?: IZenMLStack;
  /**
   * Enables the termination protection of the CloudFormation stack: `cdk destroy` and the console then refuse to delete
   * the stack until the protection is disabled. Recommended for production: if other ZenML stacks still use the
   * registry, the handler refuses to delete it, but CloudFormation goes on and deletes the role, user, key and function
   * that it needs. For a nested stack this option protects the topmost stack, because CloudFormation does not protect a
   * nested stack by itself. `false` does not change the stack.
   *
   * @default - the setting of the stack
   */
  readonly terminationProtection?: boolean;
  /**
   * Whether to add stack outputs with URIs, names and the commands for the next steps.
   *
   * @default true
   */
  readonly outputs?: boolean;
}

/** Properties of `EcrContainerRegistry`. */
export interface EcrContainerRegistryProps extends EcrContainerRegistryOptions, RegistrationOptions {}
