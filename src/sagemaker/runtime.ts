import { Annotations, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { validateInstanceTypes } from './instance-types';
import { defineRuntimeBucket } from './runtime-bucket';
import { defineNetwork, RuntimeNetwork } from './runtime-network';
import { SageMakerRuntimeProps } from './runtime-props';
import { RepositoryGrants } from '../ecr-repository/repository-grants';
import { JobLimits } from '../iam/job-limits';
import { attachPolicy } from '../iam/role-policies';
import { JobSettings, pipelineStatements, runtimeStatements, SAGEMAKER_SERVICE } from '../iam/sagemaker-rights';
import { ownService } from '../iam/service-trust';
import { acknowledgeLogin, acknowledgeWildcards } from '../private/acknowledge';
import { warnOfFrozenRole } from '../private/frozen-roles';
import { areKnownToDiffer } from '../private/known';
import { partitionInArn, requireOwnPartition } from '../private/own-partition';
import { applySharedPolicy, applySharedPolicyBelow } from '../private/removal';
import { synthError } from '../private/synth-error';

/**
 * What jobs of SageMaker run with: an execution role, a bucket for their output, and optionally a VPC, keys and limits.
 * An orchestrator and a step operator can share one runtime. Nothing is registered in ZenML. Rights are granted to the
 * runtime as to a role. With a VPC, connections to and from it are allowed as those of a Lambda function.
 *
 * The role cannot reach artifacts: steps get the credentials for the artifact store from ZenML. The role can do nothing
 * with IAM, endpoints, notebooks or other buckets, and has no managed policy.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
 *
 * @example
 * declare const registry: EcrContainerRegistry;
 *
 * const runtime = new SageMakerRuntime(this, 'Runtime', {
 *   registries: [registry],
 *   allowedInstanceTypes: ['ml.m5.*', 'ml.g5.xlarge'],
 * });
 */
export class SageMakerRuntime extends Construct implements iam.IGrantable, ec2.IConnectable {
  /** The role that jobs run with. */
  public readonly role: iam.IRole;
  /** The bucket for output of jobs and for large definitions of pipelines. */
  public readonly bucket: s3.IBucket;
  /** The principal to grant to: the execution role. */
  public readonly grantPrincipal: iam.IPrincipal;
  /** Security groups of the jobs; empty without a VPC. */
  public readonly securityGroups: ec2.ISecurityGroup[];
  /** Instance types that jobs may have; undefined: any. */
  public readonly allowedInstanceTypes?: string[];

  private readonly props: SageMakerRuntimeProps;
  private readonly network?: RuntimeNetwork;
  private runsPipelines = false;

  /**
   * @throws when an option needs `vpc` or a new role, an instance type is invalid, the role does not trust SageMaker,
   * or the bucket is in another Region
   */
  public constructor(scope: Construct, id: string, props: SageMakerRuntimeProps = {}) {
    super(scope, id);
    this.props = props;
    validateProps(this, props);
    this.network = defineNetwork(this, props);
    this.securityGroups = this.network?.securityGroups ?? [];
    this.allowedInstanceTypes = props.allowedInstanceTypes;
    this.bucket = props.bucket ?? defineRuntimeBucket(this, 'Bucket', props.dataRemovalPolicy);
    this.role = props.role ?? this.defineRole();
    this.grantPrincipal = this.role.grantPrincipal;
    const { volumeKey, outputKey } = props;
    this.attach('Jobs', [volumeKey?.keyArn ?? '', outputKey?.keyArn ?? ''], runtimeStatements(this, {
      bucket: this._jobs.bucket,
      volumeKeyArn: volumeKey?.keyArn,
      outputKeyArn: outputKey?.keyArn,
      network: this.network && { subnetIds: this.network.subnetIds, securityGroupIds: this.securityGroupIds },
    }), 'SageMaker chooses the names of log streams, network interfaces and objects, and AWS has no resource level for describing a network');
    if (!props.securityGroups) { applySharedPolicy(props.removalPolicy, ...this.securityGroups); }
    for (const registry of props.registries ?? []) { registry.grantPull(this.role); }
    for (const repository of props.repositories ?? []) { RepositoryGrants.fromRepository(repository).pull(this.role); }
    this.warnOfMissingImages();
  }

  /**
   * Network connections of the jobs, for rules between their security groups and others.
   *
   * @throws when the runtime has no VPC
   */
  public get connections(): ec2.Connections {
    if (!this.network) {
      throw synthError('CZ102', '`connections` are those of jobs in a VPC, but `vpc` is missing: set `vpc` of SageMakerRuntime');
    }
    return this.network.connections;
  }

  /**
   * Lets pipelines run with the role: SageMaker then creates the jobs of a pipeline with it. `SageMakerOrchestrator`
   * calls this method. Without it the role serves single jobs only, which need fewer rights.
   */
  public allowPipelines(): void {
    if (this.runsPipelines) { return; }
    this.runsPipelines = true;
    this.attach('Pipelines', [], pipelineStatements(this, this.role.roleArn, this.limits), 'SageMaker chooses the names of the jobs of a pipeline');
  }

  /** @internal what callers that start jobs need */
  public get _jobs(): JobSettings {
    const { bucketArn, encryptionKey } = this.bucket;
    const bucket = { bucketArn, keyArn: encryptionKey?.keyArn };
    return { executionRoleArn: this.role.roleArn, bucket, limits: this.limits };
  }

  /** @internal arguments of an `Estimator` of the SageMaker SDK */
  public get _estimatorArgs(): Record<string, unknown> {
    return { ...this.networkArguments, ...this.keyArguments };
  }

  /** @internal arguments of a `Processor` of the SageMaker SDK */
  public get _processorArgs(): Record<string, unknown> {
    return { ...this.network && { network_config: this.networkArguments }, ...this.keyArguments };
  }

  private get networkArguments(): Record<string, unknown> {
    return this.network ? { subnets: this.network.subnetIds, security_group_ids: this.securityGroupIds } : {};
  }

  private get keyArguments(): Record<string, unknown> {
    const { volumeKey, outputKey } = this.props;
    return {
      ...volumeKey && { volume_kms_key: volumeKey.keyArn }, ...outputKey && { output_kms_key: outputKey.keyArn },
    };
  }

  private get securityGroupIds(): string[] {
    return this.securityGroups.map(({ securityGroupId }) => securityGroupId);
  }

  private get limits(): JobLimits {
    const requireVpc = this.network && (this.props.requireVpc ?? true);
    return {
      instanceTypes: this.props.allowedInstanceTypes,
      ...requireVpc && { subnetIds: this.network!.subnetIds, securityGroupIds: this.securityGroupIds },
    };
  }

  private defineRole(): iam.Role {
    const role = new iam.Role(this, 'Role', {
      description: 'Execution role of SageMaker jobs that ZenML starts',
      assumedBy: ownService(this, SAGEMAKER_SERVICE),
      path: this.props.path,
      permissionsBoundary: this.props.permissionsBoundary,
    });
    acknowledgeLogin(role);
    applySharedPolicy(this.props.removalPolicy, role);
    applySharedPolicyBelow(this.props.removalPolicy, role);
    return role;
  }

  private attach(id: string, purpose: string[], statements: iam.PolicyStatement[], wildcardReason: string): void {
    const identity = [this.bucket.bucketArn, ...purpose];
    const policy = attachPolicy(this, id, this.role, identity, statements, this.props.removalPolicy);
    if (policy) {
      acknowledgeWildcards(policy, statements, wildcardReason);
      return;
    }
    warnOfFrozenRole(this, `cdk-zenml:frozenExecutionRole${id}`, 'the execution role', 'it gets no rights for jobs of SageMaker',
      statements.flatMap(({ actions }) => actions).join(', '));
  }

  private warnOfMissingImages(): void {
    const { registries = [], repositories = [], role } = this.props;
    if (role || registries.length + repositories.length > 0) { return; }
    Annotations.of(this).addWarningV2('cdk-zenml:runtimeWithoutImages', 'the execution role may pull no image, so no job can start: '
      + 'set `registries` or `repositories`, or grant the right to this construct (registry.grantPull(runtime))');
  }
}

function validateProps(scope: Construct, props: SageMakerRuntimeProps): void {
  const { role, bucket, path, permissionsBoundary, dataRemovalPolicy } = props;
  validateInstanceTypes(props.allowedInstanceTypes);
  if (role && (path !== undefined || permissionsBoundary)) {
    throw synthError('CZ101', '`path` and `permissionsBoundary` must not be set together with `role`, because they apply to the '
      + 'role that this construct creates: set them on that role');
  }
  if (bucket && dataRemovalPolicy !== undefined) {
    throw synthError('CZ101', '`dataRemovalPolicy` must not be set together with `bucket`, because it applies to the bucket that this construct '
      + 'creates: set the removal policy on that bucket');
  }
  if (role) {
    requireOwnPartition(scope, '`role`', partitionInArn(role.roleArn), role.roleArn);
    requireTrustOfSageMaker(role);
  }
  const { region } = Stack.of(scope);
  if (bucket && areKnownToDiffer(bucket.env.region, region)) {
    throw synthError('CZ110', `\`bucket\` must be in the Region of the jobs, ${region}, got: ${bucket.env.region}: use a bucket of ${region}`);
  }
}

/** The trust policy of an imported role is unknown at synth. */
function requireTrustOfSageMaker(role: iam.IRole): void {
  const { assumeRolePolicy } = role as { assumeRolePolicy?: iam.PolicyDocument };
  if (!assumeRolePolicy || JSON.stringify(Stack.of(role).resolve(assumeRolePolicy) ?? '').includes('sagemaker')) { return; }
  throw synthError('CZ142', `\`role\` must trust ${SAGEMAKER_SERVICE}, got: ${role.node.path}, whose trust policy does not name it: create the role with `
    + `assumedBy: new iam.ServicePrincipal('${SAGEMAKER_SERVICE}')`);
}
