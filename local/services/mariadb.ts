import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { mustRun } from '../process/command';
import { cleanEnvironment } from '../process/environment';
import { freePort } from '../process/free-port';
import { Run } from '../process/run';
import { Service } from '../process/service';

const FOLDERS = [
  '/usr/sbin',
  '/usr/bin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/opt/homebrew/opt/mariadb/bin',
  ...(process.env.PATH ?? '').split(':'),
];
export const INSTALL_MARIADB =
  'install it (on Debian and Ubuntu: apt-get install --no-install-recommends mariadb-server-core mariadb-client-core)';

const PASSWORD = 'local';

interface Programs {
  readonly server: string;
  readonly installer: string;
}

/** Where MariaDB's two programs are; undefined on a machine without. */
export function findMariaDb(): Programs | undefined {
  const find = (...names: string[]) =>
    names.flatMap((name) => FOLDERS.map((folder) => join(folder, name))).find((path) => existsSync(path));
  const server = find('mariadbd');
  const installer = find('mariadb-install-db');
  return server && installer ? { server, installer } : undefined;
}

/** A MariaDB on 127.0.0.1 whose data lies in the run's folder. */
export class MariaDb {
  public static async start(run: Run): Promise<MariaDb> {
    const programs = findMariaDb();
    if (!programs) { throw new Error(`MariaDB is not on this machine: ${INSTALL_MARIADB} and run this again`); }
    const home = run.directory('mariadb');
    const data = join(home, 'data');
    const log = run.log('mariadb');
    const env = cleanEnvironment(home);
    // The installer as well as the server refuse to run as root unless they are told to.
    const user = process.getuid?.() === 0 ? ['--user=root'] : [];
    await mustRun(
      'making the data directory of MariaDB',
      programs.installer,
      ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...user],
      { env, log },
    );
    const version = (
      await mustRun('asking MariaDB for its version', programs.server, ['--no-defaults', '--version'], { env })
    ).stdout;
    const database = new MariaDb(
      programs,
      run,
      home,
      await freePort(),
      /Ver (\d+\.\d+\.\d+)/.exec(version)?.[1] ?? 'of unknown version',
    );
    const bootstrap = run.writeSecret(
      'mariadb.sql',
      `CREATE USER 'zenml'@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';\nGRANT ALL ON *.* TO 'zenml'@'127.0.0.1';\n`,
    );
    await database.launch(['--init-file', bootstrap]);
    return database;
  }

  private service?: Service;

  private constructor(
    private readonly programs: Programs,
    private readonly run: Run,
    private readonly home: string,
    private readonly port: number,
    public readonly version: string,
  ) {}

  /** URL of a database for a ZenML server, which creates the database when it starts. */
  public url(database: string): string {
    return `mysql://zenml:${PASSWORD}@127.0.0.1:${this.port}/${database}`;
  }

  /** Ends the server as a crash does, and starts it again on the same data. */
  public async restart(): Promise<void> {
    this.service?.kill();
    await this.service?.stop();
    await this.launch([]);
  }

  private async launch(args: string[]): Promise<void> {
    const user = process.getuid?.() === 0 ? ['--user=root'] : [];
    this.service = await Service.start({
      name: 'MariaDB',
      command: this.programs.server,
      args: [
        '--no-defaults',
        ...user,
        `--datadir=${join(this.home, 'data')}`,
        `--port=${this.port}`,
        '--bind-address=127.0.0.1',
        '--skip-name-resolve',
        // Relative to the data directory: the path of a socket may have about 100 characters.
        '--socket=mariadb.sock',
        `--pid-file=${join(this.home, 'mariadb.pid')}`,
        // As Debian's own configuration and MySQL 8 have it; without one MariaDB 10.11 takes latin1.
        '--character-set-server=utf8mb4',
        '--collation-server=utf8mb4_general_ci',
        ...args,
      ],
      cwd: this.home,
      log: this.run.log('mariadb'),
      onStart: (record) => this.run.addService(record),
      timeoutSeconds: 60,
      ready: async () => this.accepts(),
      env: cleanEnvironment(this.home),
    });
  }

  private async accepts(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: this.port });
      socket.once('data', () => { socket.destroy(); resolve(true); });
      socket.once('error', () => { socket.destroy(); resolve(false); });
    });
  }
}
