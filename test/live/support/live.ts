import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pythons } from './pythons';
import { RegistryStack } from '../../../local/clients/registry-stack';
import { AwsLocation, LocalAws } from '../../../local/services/aws';
import { ZenmlLocation, ZenmlServer } from '../../../local/services/zenml';

/** Settings of the ZenML servers that the live tests start. */
export const SERVER_SETTINGS = join(__dirname, 'zenml-server');
export const LIVE_FILE_VARIABLE = 'CDK_ZENML_LIVE';

/** What the global set-up tells the test files. */
export interface LiveFile {
  readonly aws: AwsLocation;
  readonly zenml: ZenmlLocation;
  readonly apiKey: string;
  readonly pythons: Pythons;
  /** For whatever a test writes. */
  readonly folder: string;
  readonly logs: string;
  /** Folder of the function that is deployed in place of the product's bundle. */
  readonly bundle?: string;
}

export interface Live {
  readonly aws: LocalAws;
  readonly zenml: ZenmlServer;
  /** API key of a service account. */
  readonly apiKey: string;
  readonly pythons: Pythons;
  readonly folder: string;
  readonly logs: string;
  /** A stack of constructs in the local AWS. */
  stack(name: string): RegistryStack;
}

/** The services that the global set-up started. */
export async function live(): Promise<Live> {
  const path = process.env[LIVE_FILE_VARIABLE];
  if (!path) {
    throw new Error('The live tests need their services: run them with `npx jest -c test/live/jest.config.js`.');
  }
  const file = JSON.parse(readFileSync(path, 'utf8')) as LiveFile;
  const aws = new LocalAws(file.aws);
  const stack = (name: string) => new RegistryStack(aws, name, file.folder, file.bundle);
  return { ...file, aws, zenml: await ZenmlServer.at(file.zenml), stack };
}
