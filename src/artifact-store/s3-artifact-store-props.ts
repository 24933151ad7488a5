import { RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { RegistrationOptions } from '../server';
import { ConnectorAuthentication, IServiceConnector } from '../zenml';

/** What an S3 artifact store is made of, without its registration. */
export interface S3ArtifactStoreOptions {
  /**
   * Name of the artifact store in ZenML, unique among artifact stores, at most 255 characters (ZenML's limit).
   *
   * @default - the construct's path and six hex digits
   */
  readonly stackComponentName?: string;
  /**
   * An existing bucket, or one that the app defines elsewhere. The construct does not change it.
   *
   * @default - a new bucket: private, TLS only, encrypted by S3 or by `encryptionKey`, unfinished uploads expire after
   * seven days
   */
  readonly bucket?: s3.IBucket;
  /**
   * Start of the keys of all artifacts, such as `team-a/zenml`: letters, digits and `_ . = + @ -`, in parts that one
   * slash separates, at most 512 characters. ZenML gets rights on the objects below it only.
   *
   * @default - the whole bucket
   */
  readonly prefix?: string;
  /**
   * The customer key that encrypts the new bucket, or that encrypts an imported `bucket` whose key this app does not
   * know. A bucket with a key of S3 (`aws/s3`) needs nothing.
   *
   * @default - the `encryptionKey` of `bucket`; a new bucket is encrypted by S3
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Whether the bucket keeps versions of objects. ZenML then lists and deletes versions as well, and needs the rights
   * for that.
   *
   * @default - false for a new bucket; the setting of `bucket`, if the app defines it; false for an imported bucket
   */
  readonly versioned?: boolean;
  /**
   * What happens to the new bucket when the construct leaves the CloudFormation stack. CloudFormation cannot delete a
   * bucket that is not empty.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly dataRemovalPolicy?: RemovalPolicy;
  /**
   * Further configuration of ZenML's flavor `s3`, such as `config_kwargs`. It must not contain credentials, because it
   * is in the template.
   *
   * @default - only the path
   */
  readonly configuration?: Record<string, any>;
  /**
   * An existing service connector of resource type `s3-bucket`. The construct grants rights to the role of a connector
   * that this app defines. For any other connector, grant them with `grantReadWrite`.
   *
   * @default - a new service connector with a role of its own
   */
  readonly connector?: IServiceConnector;
  /**
   * How the new service connector authenticates to AWS.
   *
   * @default ConnectorAuthentication.automatic()
   */
  readonly authentication?: ConnectorAuthentication;
  /**
   * Name of the new service connector in ZenML, at most 240 characters, or 255 for a connector that stores no keys
   * (ZenML's limits).
   *
   * @default - the construct's path and six hex digits
   */
  readonly serviceConnectorName?: string;
  /**
   * Whether to add stack outputs with the path, names and the commands for the next steps.
   *
   * @default true
   */
  readonly outputs?: boolean;
}

/** Properties of `S3ArtifactStore`. */
export interface S3ArtifactStoreProps extends RegistrationOptions, S3ArtifactStoreOptions {}
