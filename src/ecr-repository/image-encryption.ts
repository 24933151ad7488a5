import { RemovalPolicy } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { isUnknown } from '../private/known';
import { synthError } from '../private/synth-error';

/**
 * How ECR encrypts the images of a repository. ECR sets the encryption when it creates the repository, so a change
 * replaces the repository. A repository with an explicit name cannot be replaced: CloudFormation reports that it
 * already exists.
 *
 * Callers that push or pull need no KMS permissions in any mode: ECR creates its own grants on the key when the
 * repository is created.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
 */
export abstract class ImageEncryption {
  /** AES-256 with keys that Amazon S3 manages. Free of charge. */
  public static aes256(): ImageEncryption {
    return new FixedEncryption('AES256', undefined);
  }

  /** KMS with the AWS managed key `aws/ecr` of the account. */
  public static awsManagedKey(): ImageEncryption {
    return new FixedEncryption('KMS', undefined);
  }

  /**
   * KMS with a customer managed key.
   *
   * @param key a key in the repository's Region
   */
  public static customerKey(key: kms.IKey): ImageEncryption {
    return new FixedEncryption('KMS', key);
  }

  /**
   * KMS with a new key that is created with the repository, rotated every year, and has the removal policy of the
   * repository.
   */
  public static generatedKey(): ImageEncryption {
    return new GeneratedKeyEncryption();
  }

  /**
   * Dual-layer encryption with KMS (DSSE). AWS offers it in the GovCloud Regions only.
   *
   * @param key a key in the repository's Region; default: the AWS managed key `aws/ecr`
   */
  public static dualLayer(key?: kms.IKey): ImageEncryption {
    return new FixedEncryption('KMS_DSSE', key);
  }

  protected constructor() {}

  /** @internal */
  public abstract _render(
    scope: Construct, region: string, removalPolicy: RemovalPolicy,
  ): ecr.CfnRepository.EncryptionConfigurationProperty | undefined;
}

class FixedEncryption extends ImageEncryption {
  public constructor(private readonly encryptionType: string, private readonly key: kms.IKey | undefined) { super(); }

  public _render(_scope: Construct, region: string): ecr.CfnRepository.EncryptionConfigurationProperty | undefined {
    if (this.encryptionType === 'KMS_DSSE' && !isUnknown(region) && !region.startsWith('us-gov-')) {
      throw synthError(
        'CZ111',
        `ImageEncryption.dualLayer must be used in the GovCloud Regions only, got: "${region}": use `
          + 'ImageEncryption.customerKey(...)',
      );
    }
    if (this.key) { validateKeyRegion(this.key, region); }
    // AES-256 is ECR's default. Without the property the template equals one that aws-cdk renders.
    return this.encryptionType === 'AES256'
      ? undefined
      : { encryptionType: this.encryptionType, kmsKey: this.key?.keyArn };
  }
}

class GeneratedKeyEncryption extends ImageEncryption {
  public constructor() { super(); }

  public _render(
    scope: Construct, _region: string, removalPolicy: RemovalPolicy,
  ): ecr.CfnRepository.EncryptionConfigurationProperty {
    const key = new kms.Key(scope, 'Key', {
      description: `Images of the ECR repository ${scope.node.path}`,
      enableKeyRotation: true,
      removalPolicy,
    });
    return { encryptionType: 'KMS', kmsKey: key.keyArn };
  }
}

function validateKeyRegion(key: kms.IKey, region: string): void {
  // From the ARN, because `env` of Key.fromKeyArn can name another Region.
  const keyRegion = isUnknown(key.keyArn) ? key.env.region : key.keyArn.split(':')[3]!;
  if (isUnknown(keyRegion) || isUnknown(region) || keyRegion === region) { return; }
  throw synthError(
    'CZ110',
    `the encryption key must be in the repository's Region ${region}, got: a key in "${keyRegion}": use a key of ${region}`,
  );
}
