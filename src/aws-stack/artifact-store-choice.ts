import * as kms from 'aws-cdk-lib/aws-kms';
import { Choice, serverDefault } from './parts';
import { S3ArtifactStore, S3ArtifactStoreOptions } from '../artifact-store';
import { ComponentType, IStackComponent } from '../zenml';

/** The artifact store of an `AwsZenMLStack`. */
export class ArtifactStore {
  /** A bucket with its connector and its artifact store in ZenML. */
  public static s3(options: S3ArtifactStoreOptions = {}): ArtifactStore {
    return new ArtifactStore(({ scope, registration, authentication, dataRemovalPolicy }) => (
      new S3ArtifactStore(scope, 'ArtifactStore', {
        authentication: options.connector ? undefined : authentication,
        dataRemovalPolicy: options.bucket ? undefined : dataRemovalPolicy,
        outputs: false,
        ...options,
        ...registration(options.stackComponentName),
      })
    ), options.encryptionKey);
  }

  /** An artifact store that exists in ZenML, or that the app defines elsewhere. */
  public static existing(component: IStackComponent): ArtifactStore {
    return new ArtifactStore(() => component);
  }

  /** The artifact store `default` of the ZenML server, which keeps artifacts on the machine that runs the pipeline. */
  public static serverDefault(): ArtifactStore {
    return new ArtifactStore(serverDefault(ComponentType.ARTIFACT_STORE, 'ArtifactStore'));
  }

  private constructor(
    /** @internal */
    public readonly _bind: Choice,
    /** @internal the key that the bucket has, where the bucket itself does not tell */
    public readonly _encryptionKey?: kms.IKey,
  ) {}
}
