import { AssetStaging, CfnResource, Names, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as cxapi from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';

/**
 * A folder as the code of a Lambda function. Template and assets are the same as with `lambda.Code.fromAsset`.
 *
 * `lambda.Code.fromAsset` also creates a construct for the bucket of the asset, which this library does not use. For that construct Node
 * loads aws-s3 and region-info, 1.4 MB of JavaScript (docs/decisions/0010-synth-speed.md).
 */
export class BundledCode extends lambda.Code {
  public readonly isInline = false;
  private stagedPath?: string;

  public constructor(private readonly folder: string) {
    super();
  }

  /** Copies the folder into the cloud assembly and adds it to the assets of the stack. */
  public bind(scope: Construct): lambda.CodeConfig {
    const asset = new Construct(scope, 'Code');
    const staging = new AssetStaging(asset, 'Stage', { sourcePath: this.folder });
    const stack = Stack.of(scope);
    this.stagedPath = staging.relativeStagedPath(stack);
    const { bucketName, objectKey } = stack.synthesizer.addFileAsset({
      packaging: staging.packaging,
      sourceHash: staging.assetHash,
      fileName: this.stagedPath,
      deployTime: true,
      displayName: Names.stackRelativeConstructPath(asset),
    });
    return { s3Location: { bucketName, objectKey } };
  }

  /** Adds the metadata by which `sam local` and `cdk deploy --hotswap` find the code. */
  public bindToResource(resource: CfnResource, { resourceProperty = 'Code' }: lambda.ResourceBindOptions = {}): void {
    if (!resource.node.tryGetContext(cxapi.ASSET_RESOURCE_METADATA_ENABLED_CONTEXT)) { return; }
    resource.addMetadata(cxapi.ASSET_RESOURCE_METADATA_PATH_KEY, this.stagedPath);
    resource.addMetadata(cxapi.ASSET_RESOURCE_METADATA_IS_BUNDLED_KEY, false);
    resource.addMetadata(cxapi.ASSET_RESOURCE_METADATA_PROPERTY_KEY, resourceProperty);
  }
}
