import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { RepositoryGrants } from '../ecr-repository/repository-grants';
import { validatePattern } from '../private/validation';

/** Default of ZenML's flavor `aws`: an image of Docker Hub with Docker and the AWS CLI. */
const ZENML_DEFAULT = 'bentolor/docker-dind-awscli';

/** The newest image of AWS with Docker and the AWS CLI (Amazon Linux 2023), by its version. */
const CURATED_DEFAULT = 'aws/codebuild/amazonlinux-x86_64-standard:5.0';

/** @internal what a project needs to run builds in an image */
export interface _BoundBuildImage {
  readonly image: string;
  /** Whose credentials pull the image: those of CodeBuild, or those of the project's role. */
  readonly pullCredentials: 'CODEBUILD' | 'SERVICE_ROLE';
  /** User name and password for a private registry. */
  readonly credentials?: ISecret;
}

/**
 * The image in which builds run. It needs Docker and the AWS CLI.
 *
 * AWS requires other credentials to pull an image of CodeBuild than to pull any other image. ZenML sets the image of a
 * build, and the project sets the credentials, so one choice determines both.
 */
export abstract class BuildImage {
  /**
   * The image that ZenML uses by default: `bentolor/docker-dind-awscli` of Docker Hub, without a tag. Its publisher is
   * neither ZenML nor AWS, and can change it at any time, so `cdk synth` warns.
   */
  public static zenmlDefault(): BuildImage {
    return BuildImage.fromRegistry(ZENML_DEFAULT);
  }

  /**
   * An image of a public or private registry other than ECR.
   *
   * @param image name of the image, with a tag or better with a digest: `docker.io/team/builder@sha256:...`
   * @param credentials secret with the JSON fields `username` and `password`; default: the image is public
   * @throws when the name is invalid, or names an image that AWS curates
   */
  public static fromRegistry(image: string, credentials?: ISecret): BuildImage {
    validatePattern('image', image, /^(?!aws\/codebuild\/)[^\s"']{1,255}$/, '"docker.io/team/builder@sha256:..."',
      'use BuildImage.curated for an image of CodeBuild');
    return new ChosenImage({ image, pullCredentials: 'SERVICE_ROLE', credentials }, (role) => { credentials?.grantRead(role); });
  }

  /**
   * An image of an ECR repository. The role of the project may pull from the repository.
   *
   * @param repository the repository
   * @param tagOrDigest a tag, or better a digest: `sha256:...`
   */
  public static fromEcrRepository(repository: ecr.IRepository, tagOrDigest: string): BuildImage {
    return new ChosenImage(
      { image: repository.repositoryUriForTagOrDigest(tagOrDigest), pullCredentials: 'SERVICE_ROLE' },
      (role) => { RepositoryGrants.fromRepository(repository).pull(role); },
    );
  }

  /**
   * An image that AWS curates for CodeBuild: AWS publishes it and keeps it up to date under its version. ZenML starts
   * builds without privileged mode. They use the Docker daemon that CodeBuild gives every build outside of a VPC.
   *
   * @param image name of the image, with its version
   * @throws when the name is not that of a curated image
   */
  public static curated(image: string = CURATED_DEFAULT): BuildImage {
    validatePattern('image', image, /^aws\/codebuild\/[\w.-]+:[\w.-]+$/, '"aws/codebuild/amazonlinux-x86_64-standard:5.0"');
    return new ChosenImage({ image, pullCredentials: 'CODEBUILD' }, () => {});
  }

  protected constructor() {}

  /** @internal */
  public abstract _bind(): _BoundBuildImage;

  /** @internal lets the role of the project pull the image */
  public abstract _grantPull(role: iam.IRole): void;
}

class ChosenImage extends BuildImage {
  public constructor(
    private readonly bound: _BoundBuildImage,
    private readonly grant: (role: iam.IRole) => void,
  ) { super(); }

  /** @internal */
  public _bind(): _BoundBuildImage { return this.bound; }

  /** @internal */
  public _grantPull(role: iam.IRole): void { this.grant(role); }
}
