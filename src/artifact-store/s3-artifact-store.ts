import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ArtifactBucket, artifactBucket } from './artifact-bucket';
import { artifactStoreOutputs } from './outputs';
import { S3ArtifactStoreProps } from './s3-artifact-store-props';
import { grantStatements } from '../iam/grant-statements';
import { readStatements, readWriteStatements } from '../iam/s3-rights';
import { flavorConfiguration } from '../private/flavor-configuration';
import { ComponentType, ConnectorResource } from '../zenml';
import { AwsComponent } from '../zenml/aws-component';

const PURPOSE = 'read and write artifacts';

/**
 * A ZenML artifact store in Amazon S3: a private bucket, a role with exactly the rights that ZenML needs on it, a
 * service connector, and the artifact store component. Steps read and write artifacts with credentials of the service
 * connector, on whatever machine they run.
 *
 * To show artifacts and logs in its dashboard, the ZenML server needs the package `s3fs`.
 *
 * @see https://docs.zenml.io/stacks/artifact-stores/s3
 *
 * @example
 * declare const server: ZenMLServer;
 *
 * const store = new S3ArtifactStore(this, 'ArtifactStore', {
 *   server: server,
 *   prefix: 'zenml',
 * });
 */
export class S3ArtifactStore extends AwsComponent {
  /** Path of the artifact store in ZenML, `s3://bucket/prefix`. */
  public readonly artifactStorePath: string;
  /** The bucket that holds the artifacts. */
  public readonly bucket: s3.IBucket;

  private readonly artifacts: ArtifactBucket;

  /**
   * @throws when a name, a label or `prefix` is invalid, `configuration` has a key that a prop sets, or an option
   * belongs to the bucket or connector that is passed
   */
  public constructor(scope: Construct, id: string, props: S3ArtifactStoreProps) {
    let artifacts: ArtifactBucket | undefined;
    super(scope, id, props, (self) => {
      artifacts = artifactBucket(self, props);
      const { bucket, location, path } = artifacts;
      return {
        componentType: ComponentType.ARTIFACT_STORE,
        flavor: 's3',
        configuration: flavorConfiguration({ path }, props.configuration, { path: 'bucket' }),
        resource: ConnectorResource.s3Bucket(bucket.bucketName, {
          encryptionKey: props.encryptionKey ?? bucket.encryptionKey,
          prefix: props.prefix,
        }),
        region: bucket.env.region,
        purpose: PURPOSE,
        identity: [location.bucketArn, location.prefix ?? '', location.keyArn ?? ''],
        statements: readWriteStatements(self, location),
        wildcardReason: 'ZenML chooses the keys of artifacts below the prefix',
        needs: [],
      };
    });
    this.artifacts = artifacts!;
    this.bucket = this.artifacts.bucket;
    this.artifactStorePath = this.artifacts.path;
    if (props.outputs ?? true) { artifactStoreOutputs(this); }
  }

  /** @internal start of all keys */
  public get _prefix(): string | undefined {
    return this.artifacts.location.prefix;
  }

  /**
   * Grants an identity to read artifacts: for people and services that use them without ZenML.
   *
   * @throws when the grant would have no effect
   */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return grantStatements('the right to read artifacts', grantee, readStatements(this, this.artifacts.location));
  }

  /**
   * Grants what ZenML calls to read and write artifacts: to the identity of a connector that this app does not define.
   *
   * @throws when the grant would have no effect
   */
  public grantReadWrite(grantee: iam.IGrantable): iam.Grant {
    return this._grantUse(grantee, PURPOSE, readWriteStatements(this, this.artifacts.location));
  }
}
