import { PRODUCTION, Spec } from './app';
import { simulatedPorts } from './ports';
import { Watch } from './watch';
import { World } from './world';
import { makeHandler } from '../../src/handler/handler';
import { User } from '../fakes/zenml-objects';
import { ZenMLServer } from '../fakes/zenml-server';

export const ORIGINS = { a: 'https://a.example.com', alias: 'https://also-a.example.com', b: 'https://b.example.com' } as const;
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
  detach: false,
  abandon: false,
  retain: false,
};

/** Two ZenML servers, one of them under two names, with our accounts and somebody else's. The real handler runs in the simulated Lambda. */
export class Scene {
  public readonly world: World;
  public readonly servers: { readonly a: ZenMLServer; readonly b: ZenMLServer };
  public readonly watch: Watch;
  /** Texts that must appear nowhere. */
  public readonly canaries: string[] = [];
  private readonly others: Record<'a' | 'b', User>;
  private readonly keyArns = new Map<string, string>();

  public constructor(seed: number) {
    this.world = new World(seed, (world, environment) => makeHandler(simulatedPorts(world, environment)));
    this.servers = { a: this.world.addServer(ORIGINS.a, ORIGINS.alias), b: this.world.addServer(ORIGINS.b) };
    this.others = { a: this.servers.a.addUser('ann'), b: this.servers.b.addUser('ann') };
    const ours = new Set<string>();
    for (const name of ['a', 'b'] as const) {
      const server = this.servers[name];
      // Stacks One and Two share an account, Three has its own.
      for (const account of ['ci', 'other-ci']) {
        const user = server.addUser(account);
        ours.add(user.id);
        const secret = `canary-api-key-${this.world.random.hex(24)}`;
        const key = server.addApiKey(user, secret);
        const arn = this.world.account.arn('secretsmanager', `secret:${name}-${account}-abcdef`);
        this.world.account.secrets.set(arn, key);
        this.keyArns.set(`${name}/${account}`, arn);
        this.canaries.push(secret, key);
      }
      const local = (type: string) => [...server.tables.components.values()].find(row => row.type === type)!.id;
      server.as(this.others[name], 'POST', '/api/v1/stacks', {
        name: PRODUCTION, components: { orchestrator: [local('orchestrator')], artifact_store: [local('artifact_store')] }, labels: { of: 'ann' },
      });
    }
    this.watch = new Watch(this, ours);
  }

  /** Ann, who works on the same server. */
  public other(server: ZenMLServer): User {
    return server === this.servers.a ? this.others.a : this.others.b;
  }

  public serverOf(origin: string): ZenMLServer {
    return this.world.network.get(origin)!;
  }

  public apiKeyArn(origin: string, stack: StackName): string {
    return this.keyArns.get(`${origin === ORIGINS.b ? 'b' : 'a'}/${stack === 'Three' ? 'other-ci' : 'ci'}`)!;
  }
}
