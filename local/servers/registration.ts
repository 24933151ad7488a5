import { randomUUID } from 'node:crypto';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ArnPrincipal } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { body, comparable, expectEqual, metadata } from './checks';
import { ServerIdentity } from './server-identity';
import { defaults, shortenWaits } from './templates';
import {
  ComponentType,
  ConnectorAuthentication,
  EcrContainerRegistry,
  EcrContainerRegistryProps,
  RegistryAuthentication,
  StackComponent,
  ZenMLServer,
  ZenMLStack,
  ZenMLStackAttachment,
} from '../../src';
import { RegistryStack } from '../clients/registry-stack';
import { StackResult } from '../clients/stack-driver';
import { LocalAws } from '../services/aws';
import { replaceSecret, storeSecret } from '../services/local-cloud';
import { RecordingProxy } from '../services/recording-proxy';
import { ZenmlServer } from '../services/zenml';
import { ZenmlObject } from '../services/zenml-api';

export type Database = 'SQLite' | 'MariaDB';

export interface Scene {
  readonly aws: LocalAws;
  readonly zenml: ZenmlServer;
  readonly identity: ServerIdentity;
  readonly database: Database;
  /** The server's release. */
  readonly version: string;
  /** Kills the database and starts it again; absent where the database is a file. */
  readonly restartDatabase?: () => Promise<void>;
}

/** What a template of the main CloudFormation stack varies in. */
export interface Wish {
  readonly labels?: Record<string, string>;
  readonly description?: string;
  readonly defaultRepository?: 'second';
  readonly serial?: number;
  readonly implicit?: boolean;
  readonly names?: boolean;
  readonly repairTrigger?: string;
  /** Name of a ZenML stack that the template does not create. */
  readonly attachTo?: string;
  /** A component that ZenML refuses, created after all others. */
  readonly broken?: boolean;
}

type Snapshot = readonly ZenmlObject[];

/**
 * A registration on one ZenML server: the main CloudFormation stack, a second one for objects without IAM, and what is
 * in ZenML. The steps in `steps.ts`, `steps-with-others.ts` and `limit-steps.ts` change it.
 */
export class ServerRegistration {
  public static async begin(scene: Scene, name: string, folder: string): Promise<ServerRegistration> {
    const { aws, zenml } = scene;
    const proxy = await RecordingProxy.start({ target: zenml.url });
    const secretArn = await storeSecret(aws, `servers/${name}`, (await zenml.createApiKey('cdk')).key);
    return new ServerRegistration(
      scene,
      proxy,
      secretArn,
      new RegistryStack(aws, name, folder),
      new RegistryStack(aws, `${name}-second`, folder),
      folder,
    );
  }

  public readonly aws: LocalAws;
  public zenml: ZenmlServer;
  public wish: Wish = {};
  public ids: string[] = [];

  private constructor(
    public readonly scene: Scene,
    public readonly proxy: RecordingProxy,
    private readonly secretArn: string,
    public readonly stack: RegistryStack,
    public readonly second: RegistryStack,
    public readonly folder: string,
  ) {
    this.aws = scene.aws;
    this.zenml = scene.zenml;
  }

  /** The next steps meet this server at the same address. */
  public continueOn(zenml: ZenmlServer): void {
    this.zenml = zenml;
  }

  /** A new API key, in the secret of the old one: what a team does by hand when a server does not know the key. */
  public async renewApiKey(): Promise<void> {
    await replaceSecret(this.aws, this.secretArn, (await this.zenml.createApiKey('cdk')).key);
  }

  public async end(): Promise<void> {
    await this.stack.destroy();
    await this.second.destroy();
    await this.proxy.stop();
  }

  /** An update that has nothing to change but looks at each object and creates what no longer exists. */
  public async refresh(token: string): Promise<StackResult> {
    const result = await this.deploy({ ...this.wish, repairTrigger: token });
    this.ids = await this.idsNow();
    return result;
  }

  /** Deletes the connectors that no component of the main CloudFormation stack uses; returns how many there were. */
  public async deleteUnusedConnectors(): Promise<number> {
    const ours = await this.ours();
    const used = ours.map((object) => (metadata(object).connector as ZenmlObject | null)?.id);
    const unused = ours.filter((object) => body(object).auth_method !== undefined && !used.includes(object.id));
    for (const { id } of unused) {
      await this.zenml.admin.call('DELETE', `/service_connectors/${id}`);
    }
    this.ids = await this.idsNow();
    return unused.length;
  }

  // ---------------------------------------------------------------- the two CloudFormation stacks

  public async deploy(wish: Wish): Promise<StackResult> {
    this.wish = wish;
    return this.stack.deploy((scope) => {
      const server = this.server(scope);
      const { labels, repairTrigger, names } = wish;
      const registry = new EcrContainerRegistry(scope, 'Registry', {
        server,
        labels,
        repairTrigger,
        ...(names && { stackComponentName: 'named-registry', serviceConnectorName: 'named-connector' }),
        repositoryNames: wish.defaultRepository
          ? [this.repository('second'), this.repository()]
          : [this.repository(), this.repository('second')],
        repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
        authentication: RegistryAuthentication.connector(
          wish.implicit
            ? ConnectorAuthentication.implicit()
            : ConnectorAuthentication.iamRole({ accessKeySerial: wish.serial ?? 0 }),
        ),
      });
      const stack = new ZenMLStack(scope, 'Stack', {
        server,
        labels,
        repairTrigger,
        description: wish.description,
        ...(names && { zenmlStackName: 'named-stack' }),
        components: [registry, ...defaults(scope, server)],
      });
      if (wish.attachTo !== undefined) {
        const zenmlStack = ZenMLStack.fromZenmlStackName(scope, 'Others', server, wish.attachTo);
        new ZenMLStackAttachment(scope, 'Attachment', { zenmlStack, component: registry, outputs: false });
      }
      if (wish.broken) {
        new StackComponent(scope, 'Broken', {
          server,
          componentType: ComponentType.IMAGE_BUILDER,
          flavor: 'no-such-flavor',
        }).node.addDependency(stack);
      }
      shortenWaits(scope);
    });
  }

  public async deploySecond(define: (scope: Stack, server: ZenMLServer) => void): Promise<StackResult> {
    return this.second.deploy((scope) => {
      const server = this.server(scope);
      define(scope, server);
      shortenWaits(scope);
    });
  }

  public server(scope: Stack, secretArn: string = this.secretArn): ZenMLServer {
    return ZenMLServer.selfHosted({
      url: this.proxy.url,
      apiKey: Secret.fromSecretCompleteArn(scope, `ApiKey${secretArn === this.secretArn ? '' : 'Other'}`, secretArn),
      awsIdentity: new ArnPrincipal(this.scene.identity.arn),
      implicitAuthentication: true,
    });
  }

  /** A registry without a connector: one object in ZenML, no IAM. */
  public localRegistry(
    scope: Stack,
    server: ZenMLServer,
    props: Partial<EcrContainerRegistryProps>,
  ): EcrContainerRegistry {
    return new EcrContainerRegistry(scope, 'Registry', {
      server,
      repositoryNames: [`${this.repository()}-local`],
      repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
      authentication: RegistryAuthentication.localDocker(),
      ...props,
    });
  }

  public repository(which: 'first' | 'second' = 'first'): string {
    return `${this.stack.name.toLowerCase()}/${which}`;
  }

  public get host(): string {
    return `${this.aws.account}.dkr.ecr.${this.aws.region}.amazonaws.com`;
  }

  // ---------------------------------------------------------------- what is in ZenML

  public async registryOfOthers(name: string): Promise<string> {
    return (
      await this.zenml.admin.call<ZenmlObject>('POST', '/components', {
        name,
        type: 'container_registry',
        flavor: 'aws',
        configuration: { uri: this.host },
        labels: { team: 'theirs' },
      })
    ).id;
  }

  public async stackOfOthers(name: string, registry?: string, stepOperators: string[] = []): Promise<string> {
    const others = await this.zenml.admin.list('components', '&name=equals:default');
    const id = (type: string) => others.find((component) => body(component).type === type)!.id;
    return (
      await this.zenml.admin.call<ZenmlObject>('POST', '/stacks', {
        name,
        description: `found ${randomUUID()}`,
        labels: { team: 'theirs' },
        components: {
          orchestrator: [id('orchestrator')],
          artifact_store: [id('artifact_store')],
          ...(registry && { container_registry: [registry] }),
          ...(stepOperators.length > 0 && { step_operator: stepOperators }),
        },
      })
    ).id;
  }

  public async get(kind: 'components' | 'stacks', id: string): Promise<ZenmlObject> {
    return this.zenml.admin.call<ZenmlObject>('GET', `/${kind}/${id}?hydrate=true`);
  }

  /** Connector, component and stack of the main CloudFormation stack. */
  public async ours(cloudFormationStack: string = this.stack.name): Promise<Snapshot> {
    const { admin } = this.zenml;
    const all = [
      ...(await admin.list('service_connectors')),
      ...(await admin.list('components')),
      ...(await admin.list('stacks')),
    ];
    return all.filter((object) => JSON.stringify(object.metadata).includes(`:stack/${cloudFormationStack}/`));
  }

  public async idsOf(cloudFormationStack: string): Promise<string[]> {
    return (await this.ours(cloudFormationStack)).map((object) => object.id);
  }

  public async idsNow(): Promise<string[]> {
    return this.idsOf(this.stack.name);
  }

  public async sameIds(): Promise<void> {
    expectEqual(await this.idsNow(), this.ids, 'ids of connector, component and stack');
  }

  public async comparable(): Promise<unknown> {
    return comparable(await this.ours());
  }

  /** Id of the access key that the connector has. */
  public async keyInZenml(): Promise<unknown> {
    const connector = await this.zenml.admin.call<ZenmlObject>(
      'GET',
      `/service_connectors/${this.ids[0]}?expand_secrets=true`,
    );
    return (metadata(connector).configuration as Record<string, unknown> | undefined)?.aws_access_key_id;
  }
}
