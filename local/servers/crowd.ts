import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { comparable, expectEqual, succeeded } from './checks';
import { defaults, shortenWaits } from './templates';
import { EcrContainerRegistry, RegistryAuthentication, ZenMLServer, ZenMLStack } from '../../src';
import { RegistryStack } from '../clients/registry-stack';
import { LocalAws } from '../services/aws';
import { ZenmlApi, ZenmlObject } from '../services/zenml-api';

/**
 * CloudFormation stacks that are created, changed and deleted at the same time, so that their events meet in one ZenML
 * server.
 */
export class Crowd {
  private readonly stacks: readonly RegistryStack[];

  public constructor(
    private readonly aws: LocalAws,
    private readonly zenml: ZenmlApi,
    private readonly server: (scope: Stack) => ZenMLServer,
    private readonly name: string,
    folder: string,
    size: number = 8,
  ) {
    this.stacks = Array.from({ length: size }, (_, index) => new RegistryStack(aws, `${name}-${index}`, folder));
  }

  /** Creates all, changes all, and deletes all; no object is lost, doubled or left. */
  public async live(): Promise<void> {
    await this.deploy('CREATE_COMPLETE', 'first');
    const created = await this.objects();
    expectEqual(created.length, 2 * this.stacks.length, 'components and ZenML stacks after the creation of all');
    await this.deploy('UPDATE_COMPLETE', 'second');
    const updated = await this.objects();
    expectEqual(
      updated.map(({ id }) => id),
      created.map(({ id }) => id),
      'ids after the update of all',
    );
    expectEqual(
      textsOf(updated),
      updated.map(() => 'second'),
      'labels after the update of all',
    );
    await this.end();
    expectEqual(comparable(await this.objects()), [], 'objects after the delete of all');
  }

  public async end(): Promise<void> {
    for (const result of await Promise.all(this.stacks.map(async (stack) => stack.destroy()))) {
      succeeded(result, 'DELETE_COMPLETE');
    }
  }

  private async deploy(status: string, text: string): Promise<void> {
    const results = await Promise.all(
      this.stacks.map(async (stack) =>
        stack.deploy((scope) => {
          const server = this.server(scope);
          const registry = new EcrContainerRegistry(scope, 'Registry', {
            server,
            labels: { text },
            repositoryNames: [stack.name.toLowerCase()],
            repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
            authentication: RegistryAuthentication.localDocker(),
          });
          new ZenMLStack(scope, 'Stack', {
            server,
            labels: { text },
            components: [registry, ...defaults(scope, server)],
          });
          shortenWaits(scope);
        }),
      ),
    );
    for (const result of results) {
      succeeded(result, status);
    }
  }

  private async objects(): Promise<ZenmlObject[]> {
    const all = [...(await this.zenml.list('components')), ...(await this.zenml.list('stacks'))];
    const prefix = `:${this.aws.account}:stack/${this.name}-`;
    return all
      .filter((object) => JSON.stringify(object.metadata).includes(prefix))
      .sort((one, other) => one.id.localeCompare(other.id));
  }
}

function textsOf(objects: readonly ZenmlObject[]): unknown[] {
  return objects.map((object) => (object.metadata as { labels: Record<string, unknown> }).labels.text);
}
