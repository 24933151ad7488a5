import { RemovalPolicy, Resource, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { claimSetting } from './claim-setting';
import { validateTemplate } from './creation-template-limits';
import { CreationScenario, RepositoryCreationTemplateProps } from './creation-template-props';
import { grantUnderPrefix } from './prefix-grants';
import { repositoriesUnder, withoutSlash } from './prefixes';
import { defineServiceRole } from './service-role';
import { accessStatements } from '../ecr-repository/access-statements';
import { CREATE_ACTION, PULL_PUSH_ACTIONS } from '../ecr-repository/actions';
import { renderExclusionFilters } from '../ecr-repository/exclusion-filters';
import { explainTagLists } from '../ecr-repository/lifecycle-hints';
import { ImageLifecyclePolicy } from '../ecr-repository/lifecycle-policy';
import { policyLengthProblems } from '../ecr-repository/policy-length';
import { RepositoryAccess } from '../ecr-repository/repository-access';

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
    validateTemplate(props, this.prefix, mutability, tags);

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
