import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import { StackDriver, StackResult } from './stack-driver';
import { LocalAws } from '../services/aws';

interface AssetManifest {
  readonly files: Record<string, {
    readonly source: { readonly path: string; readonly packaging: string };
    readonly destinations: Record<string, { readonly bucketName: string; readonly objectKey: string }>;
  }>;
}

const TEMPLATE_BUCKET = 'local-templates';
const TEMPLATE_BODY_MAX_LENGTH = 51_200;

/** What one build of a stack gave. */
interface Synthesized {
  readonly template: {
    readonly Resources: Record<string, { readonly Type: string; readonly Properties?: Record<string, unknown> }>;
  };
  readonly folder: string;
}

/** Build one stack of constructs for the local AWS; templates and assets go to the folder. */
export function synthesize(
  name: string,
  folder: string,
  aws: { account: string; region: string },
  build: (stack: Stack) => void,
): Synthesized {
  const app = new App({ outdir: folder, analyticsReporting: false });
  const stack = new Stack(app, name, {
    env: { account: aws.account, region: aws.region },
    // Without a bootstrap: the assets go to a bucket that this function creates.
    synthesizer: new DefaultStackSynthesizer({
      generateBootstrapVersionRule: false,
      fileAssetsBucketName: 'local-assets',
    }),
  });
  build(stack);
  return { template: app.synth().getStackByName(name).template as Synthesized['template'], folder };
}

/**
 * A stack of constructs in the local AWS: each `deploy` builds it anew, as a run of an app does, and creates or updates
 * it by the API.
 */
export class RegistryStack {
  public readonly driver: StackDriver;
  /** The last template. */
  public template?: Synthesized['template'];
  private readonly published = new Set<string>();

  /** @param bundle folder that is published in place of the handler's bundle, under the same asset hash */
  public constructor(
    private readonly aws: LocalAws,
    public readonly name: string,
    private readonly folder: string,
    private readonly bundle?: string,
  ) {
    this.driver = new StackDriver(aws, name);
  }

  public async deploy(build: (stack: Stack) => void): Promise<StackResult> {
    return this.deploySynthesized(synthesize(this.name, join(this.folder, this.name), this.aws, build));
  }

  /** Deploys what another process has built. */
  public async deploySynthesized({ template, folder }: Synthesized): Promise<StackResult> {
    this.template = template;
    await this.publishAssets(folder);
    return this.driver.put(template, await this.publishLongTemplate(template, folder));
  }

  public async destroy(retain?: string[]): Promise<StackResult> {
    return this.driver.destroy(retain);
  }

  /** CloudFormation takes a longer template only from a bucket. */
  private async publishLongTemplate(template: object, folder: string): Promise<string | undefined> {
    if (JSON.stringify(template).length <= TEMPLATE_BODY_MAX_LENGTH) {
      return undefined;
    }
    const key = `${this.name}.template.json`;
    await this.aws.publish(join(folder, key), TEMPLATE_BUCKET, key, this.folder);
    return `${this.aws.endpoint}/${TEMPLATE_BUCKET}/${key}`;
  }

  private async publishAssets(folder: string): Promise<void> {
    const manifest = JSON.parse(readFileSync(join(folder, `${this.name}.assets.json`), 'utf8')) as AssetManifest;
    for (const { source, destinations } of Object.values(manifest.files)) {
      if (source.packaging !== 'zip') {
        continue;
      }
      for (const { bucketName, objectKey } of Object.values(destinations)) {
        if (this.published.has(objectKey)) {
          continue;
        }
        await this.aws.publish(this.bundle ?? join(folder, source.path), bucketName, objectKey, this.folder);
        this.published.add(objectKey);
      }
    }
  }
}
