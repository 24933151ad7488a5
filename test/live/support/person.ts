import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Live } from './live';
import { ZenmlClient } from '../../../local/clients/zenml-client';

/** The machine of a person: a home and a login at the ZenML server of their own, and no AWS keys. */
export async function person(
  cloud: Live,
  name: string,
  options: { activeStackId?: string } = {},
): Promise<ZenmlClient> {
  const { aws, zenml, folder, logs, pythons } = cloud;
  const home = join(folder, `client-${name}`);
  mkdirSync(home, { recursive: true });
  const { key } = await zenml.createApiKey(name);
  const log = join(logs, `client-${name}.log`);
  return new ZenmlClient({ venv: pythons.client, home, log, aws, url: zenml.url, apiKey: key, ...options });
}
