import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Live } from './live';
import { Credentials } from '../../../local/services/aws';

/**
 * The AWS identity of the live ZenML server, which only `implicit` asks for: the shared credentials file in its home
 * folder, read anew for each connector session (so the server need not be started again).
 */
export class ServerIdentity {
  private readonly folder: string;

  public constructor(cloud: Live) {
    // The run's folder has one folder for each service, which is the service's HOME.
    this.folder = join(dirname(cloud.folder), 'zenml', '.aws');
  }

  public become({ accessKeyId, secretAccessKey }: Credentials): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    writeFileSync(
      join(this.folder, 'credentials'),
      `[default]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\n`,
      { mode: 0o600 },
    );
  }

  public forget(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
