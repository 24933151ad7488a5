import { Stack } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import { BuildImage } from './build-image';
import { CodeBuildImageBuilderProps } from './codebuild-props';
import { areKnownToDiffer, isUnknown } from '../private/known';
import { synthError } from '../private/synth-error';

/** Props that apply to a new project only. */
const OF_NEW_PROJECT = ['timeout', 'logRetention', 'path', 'permissionsBoundary'] as const;

/** Throws when ZenML could not build with an existing project, as far as this app knows the project. */
export function validateProject(
  project: codebuild.IProject, props: CodeBuildImageBuilderProps, image: BuildImage,
): void {
  const given = OF_NEW_PROJECT.find((prop) => props[prop] !== undefined);
  if (given) {
    throw synthError('CZ101', `\`${given}\` must not be set together with \`project\`, because it applies to the project that this construct creates: `
      + 'set it on that project');
  }
  const cfn = project.node.defaultChild as codebuild.CfnProject | undefined;
  if (cfn?.cfnResourceType !== codebuild.CfnProject.CFN_RESOURCE_TYPE_NAME) { return; }
  const { vpcConfig, environment } = readable(cfn);
  if (vpcConfig) {
    throw synthError('CZ180', `\`project\` must not run in a VPC, got: ${project.node.path}: CodeBuild gives builds in a VPC no Docker daemon unless they `
      + 'are privileged, and ZenML starts builds that are not. Use a project without a VPC');
  }
  const { image: name, pullCredentials } = image._bind();
  // CodeBuild's own default.
  const actual = environment?.imagePullCredentialsType ?? 'CODEBUILD';
  if (!isUnknown(actual) && actual !== pullCredentials) {
    throw synthError('CZ180', `\`project\` must pull images with the credentials ${pullCredentials}, which ${isUnknown(name) ? 'the build image' : name} needs, `
      + `got: ${actual} of ${project.node.path}: set imagePullCredentialsType (imagePullPrincipalType) of the project, or choose another \`buildImage\``);
  }
}

/** The properties of a project that matter to ZenML. */
function readable(cfn: codebuild.CfnProject) {
  return Stack.of(cfn).resolve({ vpcConfig: cfn.vpcConfig, environment: cfn.environment }) as {
    vpcConfig?: object; environment?: { imagePullCredentialsType?: string };
  };
}

/** Throws when the registry, the bucket or the project is known to be in another Region than the stack. */
export function requireOwnRegion(region: string, prop: string, other: string, reason: string): void {
  if (!areKnownToDiffer(region, other)) { return; }
  throw synthError('CZ110', `\`${prop}\` must be in the Region of this stack, ${region}, ${reason}, got: ${other}: use one of ${region}`);
}
