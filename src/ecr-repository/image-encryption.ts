import { RemovalPolicy } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { isUnknown } from '../private/known';

/**
 * How ECR encrypts the images of a repository. The encryption is fixed when the repository is made: another value replaces the repository, which a
 * repository with an explicit name cannot do (CloudFormation says that it already exists).
 *
 * No mode asks anything of those who push or pull: ECR uses the key through grants that it makes with the repository.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
 */
export abstract class ImageEncryption {
  /** AES-256 with keys that Amazon S3 manages. Free of charge. */
  public static aes256(): ImageEncryption {
    return new FixedEncryption('AES256', undefined);
  }

  /** KMS with the account's AWS managed key `aws/ecr`. */
  public static awsManagedKey(): ImageEncryption {
    return new FixedEncryption('KMS', undefined);
  }

  /**
   * KMS with a key of yours.
   *
   * @param key must be in the repository's Region
   */
  public static customerKey(key: kms.IKey): ImageEncryption {
    return new FixedEncryption('KMS', key);
  }

  /** KMS with a new key, made with the repository, rotated every year, and retained or deleted as the repository is. */
  public static generatedKey(): ImageEncryption {
    return new GeneratedKeyEncryption();
  }

  /**
   * Two layers of KMS encryption (DSSE). AWS offers it in the GovCloud Regions only.
   *
   * @param key must be in the repository's Region; without it the AWS managed key is used
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
      throw new Error(`\`encryption\`: AWS offers dual-layer encryption in the GovCloud Regions only, got ${region}; use ImageEncryption.customerKey(...)`);
    }
    if (this.key) { assertKeyRegion(this.key, region); }
    // AES-256 is what ECR does unasked; rendering nothing keeps a template like the one that aws-cdk makes.
    return this.encryptionType === 'AES256' ? undefined : { encryptionType: this.encryptionType, kmsKey: this.key?.keyArn };
  }
}

class GeneratedKeyEncryption extends ImageEncryption {
  public constructor() { super(); }

  public _render(scope: Construct, _region: string, removalPolicy: RemovalPolicy): ecr.CfnRepository.EncryptionConfigurationProperty {
    const key = new kms.Key(scope, 'Key', {
      description: `Images of the ECR repository ${scope.node.path}`,
      enableKeyRotation: true,
      removalPolicy,
    });
    return { encryptionType: 'KMS', kmsKey: key.keyArn };
  }
}

function assertKeyRegion(key: kms.IKey, region: string): void {
  // ARN rather than env: Key.fromKeyArn is in another Region than its env may say.
  const keyRegion = isUnknown(key.keyArn) ? key.env.region : key.keyArn.split(':')[3]!;
  if (isUnknown(keyRegion) || isUnknown(region) || keyRegion === region) { return; }
  throw new Error(`\`encryptionKey\`: the key must be in the repository's Region ${region}, got one in ${keyRegion}`);
}
