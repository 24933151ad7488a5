import { createHash } from 'crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'fs';
import * as path from 'path';
import { CfnResource, FileAssetPackaging, Names, Stack, Stage } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as cxapi from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';

/** Context key with which aws-cdk's integration tests change the hashes of all assets. */
const SALT_CONTEXT = '@aws-cdk/core:assetHashSalt';

/**
 * A folder with one file, as the code of a Lambda function. Template and assets are the same as with
 * `lambda.Code.fromAsset`, except for the hash.
 *
 * `lambda.Code.fromAsset` serves folders of any content, and creates a construct for the bucket of the asset. For these
 * Node loads aws-s3, region-info, fs-extra and minimatch: 1.5 MB of JavaScript, which this library does not need
 * (docs/decisions/0010-synth-speed.md).
 */
export class BundledCode extends lambda.Code {
  /** Hash by file and salt, because the stages of one app and the apps of one process use the same file. */
  private static readonly hashes = new Map<string, string>();

  public readonly isInline = false;
  private stagedFolder?: string;

  public constructor(private readonly folder: string, private readonly file: string) {
    super();
  }

  /** Copies the file into the cloud assembly and adds it to the assets of the stack. */
  public bind(scope: Construct): lambda.CodeConfig {
    const code = new Construct(scope, 'Code');
    const stack = Stack.of(scope);
    const sourceHash = this.hash(scope.node.tryGetContext(SALT_CONTEXT));
    this.stagedFolder = this.stage(scope, sourceHash);
    const { bucketName, objectKey } = stack.synthesizer.addFileAsset({
      packaging: FileAssetPackaging.ZIP_DIRECTORY,
      sourceHash,
      fileName: this.stagedFolder,
      deployTime: true,
      displayName: Names.stackRelativeConstructPath(code),
    });
    return { s3Location: { bucketName, objectKey } };
  }

  /** Adds the metadata by which `sam local` and `cdk deploy --hotswap` find the code. */
  public bindToResource(resource: CfnResource, { resourceProperty = 'Code' }: lambda.ResourceBindOptions = {}): void {
    if (!resource.node.tryGetContext(cxapi.ASSET_RESOURCE_METADATA_ENABLED_CONTEXT)) { return; }
    resource.addMetadata(cxapi.ASSET_RESOURCE_METADATA_PATH_KEY, this.stagedFolder);
    resource.addMetadata(cxapi.ASSET_RESOURCE_METADATA_IS_BUNDLED_KEY, false);
    resource.addMetadata(cxapi.ASSET_RESOURCE_METADATA_PROPERTY_KEY, resourceProperty);
  }

  /**
   * The hash depends only on the name and the content of the file and on the salt, so that all machines compute the
   * same hash.
   */
  private hash(salt: string | undefined): string {
    const source = path.join(this.folder, this.file);
    const key = `${source}:${salt ?? ''}`;
    const known = BundledCode.hashes.get(key)
      ?? createHash('sha256').update(`${this.file}:${salt ?? ''}:`).update(readFileSync(source)).digest('hex');
    BundledCode.hashes.set(key, known);
    return known;
  }

  /** The folder with the file, relative to the cloud assembly that contains the stack. */
  private stage(scope: Construct, hash: string): string {
    // `cdk --no-staging` sets this context key.
    if (scope.node.tryGetContext(cxapi.DISABLE_ASSET_STAGING_CONTEXT)) { return this.folder; }
    // There is always a stage, because a stack without an app creates an app.
    const stage = Stage.of(scope)!;
    const target = path.join(stage.assetOutdir, `asset.${hash}`);
    if (!existsSync(target)) {
      mkdirSync(target);
      copyFileSync(path.join(this.folder, this.file), path.join(target, this.file));
    }
    return path.relative(stage.outdir, target);
  }
}
