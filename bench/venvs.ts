import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figures, Table } from './section';
import { ensureAwsVenv } from '../local/services/aws';
import { ensureZenmlVenv } from '../local/services/zenml';
import { seconds } from '../local/steps';

export const title = 'virtual environments of the local services';

/** Cold: made in an empty folder (pip's own download cache stays as it is). Warm: found by pin. */
export async function measure(): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), 'cdk-zenml-venvs-'));
  const both = async () => {
    const began = Date.now();
    await Promise.all([
      ensureAwsVenv(join(folder, 'aws.log'), folder),
      ensureZenmlVenv(join(folder, 'zenml.log'), undefined, folder),
    ]);
    return seconds(began);
  };
  try {
    return figures([['cold (both, side by side)', await both()], ['warm', await both()]]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
