import { randomUUID } from 'node:crypto';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ArnPrincipal } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { body, comparable, expectEqual, metadata, registriesOf, succeeded } from './checks';
import { Crowd } from './crowd';
import { ServerIdentity } from './server-identity';
import { defaults, labelsOfCharacters, shortenWaits } from './templates';
import { compareVersions } from './zenml-versions';
import {
  ComponentType, ConnectorAuthentication, EcrContainerRegistry, EcrContainerRegistryProps, RegistryAuthentication, StackComponent, ZenMLServer,
  ZenMLStack, ZenMLStackAttachment,
} from '../../src';
import { DESCRIPTION_MAX_LENGTH, KEY_CONNECTOR_NAME_MAX_LENGTH, NAME_MAX_LENGTH, STORED_TEXT_MAX_LENGTH } from '../../src/contract/rules';
import { RegistryStack } from '../clients/registry-stack';
import { StackResult } from '../clients/stack-driver';
import { LocalAws } from '../services/aws';
import { replaceSecret, storeSecret } from '../services/local-cloud';
import { RecordingProxy } from '../services/recording-proxy';
import { ZenmlServer } from '../services/zenml';
import { ZenmlObject } from '../services/zenml-api';
import { assertThat } from '../steps';

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
interface Wish {
  readonly labels?: Record<string, string>;
  readonly description?: string;
  readonly defaultRepository?: 'second';
  readonly serial?: number;
  readonly implicit?: boolean;
  readonly names?: boolean;
  readonly refreshToken?: string;
  /** Name of a ZenML stack that the template does not create. */
  readonly attachTo?: string;
  /** A component that ZenML refuses, created after all others. */
  readonly broken?: boolean;
}

type Snapshot = readonly ZenmlObject[];

/**
 * The life of a registration on one ZenML server. Each step starts where the step before it ended, and its method throws what is wrong. A
 * step that follows a failed one is still run, because most depend on `create` alone.
 */
export class Life {
  public static async begin(scene: Scene, name: string, folder: string): Promise<Life> {
    const { aws, zenml } = scene;
    const proxy = await RecordingProxy.start({ target: zenml.url });
    const secretArn = await storeSecret(aws, `servers/${name}`, (await zenml.createApiKey('cdk')).key);
    return new Life(scene, proxy, secretArn, new RegistryStack(aws, name, folder), new RegistryStack(aws, `${name}-second`, folder), folder);
  }

  private readonly aws: LocalAws;
  private zenml: ZenmlServer;
  private wish: Wish = {};
  private ids: string[] = [];

  private constructor(
    private readonly scene: Scene,
    private readonly proxy: RecordingProxy,
    private readonly secretArn: string,
    private readonly stack: RegistryStack,
    private readonly second: RegistryStack,
    private readonly folder: string,
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

  // ---------------------------------------------------------------- steps

  public async create(): Promise<void> {
    succeeded(await this.deploy({}), 'CREATE_COMPLETE');
    const [connector, component, stack, ...more] = await this.ours();
    assertThat(!!connector && !!component && !!stack && more.length === 0, 'connector, component and stack must exist once each');
    expectEqual(body(connector!).resource_types, ['docker-registry'], 'resource types of the connector');
    expectEqual(body(connector!).auth_method, 'iam-role', 'authentication method');
    const { configuration, connector: connected, connector_resource_id } = metadata(component!);
    expectEqual(configuration, { uri: this.host, default_repository: this.repository() }, 'configuration of the component');
    expectEqual([(connected as ZenmlObject | null)?.id, connector_resource_id], [connector!.id, this.host], 'connector of the component');
    expectEqual(registriesOf(stack!), [component!.id], 'registries of the ZenML stack');
    this.ids = await this.idsNow();
  }

  public async verify(): Promise<void> {
    const answer = await this.zenml.admin.call<{ error: unknown; resources: { resource_ids: string[] }[] }>('PUT', `/service_connectors/${this.ids[0]}/verify`);
    assertThat(!answer.error, `ZenML cannot use the connector: ${String(answer.error)}`);
    expectEqual(answer.resources[0]?.resource_ids, [this.host], 'registry that the connector reaches');
    const client = await this.zenml.admin.call<ZenmlObject>('GET', `/service_connectors/${this.ids[0]}/client?resource_type=docker-registry`);
    assertThat(/"username": ?"AWS"/.test(JSON.stringify(client)), 'the connector must give credentials for Docker');
  }

  public async unchanged(): Promise<void> {
    this.proxy.take();
    expectEqual((await this.deploy({})).status, 'NO_CHANGES', 'status of a deploy without changes');
    expectEqual(this.proxy.take(), [], 'calls of a deploy without changes');
    const before = await this.ours();
    succeeded(await this.deploy({ refreshToken: '1' }), 'UPDATE_COMPLETE');
    expectEqual(await this.comparable(), comparable(before), 'objects after an update that has nothing to change');
  }

  /** An update that has nothing to change but looks at each object and creates what no longer exists. */
  public async refresh(token: string): Promise<StackResult> {
    const result = await this.deploy({ ...this.wish, refreshToken: token });
    this.ids = await this.idsNow();
    return result;
  }

  /** Deletes the connectors that no component of the main CloudFormation stack uses; returns how many there were. */
  public async deleteUnusedConnectors(): Promise<number> {
    const ours = await this.ours();
    const used = ours.map((object) => (metadata(object).connector as ZenmlObject | null)?.id);
    const unused = ours.filter((object) => body(object).auth_method !== undefined && !used.includes(object.id));
    for (const { id } of unused) { await this.zenml.admin.call('DELETE', `/service_connectors/${id}`); }
    this.ids = await this.idsNow();
    return unused.length;
  }

  public async update(): Promise<void> {
    succeeded(await this.deploy({ labels: { team: 'b' }, description: 'second', defaultRepository: 'second' }), 'UPDATE_COMPLETE');
    await this.sameIds();
    const [connector, component, stack] = await this.ours();
    expectEqual([connector, component, stack].map((object) => (metadata(object!).labels as Record<string, string>).team), ['b', 'b', 'b'], 'labels');
    expectEqual(metadata(stack!).description, 'second', 'description');
    expectEqual((metadata(component!).configuration as { default_repository: string }).default_repository, this.repository('second'), 'default repository');
    expectEqual((metadata(component!).connector as ZenmlObject | null)?.id, connector!.id, 'connector of the component');
  }

  public async rotation(): Promise<void> {
    const before = await this.keyInZenml();
    succeeded(await this.deploy({ ...this.wish, serial: 1 }), 'UPDATE_COMPLETE');
    await this.sameIds();
    const after = await this.keyInZenml();
    assertThat(after !== undefined && after !== before, 'the connector must have another access key after the rotation');
    await this.verify();
  }

  public async changeOfMethod(): Promise<void> {
    succeeded(await this.deploy({ ...this.wish, implicit: true }), 'UPDATE_COMPLETE');
    const now = await this.idsNow();
    expectEqual(now.slice(1), this.ids.slice(1), 'ids of component and stack');
    assertThat(now[0] !== this.ids[0], 'another method must be another connector');
    this.ids = now;
    const [connector, component] = await this.ours();
    expectEqual(body(connector!).auth_method, 'implicit', 'authentication method');
    expectEqual((metadata(component!).connector as ZenmlObject | null)?.id, connector!.id, 'connector of the component');
    await this.verify();
  }

  public async rename(): Promise<void> {
    succeeded(await this.deploy({ ...this.wish, names: true }), 'UPDATE_COMPLETE');
    await this.sameIds();
    expectEqual((await this.ours()).map((object) => object.name), ['named-connector', 'named-registry', 'named-stack'], 'names');
  }

  /** A component and a stack of another user's are adopted, updated, and given back as they were found. */
  public async adoption(): Promise<void> {
    const { admin } = this.zenml;
    const component = await this.registryOfOthers('adopted-registry');
    const stack = await this.stackOfOthers('adopted-stack', component);
    const before = comparable([await this.get('components', component), await this.get('stacks', stack)]);
    const deploy = async (labels?: Record<string, string>) => this.deploySecond((scope, server) => {
      const registry = this.localRegistry(scope, server, { stackComponentName: 'adopted-registry', adoptExisting: true, labels });
      new ZenMLStack(scope, 'Stack', { server, zenmlStackName: 'adopted-stack', adoptExisting: true, labels, components: [registry, ...defaults(scope, server)] });
    });
    succeeded(await deploy(), 'CREATE_COMPLETE');
    expectEqual(await this.idsOf(this.second.name), [component, stack], 'objects after the adoption');
    succeeded(await deploy({ team: 'c' }), 'UPDATE_COMPLETE');
    succeeded(await this.second.destroy(), 'DELETE_COMPLETE');
    expectEqual(comparable([await this.get('components', component), await this.get('stacks', stack)]), before, 'objects after the delete');
    await admin.call('DELETE', `/stacks/${stack}`);
    await admin.call('DELETE', `/components/${component}`);
  }

  /** A stack of another user's, which has a registry already, gets this one and later its own back. */
  public async attachment(): Promise<void> {
    const { admin } = this.zenml;
    const component = await this.registryOfOthers('displaced-registry');
    const stack = await this.stackOfOthers('attached-stack', component);
    const { attachTo: _, ...without } = this.wish;
    succeeded(await this.deploy({ ...without, attachTo: 'attached-stack' }), 'UPDATE_COMPLETE');
    expectEqual(registriesOf(await this.get('stacks', stack)), [this.ids[1]], 'registries while attached');
    succeeded(await this.deploy(without), 'UPDATE_COMPLETE');
    expectEqual(registriesOf(await this.get('stacks', stack)), [component], 'registries after the attachment is removed');
    await admin.call('DELETE', `/stacks/${stack}`);
    await admin.call('DELETE', `/components/${component}`);
  }

  public async failingUpdate(): Promise<void> {
    const before = await this.comparable();
    const wish = this.wish;
    const result = await this.deploy({ ...wish, labels: { team: 'd' }, description: 'never', defaultRepository: undefined, broken: true });
    this.wish = wish;
    expectEqual(result.status, 'UPDATE_ROLLBACK_COMPLETE', 'status of a deploy with a component that ZenML refuses');
    assertThat(/^Broken.*no-such-flavor|^Broken/.test(result.failures.join('\n')), `the refused component must be named, got: ${result.failures.join('; ')}`);
    expectEqual(await this.comparable(), before, 'objects after the rollback');
    await this.sameIds();
  }

  /** A registry that another user's stack holds: the delete is refused with the stack's name, and nothing changes. */
  public async guardedDelete(): Promise<void> {
    const { admin } = this.zenml;
    const define = (scope: Stack, server: ZenMLServer) => { this.localRegistry(scope, server, { stackComponentName: 'guarded-registry' }); };
    succeeded(await this.deploySecond(define), 'CREATE_COMPLETE');
    const [component] = await this.idsOf(this.second.name);
    const stack = await this.stackOfOthers('guarding-stack', component);
    const refused = await this.second.destroy();
    expectEqual(refused.status, 'DELETE_FAILED', 'status of the delete');
    assertThat(/"guarding-stack".*detachFromStacks/.test(refused.failures.join('\n')), `the reason must name the stack, got: ${refused.failures.join('; ')}`);
    expectEqual(registriesOf(await this.get('stacks', stack)), [component], 'registries after the refused delete');
    await admin.call('DELETE', `/stacks/${stack}`);
    await this.second.destroy([...new Set(refused.failures.map((failure) => failure.split(' ')[0]!))]);
    await admin.call('DELETE', `/components/${component}`);
  }

  public async detach(): Promise<void> {
    const { admin } = this.zenml;
    succeeded(await this.deploySecond((scope, server) => {
      this.localRegistry(scope, server, { stackComponentName: 'detached-registry', detachFromStacks: true });
    }), 'CREATE_COMPLETE');
    const [component] = await this.idsOf(this.second.name);
    const stack = await this.stackOfOthers('holding-stack', component);
    succeeded(await this.second.destroy(), 'DELETE_COMPLETE');
    expectEqual(await this.idsOf(this.second.name), [], 'objects after the delete');
    expectEqual(registriesOf(await this.get('stacks', stack)), [], 'registries of the other stack');
    await admin.call('DELETE', `/stacks/${stack}`);
  }

  /** Eight CloudFormation stacks at the same time. */
  public async severalAtOnce(): Promise<void> {
    await new Crowd(this.aws, this.zenml.admin, (scope) => this.server(scope), `${this.stack.name}-crowd`, this.folder).live();
  }

  /** The database ends without a word while an update writes, and comes back. */
  public async databaseRestart(): Promise<void | false> {
    const { restartDatabase } = this.scene;
    if (!restartDatabase) { return false; }
    let restarted: Promise<void> | undefined;
    this.proxy.intervene = ({ method }) => {
      if (method === 'PUT' && !restarted) { restarted = restartDatabase(); }
      return undefined;
    };
    try {
      succeeded(await this.deploy({ ...this.wish, labels: { team: 'restarted' } }), 'UPDATE_COMPLETE');
    } finally {
      this.proxy.intervene = undefined;
      await restarted;
    }
    assertThat(restarted !== undefined, 'the database must have been restarted');
    await this.sameIds();
    expectEqual((await this.ours()).map((object) => (metadata(object).labels as Record<string, string>).team), ['restarted', 'restarted', 'restarted'], 'labels');
  }

  public async delete(): Promise<void> {
    succeeded(await this.stack.destroy(), 'DELETE_COMPLETE');
    expectEqual([...await this.idsNow(), ...await this.idsOf(this.second.name)], [], 'objects that are left in ZenML');
  }

  /** What a release began with works from that release on. An older server is told from it: refused with both versions, and nothing is created. */
  public async newerFeatures(): Promise<void> {
    const { admin } = this.zenml;
    const secretArn = await storeSecret(this.aws, `servers/${this.stack.name}-organization`, `ZENPROKEY_${Buffer.from('{"id":"none","key":"none"}').toString('base64')}`);
    const operators = ['first', 'second'].map((name) => `step-operator-${name}`);
    const ids: string[] = [];
    for (const name of operators) {
      const operator = { name, type: 'step_operator', flavor: 'kubernetes', configuration: { kubernetes_context: name } };
      ids.push((await admin.call<ZenmlObject>('POST', '/components', operator)).id);
    }
    const features: [string, (scope: Stack, server: ZenMLServer) => void][] = [
      ['0.95.0', (scope, server) => { new StackComponent(scope, 'Sandbox', { server, componentType: ComponentType.of('sandbox'), flavor: 'local' }); }],
      ['0.94.3', (scope, server) => {
        const used = operators.map((name) => StackComponent.fromStackComponentName(scope, name, server, ComponentType.STEP_OPERATOR, name));
        new ZenMLStack(scope, 'Stack', { server, components: [...used, ...defaults(scope, server)] });
      }],
    ];
    for (const [since, define] of features) {
      const result = await this.deploySecond(define);
      if (compareVersions(this.scene.version, since) >= 0) {
        succeeded(result, 'CREATE_COMPLETE');
        const stack = (await this.ours(this.second.name)).find((object) => metadata(object).components !== undefined);
        if (stack) { expectEqual((metadata(stack).components as Record<string, unknown[]>).step_operator?.length, 2, 'step operators of the stack'); }
      } else {
        this.refused(result, since);
      }
      succeeded(await this.second.destroy(), 'DELETE_COMPLETE');
    }
    const result = await this.deploySecond((scope) => {
      this.localRegistry(scope, this.server(scope, secretArn), { stackComponentName: 'organization-key' });
    });
    // No server takes a key that it did not issue; an old one does not know the form at all.
    if (compareVersions(this.scene.version, '0.91.1') < 0) { this.refused(result, '0.91.1'); } else { this.refused(result, 'refuses the API key'); }
    await this.second.destroy();
    for (const id of ids) { await admin.call('DELETE', `/components/${id}`); }
  }

  private refused(result: StackResult, word: string): void {
    const reason = result.failures.join('; ');
    expectEqual(result.status, 'ROLLBACK_COMPLETE', 'status of the deploy');
    assertThat(reason.includes(word), `the reason must contain "${word}", got: ${reason}`);
    if (/^\d/.test(word)) { assertThat(reason.includes(this.scene.version), `the reason must contain "${this.scene.version}", got: ${reason}`); }
  }

  /**
   * Names that differ only in case or accents. SQLite takes them for different names. MySQL and MariaDB take them for the same: the
   * registration is refused with the other object's name, and its own name can still be changed in case alone.
   */
  public async similarNames(): Promise<void> {
    const { admin } = this.zenml;
    const deploy = async (stackComponentName: string) => this.deploySecond((scope, server) => {
      this.localRegistry(scope, server, { stackComponentName });
    });
    for (const [theirs, ours] of [['similar-prod', 'Similar-Prod'], ['similar-zoe', 'similar-zo\u00eb']] as const) {
      const other = await this.registryOfOthers(theirs);
      const result = await deploy(ours);
      if (this.scene.database === 'SQLite') {
        succeeded(result, 'CREATE_COMPLETE');
      } else {
        expectEqual(result.status, 'ROLLBACK_COMPLETE', `status of a deploy of "${ours}" beside "${theirs}"`);
        const reason = result.failures.join('; ');
        assertThat(reason.includes(`"${ours}"`) && reason.includes(`"${theirs}"`), `the reason must name both names, got: ${reason}`);
      }
      succeeded(await this.second.destroy(), 'DELETE_COMPLETE');
      expectEqual((await this.get('components', other)).name, theirs, 'name of the other component');
      await admin.call('DELETE', `/components/${other}`);
    }
    succeeded(await deploy('Similar-Own'), 'CREATE_COMPLETE');
    const before = await this.idsOf(this.second.name);
    succeeded(await deploy('similar-own'), 'UPDATE_COMPLETE');
    expectEqual((await this.ours(this.second.name)).map(({ id, name }) => [id, name]), [[before[0], 'similar-own']], 'component after a change of case');
    succeeded(await this.second.destroy(), 'DELETE_COMPLETE');
  }

  /** The longest names, descriptions and labels that the library accepts, with characters of four bytes. */
  public async greatestSizes(): Promise<void> {
    const name = (what: string, length: number) => `${what}-\u{1f4e6}`.padEnd(length, 'n').slice(0, length);
    const text = (length: number) => '\u{1f4e6}'.padEnd(length, 'd').slice(0, length);
    const labels = labelsOfCharacters(STORED_TEXT_MAX_LENGTH);
    const define = (description: string) => (scope: Stack, server: ZenMLServer) => {
      const registry = new EcrContainerRegistry(scope, 'Registry', {
        server,
        labels,
        stackComponentName: name('component', NAME_MAX_LENGTH),
        serviceConnectorName: name('connector', KEY_CONNECTOR_NAME_MAX_LENGTH),
        repositoryNames: [`${this.repository()}-sizes`],
        repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
        authentication: RegistryAuthentication.connector(ConnectorAuthentication.iamRole()),
      });
      new ZenMLStack(scope, 'Stack', {
        server, labels, description, zenmlStackName: name('stack', NAME_MAX_LENGTH), components: [registry, ...defaults(scope, server)],
      });
    };
    succeeded(await this.deploySecond(define(text(DESCRIPTION_MAX_LENGTH))), 'CREATE_COMPLETE');
    succeeded(await this.deploySecond(define(text(DESCRIPTION_MAX_LENGTH - 1))), 'UPDATE_COMPLETE');
    for (const object of await this.ours(this.second.name)) {
      const stored = metadata(object).labels as Record<string, string>;
      expectEqual(Object.fromEntries(Object.keys(labels).map((key) => [key, stored[key]])), labels, `labels of "${object.name.slice(0, 20)}..."`);
    }
    succeeded(await this.second.destroy(), 'DELETE_COMPLETE');
    expectEqual(await this.idsOf(this.second.name), [], 'objects after the delete');
  }

  // ---------------------------------------------------------------- the two CloudFormation stacks

  private async deploy(wish: Wish): Promise<StackResult> {
    this.wish = wish;
    return this.stack.deploy((scope) => {
      const server = this.server(scope);
      const { labels, refreshToken, names } = wish;
      const registry = new EcrContainerRegistry(scope, 'Registry', {
        server,
        labels,
        refreshToken,
        ...(names && { stackComponentName: 'named-registry', serviceConnectorName: 'named-connector' }),
        repositoryNames: wish.defaultRepository ? [this.repository('second'), this.repository()] : [this.repository(), this.repository('second')],
        repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
        authentication: RegistryAuthentication.connector(
          wish.implicit ? ConnectorAuthentication.implicit() : ConnectorAuthentication.iamRole({ accessKeySerial: wish.serial ?? 0 })),
      });
      const stack = new ZenMLStack(scope, 'Stack', {
        server,
        labels,
        refreshToken,
        description: wish.description,
        ...(names && { zenmlStackName: 'named-stack' }),
        components: [registry, ...defaults(scope, server)],
      });
      if (wish.attachTo !== undefined) {
        const zenmlStack = ZenMLStack.fromZenmlStackName(scope, 'Others', server, wish.attachTo);
        new ZenMLStackAttachment(scope, 'Attachment', { zenmlStack, component: registry, outputs: false });
      }
      if (wish.broken) {
        new StackComponent(scope, 'Broken', { server, componentType: ComponentType.IMAGE_BUILDER, flavor: 'no-such-flavor' }).node.addDependency(stack);
      }
      shortenWaits(scope);
    });
  }

  private async deploySecond(define: (scope: Stack, server: ZenMLServer) => void): Promise<StackResult> {
    return this.second.deploy((scope) => {
      const server = this.server(scope);
      define(scope, server);
      shortenWaits(scope);
    });
  }

  private server(scope: Stack, secretArn: string = this.secretArn): ZenMLServer {
    return ZenMLServer.selfHosted({
      url: this.proxy.url,
      apiKey: Secret.fromSecretCompleteArn(scope, `ApiKey${secretArn === this.secretArn ? '' : 'Other'}`, secretArn),
      awsIdentity: new ArnPrincipal(this.scene.identity.arn),
      implicitAuthentication: true,
    });
  }

  /** A registry without a connector: one object in ZenML, no IAM. */
  private localRegistry(scope: Stack, server: ZenMLServer, props: Partial<EcrContainerRegistryProps>): EcrContainerRegistry {
    return new EcrContainerRegistry(scope, 'Registry', {
      server,
      repositoryNames: [`${this.repository()}-local`],
      repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
      authentication: RegistryAuthentication.localDocker(),
      ...props,
    });
  }

  private repository(which: 'first' | 'second' = 'first'): string {
    return `${this.stack.name.toLowerCase()}/${which}`;
  }

  private get host(): string {
    return `${this.aws.account}.dkr.ecr.${this.aws.region}.amazonaws.com`;
  }

  // ---------------------------------------------------------------- what is in ZenML

  private async registryOfOthers(name: string): Promise<string> {
    return (await this.zenml.admin.call<ZenmlObject>('POST', '/components', {
      name, type: 'container_registry', flavor: 'aws', configuration: { uri: this.host }, labels: { team: 'theirs' },
    })).id;
  }

  private async stackOfOthers(name: string, registry?: string): Promise<string> {
    const others = await this.zenml.admin.list('components', '&name=equals:default');
    const id = (type: string) => others.find((component) => body(component).type === type)!.id;
    return (await this.zenml.admin.call<ZenmlObject>('POST', '/stacks', {
      name,
      description: `found ${randomUUID()}`,
      labels: { team: 'theirs' },
      components: { orchestrator: [id('orchestrator')], artifact_store: [id('artifact_store')], ...(registry && { container_registry: [registry] }) },
    })).id;
  }

  private async get(kind: 'components' | 'stacks', id: string): Promise<ZenmlObject> {
    return this.zenml.admin.call<ZenmlObject>('GET', `/${kind}/${id}?hydrate=true`);
  }

  /** Connector, component and stack of the main CloudFormation stack. */
  private async ours(cloudFormationStack: string = this.stack.name): Promise<Snapshot> {
    const { admin } = this.zenml;
    const all = [...await admin.list('service_connectors'), ...await admin.list('components'), ...await admin.list('stacks')];
    return all.filter((object) => JSON.stringify(object.metadata).includes(`:stack/${cloudFormationStack}/`));
  }

  private async idsOf(cloudFormationStack: string): Promise<string[]> {
    return (await this.ours(cloudFormationStack)).map((object) => object.id);
  }

  private async idsNow(): Promise<string[]> {
    return this.idsOf(this.stack.name);
  }

  private async sameIds(): Promise<void> {
    expectEqual(await this.idsNow(), this.ids, 'ids of connector, component and stack');
  }

  private async comparable(): Promise<unknown> {
    return comparable(await this.ours());
  }

  /** Id of the access key that the connector has. */
  private async keyInZenml(): Promise<unknown> {
    const connector = await this.zenml.admin.call<ZenmlObject>('GET', `/service_connectors/${this.ids[0]}?expand_secrets=true`);
    return (metadata(connector).configuration as Record<string, unknown> | undefined)?.aws_access_key_id;
  }
}
