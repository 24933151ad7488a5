import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CommandResult, mustRun } from '../process/command';
import { cleanEnvironment } from '../process/environment';
import { ROOT, toolScript } from '../process/paths';
import { LocalAws } from '../services/aws';

interface CdkOptions {
  readonly context?: Record<string, string>;
  readonly onLine?: (line: string) => void;
}

/** The ordinary CDK command line against the local AWS. */
export class Cdk {
  /** What `cdk deploy` wrote with `--outputs-file`. */
  public readonly outputsFile: string;

  /**
   * @param files where the command line's own files and its output go
   * @param app command that synthesizes the app; by default the one of cdk.json
   */
  public constructor(
    private readonly files: { readonly folder: string; readonly log: string },
    private readonly aws: LocalAws,
    private readonly app?: string,
  ) {
    this.outputsFile = join(files.folder, 'outputs.json');
  }

  public async bootstrap(): Promise<CommandResult> {
    // From a folder without cdk.json: otherwise the command would run the app first.
    const cwd = join(this.files.folder, 'bootstrap');
    mkdirSync(cwd, { recursive: true });
    return this.command(['bootstrap', `aws://${this.aws.account}/${this.aws.region}`], { cwd });
  }

  public async deploy(options: CdkOptions): Promise<CommandResult> {
    return this.command(
      ['deploy', '--all', '--require-approval', 'never', '--outputs-file', this.outputsFile],
      options,
    );
  }

  public async destroy(options: CdkOptions): Promise<CommandResult> {
    return this.command(['destroy', '--all', '--force'], options);
  }

  private async command(args: string[], options: CdkOptions & { readonly cwd?: string }): Promise<CommandResult> {
    const { folder, log } = this.files;
    const context = Object.entries(options.context ?? {}).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
    const app = this.app === undefined ? [] : ['--app', this.app];
    const output = args[0] === 'bootstrap' ? [] : ['--output', join(folder, 'cdk.out'), ...app];
    return mustRun(
      `cdk ${args[0]}`,
      process.execPath,
      [toolScript('cdk'), ...args, ...context, ...output, '--no-notices', '--progress', 'events'],
      {
        cwd: options.cwd ?? ROOT,
        log,
        onLine: options.onLine,
        env: cleanEnvironment(folder, {
          ...this.aws.administrator,
          CDK_HOME: join(folder, 'home'),
          CDK_DISABLE_CLI_TELEMETRY: 'true',
          JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1',
          CI: 'true',
        }),
      },
    );
  }
}
