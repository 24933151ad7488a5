import { CfnDeletionPolicy, Lazy, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { applyAccess } from './access-statements';
import { assertExclusionFilters } from './exclusion-filters';
import { ImageEncryption } from './image-encryption';
import { hintAtTagLists } from './lifecycle-hints';
import { ImageLifecyclePolicy } from './lifecycle-policy';
import { ImageLifecycleRule } from './lifecycle-rule';
import { assertRepositoryName, refusedByCdk } from './repository-name';
import { RepositoryOptions } from './repository-options';
import { RepositoryPresets } from './repository-presets';
import { claimAlone, isSameEnvironment } from '../private/duplicates';
import { isKnown } from '../private/known';

/** Properties of `PrivateRepository`. */
export interface PrivateRepositoryProps extends RepositoryOptions {}

/**
 * A private ECR repository with defaults that suit ML images: scanned on push, retained, nothing expires, tags may move (ZenML pushes
 * them again).
 *
 * The class is an `ecr.Repository` in every respect. It adds every name that ECR takes, typed lifecycle rules with archive and last pull,
 * dual-layer encryption and generated keys, and an access list.
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
   * A repository with the settings of `RepositoryPresets.hardened()`, as far as the props say nothing else.
   *
   * @throws as the constructor does
   */
  public static hardened(scope: Construct, id: string, props: PrivateRepositoryProps = {}): PrivateRepository {
    const { encryption, ...others } = RepositoryPresets.hardened();
    return new PrivateRepository(scope, id, { ...others, ...(props.encryptionKey ? {} : { encryption }), ...props });
  }

  /** The explicit name, if there is one. */
  protected readonly physicalName: string;

  /** ARN of the repository. */
  public readonly repositoryArn: string;

  // `declare`: aws-cdk's constructor may already have added rules (property injectors), which an initializer here would throw away.
  private declare rules?: ImageLifecycleRule[];

  /**
   * @throws when the name, a lifecycle rule, tag mutability or encryption is none that ECR takes
   */
  public constructor(scope: Construct, id: string, props: PrivateRepositoryProps = {}) {
    assertOptions(props);
    const name = props.repositoryName;
    const mutability = props.imageTagMutability ?? ecr.TagMutability.MUTABLE;
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    super(scope, id, {
      // aws-cdk's check is narrower than ECR's: such a name goes in below, and here a stand-in that never reaches a template.
      repositoryName: refusedByCdk(name) ? 'stand-in' : name,
      imageTagMutability: mutability,
      imageTagMutabilityExclusionFilters: props.imageTagMutabilityExclusionFilters,
      imageScanOnPush: props.imageScanOnPush ?? true,
      removalPolicy,
    });
    const cfn = this.node.defaultChild as ecr.CfnRepository;
    this.physicalName = name ?? Token.asString(undefined);
    if (name !== undefined) { cfn.repositoryName = name; }
    this.repositoryArn = this.getResourceArnAttribute(cfn.attrArn, { service: 'ecr', resource: 'repository', resourceName: this.physicalName });

    const encryption = props.encryption ?? (props.encryptionKey && ImageEncryption.customerKey(props.encryptionKey));
    if (encryption) { cfn.encryptionConfiguration = encryption._render(this, Stack.of(this).region, removalPolicy); }
    if (props.emptyOnDelete) {
      // Late: a removal policy that is changed afterwards (RemovalPolicies.of(app).retain()) must not leave images at risk.
      cfn.emptyOnDelete = Lazy.any({ produce: () => (cfn.cfnOptions.deletionPolicy === CfnDeletionPolicy.DELETE ? true : undefined) });
    }
    cfn.lifecyclePolicy = Lazy.any({
      produce: () => (this.rules?.length ? { lifecyclePolicyText: ImageLifecyclePolicy.fromRules(this.rules).toJson(this) } : undefined),
    });
    props.lifecycleRules?.forEach((rule) => this.addImageLifecycleRule(rule));
    if (isKnown(name)) { claimRepositoryName(this, name); }
    if (props.access) { applyAccess(this, props.access); }
  }

  /**
   * Adds a lifecycle rule of aws-cdk's kind.
   *
   * @throws when ECR would not take it together with the rules so far
   */
  public addLifecycleRule(rule: ecr.LifecycleRule): void {
    this.addImageLifecycleRule(rule);
  }

  /**
   * Adds a lifecycle rule.
   *
   * @throws when ECR would not take it together with the rules so far
   */
  public addImageLifecycleRule(rule: ImageLifecycleRule): void {
    const rules = [...this.rules ?? [], rule];
    ImageLifecyclePolicy.fromRules(rules);
    this.rules = rules;
    hintAtTagLists(this, [rule]);
  }
}

/** A name exists once in an account and Region: a second repository of it fails at its deploy. */
function claimRepositoryName(repository: ecr.Repository, name: string): void {
  claimAlone(repository, `repository ${name}`, (other) => `\`repositoryName\`: "${name}" is made in the same account and Region by ${other}, too: make it once and give it to `
    + 'the other registry as `repositories`', (other) => isSameEnvironment(repository, other));
}

function assertOptions(props: RepositoryOptions): void {
  assertRepositoryName(props.repositoryName);
  assertExclusionFilters(props.imageTagMutability ?? ecr.TagMutability.MUTABLE, props.imageTagMutabilityExclusionFilters);
  if (props.encryption && props.encryptionKey) {
    throw new Error('give `encryption` or `encryptionKey`, not both: ImageEncryption.customerKey(key) says the same as `encryptionKey`');
  }
  if (props.emptyOnDelete && props.removalPolicy !== RemovalPolicy.DESTROY) {
    throw new Error('`emptyOnDelete` deletes images together with the repository and needs `removalPolicy: RemovalPolicy.DESTROY`, '
      + `got ${props.removalPolicy ?? 'the default, RETAIN_ON_UPDATE_OR_DELETE'}`);
  }
}
