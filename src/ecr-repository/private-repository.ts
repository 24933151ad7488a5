import { CfnDeletionPolicy, Lazy, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { applyAccess } from './access-statements';
import { validateExclusionFilters } from './exclusion-filters';
import { ImageEncryption } from './image-encryption';
import { explainTagLists } from './lifecycle-hints';
import { ImageLifecyclePolicy } from './lifecycle-policy';
import { ImageLifecycleRule } from './lifecycle-rule';
import { isRefusedByCdk, validateRepositoryName } from './repository-name';
import { RepositoryOptions } from './repository-options';
import { RepositoryPresets } from './repository-presets';
import { claimAlone, isSameEnvironment } from '../private/duplicates';
import { isKnown } from '../private/known';
import { synthError } from '../private/synth-error';

/** Properties of `PrivateRepository`. */
export interface PrivateRepositoryProps extends RepositoryOptions {}

/**
 * A private ECR repository with defaults for ML images: scan on push, retained, no lifecycle rules, mutable tags (ZenML
 * pushes its tags again).
 *
 * The class is an `ecr.Repository`. In addition it accepts every name that ECR accepts, typed lifecycle rules with
 * archive and last pull, dual-layer encryption, generated keys, and an access list.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/Repositories.html
 *
 * @example
 * new ecr_repository.PrivateRepository(this, 'Models', {
 *   repositoryName: 'team/models',
 *   lifecycleRules: ecr_repository.LifecyclePresets.archiveUnpulled(),
 *   access: { pull: [new iam.AccountPrincipal('222222222222')] },
 * });
 */
export class PrivateRepository extends ecr.Repository {
  /**
   * A repository with the settings of `RepositoryPresets.hardened()`. The props take precedence over these settings.
   *
   * @throws when the name, a lifecycle rule, the tag mutability or the encryption is invalid
   */
  public static hardened(scope: Construct, id: string, props: PrivateRepositoryProps = {}): PrivateRepository {
    const { encryption, ...others } = RepositoryPresets.hardened();
    return new PrivateRepository(scope, id, { ...others, ...(props.encryptionKey ? {} : { encryption }), ...props });
  }

  // `declare`, because an initializer would discard rules that aws-cdk's constructor has already added (property
  // injectors).
  private declare rules?: ImageLifecycleRule[];

  /**
   * @throws when the name, a lifecycle rule, the tag mutability or the encryption is invalid
   */
  public constructor(scope: Construct, id: string, props: PrivateRepositoryProps = {}) {
    validateOptions(props);
    const name = props.repositoryName;
    const mutability = props.imageTagMutability ?? ecr.TagMutability.MUTABLE;
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    super(scope, id, {
      // aws-cdk refuses some names that ECR accepts. For such a name this placeholder satisfies aws-cdk, and the name
      // is set below.
      repositoryName: isRefusedByCdk(name) ? 'placeholder' : name,
      imageTagMutability: mutability,
      imageTagMutabilityExclusionFilters: props.imageTagMutabilityExclusionFilters,
      imageScanOnPush: props.imageScanOnPush ?? true,
      removalPolicy,
    });
    const cfn = this.node.defaultChild as ecr.CfnRepository;
    override(this, 'physicalName', name ?? Token.asString(undefined));
    if (name !== undefined) { cfn.repositoryName = name; }
    override(this, 'repositoryArn', this.getResourceArnAttribute(cfn.attrArn, {
      service: 'ecr', resource: 'repository', resourceName: this.physicalName,
    }));

    const encryption = props.encryption ?? (props.encryptionKey && ImageEncryption.customerKey(props.encryptionKey));
    if (encryption) { cfn.encryptionConfiguration = encryption._render(this, Stack.of(this).region, removalPolicy); }
    if (props.emptyOnDelete) { cfn.emptyOnDelete = Lazy.any({ produce: () => trueIfDeleted(cfn) }); }
    cfn.lifecyclePolicy = Lazy.any({ produce: () => this.renderImageLifecyclePolicy() });
    props.lifecycleRules?.forEach((rule) => this.addImageLifecycleRule(rule));
    if (isKnown(name)) { claimRepositoryName(this, name); }
    if (props.access) { applyAccess(this, props.access); }
  }

  /**
   * Adds a lifecycle rule of aws-cdk's type.
   *
   * @throws when the rule is invalid, by itself or together with the present rules
   */
  public addLifecycleRule(rule: ecr.LifecycleRule): void {
    this.addImageLifecycleRule(rule);
  }

  /**
   * Adds a lifecycle rule.
   *
   * @throws when the rule is invalid, by itself or together with the present rules
   */
  public addImageLifecycleRule(rule: ImageLifecycleRule): void {
    const rules = [...this.rules ?? [], rule];
    ImageLifecyclePolicy.fromRules(rules);
    this.rules = rules;
    explainTagLists(this, [rule]);
  }

  private renderImageLifecyclePolicy(): ecr.CfnRepository.LifecyclePolicyProperty | undefined {
    if (!this.rules?.length) { return undefined; }
    return { lifecyclePolicyText: ImageLifecyclePolicy.fromRules(this.rules).toJson(this) };
  }
}

/**
 * Gives an attribute of aws-cdk's class another value. A declaration in the class would fit one aws-cdk-lib only: newer
 * versions have accessors where older ones have properties, and TypeScript refuses to declare one over the other.
 */
function override(repository: ecr.Repository, attribute: 'physicalName' | 'repositoryArn', value: string): void {
  Object.defineProperty(repository, attribute, { value, enumerable: true });
}

/**
 * `emptyOnDelete` at synth. The removal policy can change until then (RemovalPolicies.of(app).retain()), and images
 * must then not be deleted.
 */
function trueIfDeleted(cfn: ecr.CfnRepository): true | undefined {
  return cfn.cfnOptions.deletionPolicy === CfnDeletionPolicy.DELETE ? true : undefined;
}

/**
 * A repository name is unique in an account and Region: the deployment of a second repository with the name would fail.
 */
function claimRepositoryName(repository: ecr.Repository, name: string): void {
  claimAlone(repository, `repository ${name}`, (other) => '`repositoryName` must be unique in an account and Region, '
    + `got: "${name}", which ${other} defines as well: define the repository once and pass it to other registries as `
    + '`repositories`', (other) => isSameEnvironment(repository, other));
}

function validateOptions(props: RepositoryOptions): void {
  validateRepositoryName('repositoryName', props.repositoryName);
  const { imageTagMutability = ecr.TagMutability.MUTABLE, imageTagMutabilityExclusionFilters } = props;
  validateExclusionFilters(imageTagMutability, imageTagMutabilityExclusionFilters);
  if (props.encryption && props.encryptionKey) {
    throw synthError(
      'CZ101',
      '`encryptionKey` must not be set together with `encryption`: remove one (`encryptionKey` equals '
        + 'ImageEncryption.customerKey(key))',
    );
  }
  if (props.emptyOnDelete && props.removalPolicy !== RemovalPolicy.DESTROY) {
    throw synthError(
      'CZ101',
      '`emptyOnDelete` must only be set with `removalPolicy: RemovalPolicy.DESTROY`, '
        + `got: ${props.removalPolicy ?? 'the default, RETAIN_ON_UPDATE_OR_DELETE'}: set that removal policy or remove \`emptyOnDelete\``,
    );
  }
}
