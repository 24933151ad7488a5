import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { BuildImage } from './build-image';
import { CodeBuildImageBuilderProps } from './codebuild-props';
import { expireContexts, validateContextExpiration } from './context-expiration';
import { requireOwnRegion, validateProject } from './existing-project';
import { BuildProject } from './project';
import { cfnRepositoryBehind, describeRepository } from '../ecr-repository/registry-host';
import { buildStatements } from '../iam/codebuild-rights';
import { flavorConfiguration } from '../private/flavor-configuration';
import { isUnknown } from '../private/known';
import { validateDuration, validatePattern } from '../private/validation';
import { ComponentType } from '../zenml';
import { AwsComponent } from '../zenml/aws-component';

const MINUTE = 60;
const PURPOSE = 'build images in CodeBuild';

/**
 * A ZenML image builder that builds and pushes images with AWS CodeBuild, so that users and pipelines need no Docker. A
 * build reads the contexts of builds and no artifact, and pushes to the repositories of one registry.
 *
 * The ZenML stack needs the artifact store whose `bucket` and `prefix` are given, and the container registry.
 *
 * @see https://docs.zenml.io/stacks/image-builders/aws
 *
 * @example
 * declare const server: ZenMLServer;
 * declare const registry: EcrContainerRegistry;
 *
 * const imageBuilder = new CodeBuildImageBuilder(this, 'ImageBuilder', {
 *   server: server,
 *   registry: registry,
 *   bucket: s3.Bucket.fromBucketName(this, 'Artifacts', 'my-artifacts'),
 * });
 */
export class CodeBuildImageBuilder extends AwsComponent {
  /** Name of the CodeBuild project. */
  public readonly projectName: string;
  /** ARN of the CodeBuild project. */
  public readonly projectArn: string;
  /** The role that builds run with; undefined with an existing `project`. */
  public readonly projectRole?: iam.IRole;

  private readonly statements: iam.PolicyStatement[];

  /**
   * @throws when a name, a label, the timeout or the prefix is invalid, the registry, the bucket or the project is in
   * another Region, the project runs in a VPC or pulls images with other credentials than `buildImage` needs, or an
   * option belongs to the connector or project that `connector` or `project` brings
   */
  public constructor(scope: Construct, id: string, props: CodeBuildImageBuilderProps) {
    const image = props.buildImage ?? BuildImage.curated();
    let project!: { readonly projectName: string; readonly projectArn: string; readonly role?: iam.IRole };
    let statements: iam.PolicyStatement[] = [];
    super(scope, id, props, (self) => {
      validateProps(self, props, image);
      expireContexts(props);
      const made = props.project ? undefined : new BuildProject(self, 'Project', props, image);
      project = made ?? { projectName: props.project!.projectName, projectArn: props.project!.projectArn };
      statements = buildStatements(project.projectArn);
      return {
        componentType: ComponentType.IMAGE_BUILDER,
        flavor: 'aws',
        configuration: flavorConfiguration({
          code_build_project: project.projectName,
          build_image: image._bind().image,
          compute_type: props.computeType,
          custom_env_vars: props.environment,
        }),
        purpose: PURPOSE,
        identity: [project.projectArn],
        statements,
        wildcardReason: '',
        needs: made ? [made] : [],
      };
    });
    this.projectName = project.projectName;
    this.projectArn = project.projectArn;
    this.projectRole = project.role;
    this.statements = statements;
    warnOfUnpinnedImage(this, image);
    this.node.addValidation({ validate: () => warnOfImmutableTags(this, props) });
  }

  /**
   * Grants what ZenML calls to build images: to the identity of a connector that this app does not define.
   *
   * @throws when the grant would have no effect
   */
  public grantBuild(grantee: iam.IGrantable): iam.Grant {
    return this._grantUse(grantee, PURPOSE, this.statements);
  }
}

function validateProps(scope: Construct, props: CodeBuildImageBuilderProps, image: BuildImage): void {
  const { region } = Stack.of(scope);
  validateDuration('timeout', props.timeout, [5 * MINUTE, 36 * 60 * MINUTE], 'CodeBuild\'s limits');
  validateContextExpiration(props);
  validatePattern('prefix', props.prefix, /^[^/]+(\/[^/]+)*$/, '"team-a/ml" (no slash at either end)');
  requireOwnRegion(region, 'registry', props.registry._environment.region,
    'because a build logs in to the registry in the Region of the connector');
  requireOwnRegion(region, 'bucket', props.bucket.env.region, 'because CodeBuild reads a source in its own Region');
  if (props.project) {
    requireOwnRegion(region, 'project', props.project.env.region, 'because the connector starts builds in that Region');
    validateProject(props.project, props, image);
  }
}

/** Whoever publishes an image without a version decides what the next build runs, with the rights of the project. */
function warnOfUnpinnedImage(scope: Construct, buildImage: BuildImage): void {
  const { image } = buildImage._bind();
  if (isUnknown(image) || /@sha256:|:(?!latest$)[^/:]+$/.test(image)) { return; }
  Annotations.of(scope).addWarningV2(
    'cdk-zenml:unpinnedBuildImage',
    `\`buildImage\` has no version, got: ${image}: its publisher can change what builds run, which may push to the `
      + 'repositories of the registry. Name a digest (`image@sha256:...`), or leave `buildImage` out for an image of AWS',
  );
}

/** A builder pushes the tag of a pipeline again, and for each build a new tag, which never loses its image. */
function warnOfImmutableTags(scope: Construct, { registry }: CodeBuildImageBuilderProps): string[] {
  for (const repository of registry.repositories) {
    if (!cfnRepositoryBehind(repository)?.imageTagMutability?.startsWith('IMMUTABLE')) { continue; }
    const name = describeRepository(repository);
    Annotations.of(scope).addWarningV2(
      `cdk-zenml:immutableTags:${name}`,
      `repository ${name} has immutable tags with exceptions: each build `
        + 'pushes the tag of its pipeline again, and a build of a pipeline whose tag is not excepted fails after its first push. Except the tags '
        + 'of all pipelines (MutableTags.ofPipelines(...)), or use mutable tags',
    );
  }
  return [];
}
