import { CfnResource, RemovalPolicy, Resource, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { grantUnderPrefix } from './prefix-grants';
import { assertPrefix, repositoriesUnder, withoutSlash } from './prefixes';
import { makeServiceRole } from './service-role';
import { assertSingleOwner } from './single-owner';
import { accessStatements } from '../ecr-repository/access-statements';
import { CREATE_ACTION, PULL_PUSH_ACTIONS } from '../ecr-repository/actions';
import { assertExclusionFilters, renderExclusionFilters } from '../ecr-repository/exclusion-filters';
import { ImageEncryption } from '../ecr-repository/image-encryption';
import { hintAtTagLists } from '../ecr-repository/lifecycle-hints';
import { ImageLifecyclePolicy } from '../ecr-repository/lifecycle-policy';
import { ImageLifecycleRule } from '../ecr-repository/lifecycle-rule';
import { RepositoryAccess } from '../ecr-repository/repository-access';
import { isUnknown } from '../private/known';

/** The event on which ECR creates a repository by a template. */
export enum CreationScenario {
  /** A push to a repository that does not exist. */
  CREATE_ON_PUSH = 'CREATE_ON_PUSH',
  /** The first pull of an image through a pull-through cache rule. */
  PULL_THROUGH_CACHE = 'PULL_THROUGH_CACHE',
  /** An image replicated from another registry. */
  REPLICATION = 'REPLICATION',
}

/** Properties of `RepositoryCreationTemplate`. */
export interface RepositoryCreationTemplateProps {
  /**
   * Repositories whose names start with this and a slash, 1 to 256 characters; `ROOT` for all that no other template covers.
   */
  readonly prefix: string;

  /**
   * When the template is used.
   *
   * @default [CreationScenario.CREATE_ON_PUSH]
   */
  readonly appliedFor?: CreationScenario[];

  /**
   * Description of the template, at most 256 characters.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * Whether tags of the repositories may move.
   *
   * @default TagMutability.MUTABLE
   */
  readonly imageTagMutability?: ecr.TagMutability;

  /**
   * Tags for which the opposite of `imageTagMutability` holds.
   *
   * @default - no exceptions
   */
  readonly imageTagMutabilityExclusionFilters?: ecr.ImageTagMutabilityExclusionFilter[];

  /**
   * How images are encrypted. All but AES-256 needs the role.
   *
   * @default ImageEncryption.aes256()
   */
  readonly encryption?: ImageEncryption;

  /**
   * Rules by which ECR deletes or archives images.
   *
   * @default - nothing expires
   */
  readonly lifecycleRules?: ImageLifecycleRule[];

  /**
   * Who else may use the repositories: written to the policy of each repository.
   *
   * @default - only identities of this account, as far as their own policies allow
   */
  readonly access?: RepositoryAccess;

  /**
   * Tags of the repositories (not of the template). Need the role.
   *
   * @default - none
   */
  readonly resourceTags?: Record<string, string>;

  /**
   * The role that ECR assumes to make the repositories: trusts `ecr.amazonaws.com`, stands in the path `/`.
   *
   * @default - one is made where encryption or tags need it, with rights on the repositories of the prefix only
   */
  readonly role?: iam.IRole;
}

/**
 * How ECR makes repositories by itself. With `CREATE_ON_PUSH` a pipeline can push to a new `target_repository` without a deployment.
 *
 * Repositories that ECR makes by a template belong to no stack: deleting the template leaves them, with their images. A change of the template
 * concerns repositories made later only. Templates cannot turn on scan on push: use `RegistryScanning`.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
 *
 * @example
 * declare const server: ZenMLServer;
 *
 * new EcrContainerRegistry(this, 'Registry', {
 *   server: server,
 *   repositoryNames: ['team-a/zenml'],
 *   repositoryTemplate: new ecr_registry.RepositoryCreationTemplate(this, 'OnPush', { prefix: 'team-a' }),
 * });
 */
export class RepositoryCreationTemplate extends Resource {
  /** Start of the repository names, without a slash. */
  public readonly prefix: string;

  /** The role that ECR assumes, if the template needs one. */
  public readonly role?: iam.IRole;

  /** @internal */
  public readonly _lifecyclePolicy?: string;
  /** @internal */
  public readonly _createsOnPush: boolean;
  /** @internal what ZenML's pushes depend on */
  public readonly _tags: Pick<RepositoryCreationTemplateProps, 'imageTagMutability' | 'imageTagMutabilityExclusionFilters'>;

  /**
   * @throws when a setting is none that ECR takes, or the app has a second template for the prefix
   */
  public constructor(scope: Construct, id: string, props: RepositoryCreationTemplateProps) {
    super(scope, id);
    this.prefix = withoutSlash(props.prefix);
    const mutability = props.imageTagMutability ?? ecr.TagMutability.MUTABLE;
    const exclusions = props.imageTagMutabilityExclusionFilters;
    const tags = Object.entries(props.resourceTags ?? {});
    assertSettings(props, this.prefix, mutability, tags);

    const encryption = props.encryption?._render(this, Stack.of(this).region, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    const scenarios = props.appliedFor ?? [CreationScenario.CREATE_ON_PUSH];
    this._createsOnPush = scenarios.includes(CreationScenario.CREATE_ON_PUSH);
    this._tags = props;
    this.role = props.role ?? (encryption || tags.length > 0 ? this.makeRole(scenarios, tags.length > 0, encryption) : undefined);

    this._lifecyclePolicy = props.lifecycleRules?.length ? ImageLifecyclePolicy.fromRules(props.lifecycleRules).toJson(this) : undefined;
    hintAtTagLists(this, props.lifecycleRules ?? []);
    const template = new ecr.CfnRepositoryCreationTemplate(this, 'Resource', {
      prefix: this.prefix,
      appliedFor: scenarios,
      description: props.description,
      imageTagMutability: mutability,
      imageTagMutabilityExclusionFilters: exclusions && renderExclusionFilters(exclusions),
      encryptionConfiguration: encryption ?? { encryptionType: 'AES256' },
      lifecyclePolicy: this._lifecyclePolicy,
      repositoryPolicy: props.access && this.policyText(props.access),
      resourceTags: tags.length > 0 ? tags.map(([key, value]) => ({ key, value })) : undefined,
      customRoleArn: this.role?.roleArn,
    });
    assertSingleOwner(template, 'Prefix');
    this.node.addValidation({ validate: () => policyLengthProblem(this, template.repositoryPolicy) });
  }

  /**
   * Lets the grantee pull from and push to all repositories of the prefix, also to ones that do not exist yet.
   *
   * @throws when the grant would have no effect
   */
  public grantPullPush(grantee: iam.IGrantable): iam.Grant {
    return grantUnderPrefix(this, this.prefix, grantee, [...PULL_PUSH_ACTIONS, CREATE_ACTION], 'list the principal in `access` of the template');
  }

  private policyText(access: RepositoryAccess): string {
    const document = new iam.PolicyDocument({ statements: accessStatements(this, access, '`access`') });
    return Stack.of(this).toJsonString(document);
  }

  private makeRole(
    scenarios: CreationScenario[], tagged: boolean, encryption: ecr.CfnRepository.EncryptionConfigurationProperty | undefined,
  ): iam.Role {
    const statements = [new iam.PolicyStatement({
      sid: 'MakeRepositories',
      actions: [
        CREATE_ACTION,
        ...(scenarios.includes(CreationScenario.REPLICATION) ? ['ecr:ReplicateImage'] : []),
        ...(tagged ? ['ecr:TagResource'] : []),
      ],
      resources: [repositoriesUnder(this, this.prefix)],
    })];
    if (encryption?.kmsKey) {
      statements.push(new iam.PolicyStatement({
        sid: 'EncryptRepositories', actions: ['kms:CreateGrant', 'kms:RetireGrant', 'kms:DescribeKey'], resources: [encryption.kmsKey],
      }));
    }
    return makeServiceRole(this, {
      service: 'ecr.amazonaws.com',
      description: 'ECR makes repositories by a repository creation template',
      statements,
      wildcardReason: 'a template is for all repositories under its prefix',
    });
  }
}

function assertSettings(props: RepositoryCreationTemplateProps, prefix: string, mutability: ecr.TagMutability, tags: [string, string][]): void {
  assertPrefix('prefix', prefix, 1, 256);
  assertExclusionFilters(mutability, props.imageTagMutabilityExclusionFilters);
  if (props.appliedFor?.length === 0) { throw new Error('`appliedFor` needs at least one scenario'); }
  if (new Set(props.appliedFor).size !== (props.appliedFor?.length ?? 0)) { throw new Error('`appliedFor` names a scenario twice'); }
  if (props.description !== undefined && !isUnknown(props.description) && props.description.length > 256) {
    throw new Error(`\`description\` has at most 256 characters, got ${props.description.length}`);
  }
  if (tags.length > 50) { throw new Error(`\`resourceTags\`: a repository has at most 50 tags, got ${tags.length}`); }
  for (const [key, value] of tags) {
    if (key.length < 1 || key.length > 128 || (!isUnknown(value) && value.length > 256)) {
      throw new Error(`\`resourceTags\`: a key has 1 to 128 characters and a value at most 256, got ${JSON.stringify(key)}`);
    }
  }
  if (props.role) { assertNoPath(props.role); }
}

function policyLengthProblem(scope: Construct, policy: string | undefined): string[] {
  const text: unknown = Stack.of(scope).resolve(policy) ?? '';
  const length = (typeof text === 'string' ? text : JSON.stringify(text)).length;
  return length > 10240 ? [`the repository policy of the template has ${length} characters and ECR takes 10240; name accounts instead of single roles`] : [];
}

/** ECR's own pattern of `CustomRoleArn` has no slash in the role's name. */
function assertNoPath(role: iam.IRole): void {
  const child = role.node.defaultChild;
  const path = child && CfnResource.isCfnResource(child) && child.cfnResourceType === iam.CfnRole.CFN_RESOURCE_TYPE_NAME
    ? (child as iam.CfnRole).path
    : undefined;
  const nested = path !== undefined ? path !== '/' : !isUnknown(role.roleArn) && role.roleArn.split('/').length > 2;
  if (nested) { throw new Error(`\`role\`: ECR takes only a role in the path "/" for repository creation templates, got ${path ?? role.roleArn}`); }
}

