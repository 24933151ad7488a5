import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { RegistryStack } from './clients/registry-stack';
import { StackResult } from './clients/stack-driver';
import { mustRun } from './process/command';
import { LOCAL, ROOT, toolScript } from './process/paths';
import { Run } from './process/run';
import { comparable, expectEqual, succeeded } from './servers/checks';
import { startLocalCloud, storeSecret } from './services/local-cloud';
import { ZenmlObject } from './services/zenml-api';
import { Steps } from './steps';
import type { UpgradeApp } from './upgrade/synthesize';

const USAGE = 'npm run test:upgrade -- COMMIT: COMMIT is an older commit or tag, whose library deploys first';
const PREVIOUS = join(LOCAL, 'previous');

/**
 * `npm run test:upgrade -- COMMIT`: the library is upgraded between two deploys, with a rollback to the older one on
 * the way.
 */
async function main(args: string[]): Promise<void> {
  const [commit, ...more] = args;
  if (commit === undefined || more.length > 0 || commit.startsWith('-')) { throw new Error(USAGE); }
  const run = await Run.create();
  const steps = new Steps();
  try {
    await checkOut(commit, run.log('previous'));
    const { aws, zenml } = await startLocalCloud(run);
    const secretArn = await storeSecret(aws, 'upgrade/api-key', (await zenml.createApiKey('upgrade')).key);
    const stack = new RegistryStack(aws, 'Upgrade', run.directory('upgrade'));
    const deploy = async (root: string, app: Pick<UpgradeApp, 'description' | 'refused'>): Promise<StackResult> => {
      const folder = run.directory(`upgrade-${root === ROOT ? 'this' : 'previous'}`);
      const whole: UpgradeApp = {
        ...app,
        name: 'Upgrade',
        account: aws.account,
        region: aws.region,
        url: zenml.url,
        secretArn,
      };
      await mustRun(
        'synthesis',
        process.execPath,
        ['--import', 'tsx', join(ROOT, 'local', 'upgrade', 'synthesize.ts'), root, folder, JSON.stringify(whole)],
        { cwd: ROOT, env: process.env, log: run.log('synthesis') },
      );
      return stack.deploySynthesized({
        template: JSON.parse(readFileSync(join(folder, 'upgrade.json'), 'utf8')) as never,
        folder,
      });
    };
    const objects = async (): Promise<ZenmlObject[]> => {
      const lists = await Promise.all(
        (['service_connectors', 'components', 'stacks'] as const).map(async (kind) => zenml.admin.list(kind)),
      );
      return lists.flat().filter((object) => JSON.stringify(object.metadata).includes(':stack/Upgrade/'));
    };

    let before: ZenmlObject[] = [];
    await steps.run(`Deploy with the library of ${commit}`, async () => {
      succeeded(await deploy(PREVIOUS, { description: 'one' }), 'CREATE_COMPLETE');
      before = await objects();
      expectEqual(before.length, 3, 'objects');
    });
    await steps.run('Upgrade in a deploy that fails: the older library rolls back', async () => {
      expectEqual(
        (await deploy(ROOT, { description: 'two', refused: true })).status,
        'UPDATE_ROLLBACK_COMPLETE',
        'status',
      );
      expectEqual(comparable(await objects()), comparable(before), 'objects after the rollback');
    });
    await steps.run('Upgrade: all objects keep their ids', async () => {
      expectEqual((await deploy(ROOT, { description: 'one' })).status, 'UPDATE_COMPLETE', 'status');
      expectEqual((await objects()).map(({ id }) => id), before.map(({ id }) => id), 'ids');
      expectEqual((await deploy(ROOT, { description: 'one' })).status, 'NO_CHANGES', 'status of the same deploy again');
    });
    await steps.run('Change and downgrade: all objects keep their ids', async () => {
      expectEqual((await deploy(ROOT, { description: 'three' })).status, 'UPDATE_COMPLETE', 'status');
      expectEqual(
        (await deploy(PREVIOUS, { description: 'four' })).status,
        'UPDATE_COMPLETE',
        'status of the downgrade',
      );
      expectEqual((await objects()).map(({ id }) => id), before.map(({ id }) => id), 'ids');
    });
    await steps.run('Upgrade again, and destroy', async () => {
      expectEqual((await deploy(ROOT, { description: 'five' })).status, 'UPDATE_COMPLETE', 'status');
      succeeded(await stack.destroy(), 'DELETE_COMPLETE');
      expectEqual((await objects()).length, 0, 'objects');
    });
    console.log(`\nAll steps passed in ${steps.elapsed}.`);
  } finally {
    await run.end();
    await removeCheckout();
  }
}

/** The older commit with the same dependencies, and its own bundle. */
async function checkOut(commit: string, log: string): Promise<void> {
  await removeCheckout();
  await mustRun('git worktree add', 'git', ['worktree', 'add', '--detach', PREVIOUS, commit], {
    cwd: ROOT,
    env: process.env,
    log,
  });
  symlinkSync(join(ROOT, 'node_modules'), join(PREVIOUS, 'node_modules'), 'junction');
  for (const root of [PREVIOUS, ROOT]) {
    await mustRun('bundling', process.execPath, [toolScript('projen'), 'bundle'], { cwd: root, env: process.env, log });
  }
}

async function removeCheckout(): Promise<void> {
  if (!existsSync(PREVIOUS)) { return; }
  rmSync(PREVIOUS, { recursive: true, force: true });
  await mustRun('git worktree prune', 'git', ['worktree', 'prune'], { cwd: ROOT, env: process.env });
}

main(process.argv.slice(2)).then(() => process.exit(0), (error: Error) => {
  console.error(error.message);
  process.exit(1);
});
