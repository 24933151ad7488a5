import { PRODUCTION, SECRET, Spec } from './app';
import { InvariantWatch } from './invariant-watch';
import { handMadeConnector, handMadeKeys } from './manual-connectors';
import { makeHandler } from '../../src/handler/handler';
import { simulatedPorts } from '../simulator/simulated-ports';
import { World } from '../simulator/world';
import { ModelServer } from '../zenml-model/model-server';
import { User } from '../zenml-model/objects';

export const ORIGINS = {
  a: 'https://a.example.com',
  alias: 'https://also-a.example.com',
  b: 'https://b.example.com',
} as const;
export type Origin = keyof typeof ORIGINS;
export const STACKS = ['One', 'Two', 'Three'] as const;
export type StackName = (typeof STACKS)[number];

export const FIRST_SPEC: Spec = {
  origin: ORIGINS.a,
  apiKeyArn: '',
  method: 'iam-role',
  keySerial: 0,
  region: 'eu-west-1',
  text: 1,
  component: true,
  stack: true,
  attach: false,
  adopt: false,
  adoptConnector: false,
  ownConnector: false,
  operator: false,
  settings: false,
  detach: false,
  abandon: false,
  retain: false,
};

type ServerName = 'a' | 'b';
/** Stacks One and Two share an account of ZenML, Three has its own. */
const ACCOUNTS = ['ci', 'other-ci'] as const;

/**
 * Two ZenML servers, one of them under two names, with the library's accounts and somebody else's. The real handler
 * runs in the simulated Lambda.
 */
export class Scene {
  public readonly world: World;
  public readonly servers: { readonly a: ModelServer; readonly b: ModelServer };
  public readonly watch: InvariantWatch;
  /** Texts that must appear nowhere. */
  public readonly canaries: string[] = [];
  private readonly ours = new Set<string>();
  private readonly others = new Map<ServerName, User>();
  private readonly accounts = new Map<string, User>();

  public constructor(seed: number) {
    this.world = new World(seed, (world, environment) => makeHandler(simulatedPorts(world, environment)));
    this.servers = { a: this.world.addServer(ORIGINS.a, ORIGINS.alias), b: this.world.addServer(ORIGINS.b) };
    this.populate('a');
    this.populate('b');
    this.watch = new InvariantWatch(this.world, Object.values(this.servers), this.ours);
  }

  /** Ann, who works on the same server. */
  public other(server: ModelServer): User {
    return this.others.get(server === this.servers.a ? 'a' : 'b')!;
  }

  public serverOf(origin: string): ModelServer {
    return this.world.network.get(origin)!;
  }

  public apiKeyArn(origin: string, stack: StackName): string {
    return this.keyArn(origin === ORIGINS.b ? 'b' : 'a', stack === 'Three' ? 'other-ci' : 'ci');
  }

  /** A server made anew at the same address, and set up again by its people. */
  public remake(name: ServerName, newId: boolean): void {
    this.servers[name].remake(newId);
    this.populate(name);
    this.watch.remade(this.servers[name]);
  }

  /** Another service account stands behind the API key that is in the same secret. */
  public replaceAccount(name: ServerName, index: number): void {
    this.addAccount(name, ACCOUNTS[index % ACCOUNTS.length]!);
  }

  public killKeys(name: ServerName): void {
    const server = this.servers[name];
    for (const account of ACCOUNTS) {
      server.revokeApiKey(this.world.account.secrets.get(this.keyArn(name, account))!);
    }
    server.expireTokens();
  }

  /** Every secret holds a key that works, of the account that it was of. */
  public mendKeys(): void {
    for (const name of ['a', 'b'] as const) {
      for (const account of ACCOUNTS) { this.storeKey(name, account); }
    }
  }

  private populate(name: ServerName): void {
    const server = this.servers[name];
    const ann = server.addUser('ann');
    this.others.set(name, ann);
    for (const account of ACCOUNTS) { this.addAccount(name, account); }
    const local = (type: string) => [...server.tables.components.values()].find(row => row.type === type)!.id;
    const make = (kind: string, body: unknown) => server.as(ann, 'POST', `/api/v1/${kind}`, body).id as string;
    [SECRET, 'ann-own'].forEach((secret) => make('secrets', { name: secret, values: {} }));
    const operator = (operatorName: string) =>
      make('components', { name: operatorName, type: 'step_operator', flavor: 'sagemaker', configuration: {} });
    make('components', {
      name: 'ann-first-registry',
      type: 'container_registry',
      flavor: 'aws',
      configuration: { uri: this.world.account.registryHost },
      connector: make(
        'service_connectors',
        handMadeConnector('ann-connector', handMadeKeys(this.world.account, 'ann')),
      ),
    });
    make('stacks', {
      name: PRODUCTION,
      components: {
        orchestrator: [local('orchestrator')],
        artifact_store: [local('artifact_store')],
        step_operator: [operator('ann-large'), operator('ann-small')],
      },
      labels: { of: 'ann' },
    });
  }

  private addAccount(name: ServerName, account: string): void {
    const user = this.servers[name].addUser(account);
    this.ours.add(user.id);
    this.accounts.set(`${name}/${account}`, user);
    this.storeKey(name, account);
  }

  private storeKey(name: ServerName, account: string): void {
    const secret = `canary-api-key-${this.world.random.hex(24)}`;
    const key = this.servers[name].addApiKey(this.accounts.get(`${name}/${account}`)!, secret);
    this.world.account.secrets.set(this.keyArn(name, account), key);
    this.canaries.push(secret, key);
  }

  private keyArn(name: ServerName, account: string): string {
    return this.world.account.arn('secretsmanager', `secret:${name}-${account}-abcdef`);
  }
}
