import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';

/**
 * `synthesize.ts ROOT FOLDER JSON`: builds the app of `npm run test:upgrade` with the library in ROOT, which may be an
 * older commit, and writes the template and the assets to FOLDER. It uses only the API that all commits have.
 */
export interface UpgradeApp {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly url: string;
  readonly secretArn: string;
  readonly description: string;
  /** A component that ZenML refuses, created after all others. */
  readonly refused?: boolean;
}

const [root, folder, json] = process.argv.slice(2) as [string, string, string];
const app = JSON.parse(json) as UpgradeApp;

async function main(): Promise<void> {
  const { synthesize } = (await import(
    join(root, 'local', 'clients', 'registry-stack.ts')
  )) as typeof import('../clients/registry-stack');
  const library = await import(join(root, 'src', 'index.ts')) as typeof import('../../src');
  const { template } = synthesize(app.name, folder, app, (stack) => {
    const server = library.ZenMLServer.selfHosted({
      url: app.url,
      apiKey: Secret.fromSecretCompleteArn(stack, 'ApiKey', app.secretArn),
    });
    const registry = new library.EcrContainerRegistry(stack, 'Registry', {
      server,
      labels: { text: app.description },
      repositoryNames: [app.name.toLowerCase()],
      repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
    });
    const types = [library.ComponentType.ORCHESTRATOR, library.ComponentType.ARTIFACT_STORE];
    const others = types.map((type) =>
      library.StackComponent.fromStackComponentName(stack, type.name, server, type, 'default'),
    );
    const zenmlStack = new library.ZenMLStack(stack, 'Stack', {
      server,
      description: app.description,
      components: [registry, ...others],
    });
    if (app.refused) {
      const refused = new library.StackComponent(stack, 'Refused', {
        server,
        componentType: library.ComponentType.IMAGE_BUILDER,
        flavor: 'no-such-flavor',
      });
      refused.node.addDependency(zenmlStack);
    }
  });
  writeFileSync(join(folder, 'upgrade.json'), JSON.stringify(template));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
