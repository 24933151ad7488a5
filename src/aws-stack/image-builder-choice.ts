import { Choice } from './parts';
import { CodeBuildImageBuilder, CodeBuildImageBuilderOptions } from '../image-builder';
import { synthError } from '../private/synth-error';
import { ComponentType, IStackComponent, StackComponent } from '../zenml';

/** The image builder of an `AwsZenMLStack`. */
export class ImageBuilder {
  /**
   * AWS CodeBuild builds the images. Needs the artifact store and the container registry of this stack
   * (`ArtifactStore.s3`, `ContainerRegistry.ecr`).
   */
  public static codeBuild(options: CodeBuildImageBuilderOptions = {}): ImageBuilder {
    return new ImageBuilder((parts) => {
      const { artifactStore, registry } = parts;
      if (!artifactStore || !registry) {
        throw synthError(
          'CZ102',
          '`imageBuilder` is ImageBuilder.codeBuild(), which needs an S3ArtifactStore and an '
            + 'EcrContainerRegistry of this app: use ArtifactStore.s3() and ContainerRegistry.ecr(), or another image builder',
        );
      }
      return new CodeBuildImageBuilder(parts.scope, 'ImageBuilder', {
        ...(options.connector || options.authentication ? {} : { connector: parts.computeConnector() }),
        ...options,
        ...parts.registration(options.stackComponentName),
        registry,
        bucket: artifactStore.bucket,
        encryptionKey: parts.artifactKey,
        prefix: artifactStore._prefix,
      });
    });
  }

  /** The machine that starts a pipeline builds the images, with Docker. */
  public static local(): ImageBuilder {
    return new ImageBuilder(({ scope, registration }) => new StackComponent(scope, 'ImageBuilder', {
      ...registration(undefined), componentType: ComponentType.IMAGE_BUILDER, flavor: 'local',
    }));
  }

  /** An image builder that exists in ZenML, or that the app defines elsewhere. */
  public static existing(component: IStackComponent): ImageBuilder {
    return new ImageBuilder(() => component);
  }

  /** No image builder: for stacks whose steps all run without containers. */
  public static none(): ImageBuilder {
    return new ImageBuilder(() => undefined);
  }

  private constructor(
    /** @internal */
    public readonly _bind: Choice,
  ) {}
}
