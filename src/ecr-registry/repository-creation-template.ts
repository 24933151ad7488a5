import { CfnResource, RemovalPolicy, Resource, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { claimSetting } from './claim-setting';
import { grantUnderPrefix } from './prefix-grants';
import { repositoriesUnder, validatePrefix, withoutSlash } from './prefixes';
import { defineServiceRole } from './service-role';
import { accessStatements } from '../ecr-repository/access-statements';
import { CREATE_ACTION, PULL_PUSH_ACTIONS } from '../ecr-repository/actions';
import { renderExclusionFilters, validateExclusionFilters } from '../ecr-repository/exclusion-filters';
import { ImageEncryption } from '../ecr-repository/image-encryption';
import { explainTagLists } from '../ecr-repository/lifecycle-hints';
import { ImageLifecyclePolicy } from '../ecr-repository/lifecycle-policy';
import { ImageLifecycleRule } from '../ecr-repository/lifecycle-rule';
import { policyLengthProblems } from '../ecr-repository/policy-length';
import { RepositoryAccess } from '../ecr-repository/repository-access';
import { isUnknown } from '../private/known';
import { synthError } from '../private/synth-error';
import { invalidProp, validateCount, validateLength } from '../private/validation';

/** ECR's limits (schema of AWS::ECR::RepositoryCreationTemplate). */
const MAX_PREFIX_LENGTH = 256;
const MAX_DESCRIPTION_LENGTH = 256;
const MAX_TAGS = 50;
const MAX_TAG_KEY_LENGTH = 128;
const MAX_TAG_VALUE_LENGTH = 256;

/** The event on which ECR creates a repository by a template. */
export enum CreationScenario {
  /** A push to a repository that does not exist. */
  CREATE_ON_PUSH = 'CREATE_ON_PUSH',
  /** The first pull of an image through a pull-through cache rule. */
  PULL_THROUGH_CACHE = 'PULL_THROUGH_CACHE',
  /** The replication of an image from another registry. */
  REPLICATION = 'REPLICATION',
}

/** Properties of `RepositoryCreationTemplate`. */
export interface RepositoryCreationTemplateProps {
  /**
   * Prefix of the repository names, 1 to 256 characters (ECR's limit): the template applies to names that start with
   * the prefix and a slash. `ROOT` applies to all names that no other template covers.
   */
  readonly prefix: string;

  /**
   * The events on which ECR uses the template, at least one.
   *
   * @default [CreationScenario.CREATE_ON_PUSH]
   */
  readonly appliedFor?: CreationScenario[];

  /**
   * Description of the template, at most 256 characters (ECR's limit).
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * Whether a tag can be moved to another image.
   *
   * @default TagMutability.MUTABLE
   */
  readonly imageTagMutability?: ecr.TagMutability;

  /**
   * Tags for which the opposite of `imageTagMutability` applies: one to five filters with at most two `*` each (ECR's
   * limits).
   *
   * @default - no exceptions
   */
  readonly imageTagMutabilityExclusionFilters?: ecr.ImageTagMutabilityExclusionFilter[];

  /**
   * How ECR encrypts the images. Every mode except AES-256 needs `role`.
   *
   * @default ImageEncryption.aes256()
   */
  readonly encryption?: ImageEncryption;

  /**
   * Rules by which ECR deletes or archives images, at most 50 (ECR's limit).
   *
   * @default - none
   */
  readonly lifecycleRules?: ImageLifecycleRule[];

  /**
   * Who else may use the repositories, written to the policy of each repository.
   *
   * @default - only identities of the repositories' account whose own policies allow it
   */
  readonly access?: RepositoryAccess;

  /**
   * Tags of the repositories, not of the template: at most 50 (ECR's limit). Tags need `role`.
   *
   * @default - none
   */
  readonly resourceTags?: Record<string, string>;

  /**
   * The role that ECR assumes to create the repositories. Its trust policy must allow `ecr.amazonaws.com`, and its path
   * must be `/` (ECR's limit).
   *
   * @default - a new role with rights on the repositories under the prefix, if `encryption` or `resourceTags` need a
   * role
   */
  readonly role?: iam.IRole;
}

/**
 * The settings of repositories that ECR creates automatically. With `CREATE_ON_PUSH` a pipeline can push to a new
 * `target_repository` without a deployment.
 *
 * Repositories that ECR creates from a template do not belong to a CloudFormation stack: deleting the template keeps
 * them and their images. A change of the template only applies to repositories that ECR creates later. A template
 * cannot enable scan on push; use `RegistryScanning` instead.
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
  /** Prefix of the repository names, without the slash. */
  public readonly prefix: string;

  /** The role that ECR assumes to create the repositories; undefined if the template needs none. */
  public readonly role?: iam.IRole;

  /** @internal */
  public readonly _lifecyclePolicy?: string;
  /** @internal */
  public readonly _createsOnPush: boolean;
  /** @internal settings that determine whether ZenML can push */
  public readonly _tags: Pick<
    RepositoryCreationTemplateProps,
    'imageTagMutability' | 'imageTagMutabilityExclusionFilters'
  >;

  /**
   * @throws when a setting is invalid; at synth, when the app defines a second template for the prefix
   */
  public constructor(scope: Construct, id: string, props: RepositoryCreationTemplateProps) {
    super(scope, id);
    this.prefix = withoutSlash(props.prefix);
    const mutability = props.imageTagMutability ?? ecr.TagMutability.MUTABLE;
    const exclusions = props.imageTagMutabilityExclusionFilters;
    const tags = Object.entries(props.resourceTags ?? {});
    validateProps(props, this.prefix, mutability, tags);

    const encryption = props.encryption?._render(this, Stack.of(this).region, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    const scenarios = props.appliedFor ?? [CreationScenario.CREATE_ON_PUSH];
    this._createsOnPush = scenarios.includes(CreationScenario.CREATE_ON_PUSH);
    this._tags = props;
    const needsRole = encryption !== undefined || tags.length > 0;
    this.role = props.role ?? (needsRole ? this.defineRole(scenarios, tags.length > 0, encryption) : undefined);

    const rules = props.lifecycleRules ?? [];
    this._lifecyclePolicy = rules.length > 0 ? ImageLifecyclePolicy.fromRules(rules).toJson(this) : undefined;
    explainTagLists(this, rules);
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
    claimSetting(template, 'Prefix');
    this.node.addValidation({
      validate: () =>
        policyLengthProblems(
          this,
          template.repositoryPolicy,
          'the repository policy of the template',
          'list accounts instead of single roles',
        ),
    });
  }

  /**
   * Grants to pull from and push to all repositories under the prefix, including repositories that do not exist yet.
   *
   * @throws when the grant would have no effect
   */
  public grantPullPush(grantee: iam.IGrantable): iam.Grant {
    return grantUnderPrefix(
      this,
      this.prefix,
      grantee,
      [...PULL_PUSH_ACTIONS, CREATE_ACTION],
      'list the principal in `access` of the template',
    );
  }

  private policyText(access: RepositoryAccess): string {
    const document = new iam.PolicyDocument({ statements: accessStatements(this, access, '`access`') });
    return Stack.of(this).toJsonString(document);
  }

  private defineRole(
    scenarios: CreationScenario[],
    tagged: boolean,
    encryption: ecr.CfnRepository.EncryptionConfigurationProperty | undefined,
  ): iam.Role {
    const statements = [
      new iam.PolicyStatement({
        sid: 'MakeRepositories',
        actions: [
          CREATE_ACTION,
          ...(scenarios.includes(CreationScenario.REPLICATION) ? ['ecr:ReplicateImage'] : []),
          ...(tagged ? ['ecr:TagResource'] : []),
        ],
        resources: [repositoriesUnder(this, this.prefix)],
      }),
    ];
    if (encryption?.kmsKey) {
      statements.push(
        new iam.PolicyStatement({
          sid: 'EncryptRepositories',
          actions: ['kms:CreateGrant', 'kms:RetireGrant', 'kms:DescribeKey'],
          resources: [encryption.kmsKey],
        }),
      );
    }
    return defineServiceRole(this, {
      service: 'ecr.amazonaws.com',
      description: 'Assumed by ECR to create repositories from a repository creation template',
      statements,
      wildcardReason: 'the template covers all repositories under its prefix',
    });
  }
}

function validateProps(
  props: RepositoryCreationTemplateProps, prefix: string, mutability: ecr.TagMutability, tags: [string, string][],
): void {
  validatePrefix('prefix', prefix, 1, MAX_PREFIX_LENGTH);
  validateExclusionFilters(mutability, props.imageTagMutabilityExclusionFilters);
  validateScenarios(props.appliedFor);
  validateLength('description', props.description, [0, MAX_DESCRIPTION_LENGTH], 'ECR\'s limit');
  validateTags(tags);
  if (props.role) { validateRolePath(props.role); }
}

function validateScenarios(scenarios: CreationScenario[] | undefined): void {
  if (scenarios?.length === 0) {
    throw synthError('CZ102', '`appliedFor` must have at least one scenario: add a scenario or leave it out');
  }
  const twice = scenarios?.find((scenario, index) => scenarios.indexOf(scenario) !== index);
  if (twice !== undefined) { throw invalidProp('appliedFor', 'must not have a scenario twice', twice, 'remove one'); }
}

function validateTags(tags: [string, string][]): void {
  validateCount('resourceTags', tags, [0, MAX_TAGS], 'ECR\'s limit', 'remove tags');
  for (const [key, value] of tags) {
    if (key.length < 1 || key.length > MAX_TAG_KEY_LENGTH) {
      throw invalidProp(
        'resourceTags',
        `must have keys of 1 to ${MAX_TAG_KEY_LENGTH} characters (ECR's limit)`,
        key,
        'change the key',
      );
    }
    if (!isUnknown(value) && value.length > MAX_TAG_VALUE_LENGTH) {
      throw synthError(
        'CZ100',
        `\`resourceTags\` must have values of at most ${MAX_TAG_VALUE_LENGTH} characters (ECR's limit), `
          + `got: ${value.length} characters for "${key}": shorten the value`,
      );
    }
  }
}

/** ECR's pattern of `CustomRoleArn` permits no slash in the name of the role. */
function validateRolePath(role: iam.IRole): void {
  const child = role.node.defaultChild;
  const path = child && CfnResource.isCfnResource(child) && child.cfnResourceType === iam.CfnRole.CFN_RESOURCE_TYPE_NAME
    ? (child as iam.CfnRole).path
    : undefined;
  const nested = path !== undefined ? path !== '/' : !isUnknown(role.roleArn) && role.roleArn.split('/').length > 2;
  if (nested) {
    throw invalidProp(
      'role',
      'must have the path "/" (ECR\'s limit for repository creation templates)',
      path ?? role.roleArn,
      'use a role without a path',
    );
  }
}
