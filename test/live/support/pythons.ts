import { ensureAwsClientVenv } from '../../../local/clients/zenml-client';
import { QUIET_SDKS } from '../../../local/process/environment';
import { withForkServer } from '../../../local/process/fork-server';
import { Run } from '../../../local/process/run';
import { Venv } from '../../../local/process/venv';
import { ensureServerVenv, OLDEST_SUPPORTED } from '../../../local/servers/zenml-versions';
import { COMMON_SETTINGS, ensureZenmlVenv } from '../../../local/services/zenml';

/** The virtual environments with ZenML. Each has a fork server, which has imported ZenML. */
export interface Pythons {
  readonly newestServer: Venv;
  readonly oldestServer: Venv;
  /** With the integrations aws and s3. */
  readonly client: Venv;
}

export async function startPythons(run: Run): Promise<Pythons> {
  const server = { imports: 'zenml_server', env: COMMON_SETTINGS } as const;
  const [newestServer, oldestServer, client] = await Promise.all([
    ensureZenmlVenv(run.log('zenml-venv'))
      .then(async (venv) => withForkServer(run, venv, { name: 'newest-server', ...server })),
    ensureServerVenv(OLDEST_SUPPORTED, run.log('oldest-zenml-venv'))
      .then(async (venv) => withForkServer(run, venv, { name: 'oldest-server', ...server })),
    ensureAwsClientVenv(run.log('client-venv'))
      .then(async (venv) => withForkServer(run, venv, { name: 'client', imports: 'zenml_client', env: QUIET_SDKS })),
  ]);
  return { newestServer, oldestServer, client };
}
