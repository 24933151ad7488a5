import { PRODUCTION } from './app';
import type { Scene } from './scene';
import { Label } from '../../src/contract/labels';
import { parsePhysicalId } from '../../src/contract/physical-id';
import { User } from '../fakes/zenml-objects';
import { ZenMLServer } from '../fakes/zenml-server';

interface Known {
  readonly kind: string;
  readonly name: string;
  readonly userId: string | null;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly components?: Readonly<Record<string, string[]>>;
  readonly text: string;
}

/** Looks on at every change on the servers and notes what must not happen. */
export class Watch {
  public readonly violations: string[] = [];
  /** Names that some stack may take over or detach from: what our accounts may then change. */
  public readonly adoptable = new Set<string>();
  public detachAllowed = false;
  /** ids that other people have deleted or edited. */
  public readonly touchedByOthers = new Set<string>();
  private readonly known = new Map<ZenMLServer, Map<string, Known>>();

  public constructor(private readonly scene: Scene, private readonly ours: ReadonlySet<string>) {
    for (const server of Object.values(scene.servers)) {
      this.known.set(server, snapshot(server));
      server.onChange = (user, method, path) => this.changed(server, user, `${method} ${path}`);
    }
  }

  public isOurs(userId: string | null): boolean {
    return userId !== null && this.ours.has(userId);
  }

  private changed(server: ZenMLServer, user: User, what: string): void {
    const before = this.known.get(server)!;
    const after = snapshot(server);
    this.known.set(server, after);
    const ids = new Set([...before.keys(), ...after.keys()]);
    for (const id of ids) {
      const was = before.get(id);
      const is = after.get(id);
      if (was?.text === is?.text) { continue; }
      if (!this.ours.has(user.id)) {
        this.touchedByOthers.add(id);
      } else if (was && !this.isOurs(was.userId) && !this.permitted(was, is)) {
        this.violations.push(`${what}: a foreign ${was.kind} "${was.name}" was ${is ? 'changed' : 'deleted'}\n  ${was.text}\n  ${is?.text ?? ''}`);
      }
    }
  }

  /** What our accounts may do to what is not theirs: the registry of the production stack; what was to be taken over; detaching on request. */
  private permitted(was: Known, is: Known | undefined): boolean {
    if (this.adoptable.has(was.name) || was.labels[Label.FOUND] !== undefined) { return true; }
    if (!is) { return false; }
    const { container_registry: _, ...wasRest } = was.components ?? {};
    const { container_registry: __, ...isRest } = is.components ?? {};
    const onlyRegistry = was.kind === 'stack' && JSON.stringify({ ...JSON.parse(was.text) as object, components: wasRest }) === JSON.stringify({ ...JSON.parse(is.text) as object, components: isRest });
    if (was.kind === 'stack' && onlyRegistry && (was.name === PRODUCTION || this.detachAllowed)) { return true; }
    return was.kind === 'component' && this.detachAllowed;
  }

  /** Objects of our accounts, by server. */
  public ownObjects(): { server: ZenMLServer; id: string; kind: string; name: string; labels: Readonly<Record<string, unknown>> }[] {
    return Object.values(this.scene.servers).flatMap(server => [...snapshot(server)]
      .filter(([, row]) => this.isOurs(row.userId)).map(([id, { kind, name, labels }]) => ({ server, id, kind, name, labels })));
  }

  public object(server: ZenMLServer, id: string): Known | undefined {
    return snapshot(server).get(id);
  }

  /** Secrets anywhere that people or other programs can see. */
  public leaks(): string[] {
    const { world, servers, canaries } = this.scene;
    const { exchanges } = world.cloudformation.custom;
    const places: [string, string][] = [
      ...exchanges.map(({ event }) => ['an event', JSON.stringify({ ...event, ResponseURL: '' })] as [string, string]),
      ...exchanges.flatMap(({ answers }) => answers.map(answer => ['an answer', answer] as [string, string])),
      ...world.log.map(line => ['the log', line] as [string, string]),
      ...world.cloudformation.events.map(event => ['a stack event', `${event.reason} ${event.physicalId}`] as [string, string]),
      ...[...world.cloudformation.stacks.values()].map(stack => ['a template', JSON.stringify([stack.template, stack.outputs])] as [string, string]),
      ...Object.values(servers).flatMap(server => [...snapshot(server).values()].map(row => ['a label', JSON.stringify(row.labels)] as [string, string])),
    ];
    return places.filter(([, text]) => /canary-|ZENKEY_|eyJ[\w-]+\.eyJ/.test(text) || canaries.some(canary => text.includes(canary)))
      .map(([place, text]) => `a secret in ${place}: ${text.slice(0, 300)}`);
  }

  /** Resources that a stack holds for done, and what is wrong with them. `overtaken`: whose name and texts prove nothing. */
  public unfounded(overtaken: (stackId: string, logicalId: string) => boolean = () => false): string[] {
    const wrong: string[] = [];
    for (const stack of this.scene.world.cloudformation.stacks.values()) {
      for (const resource of stack.resources.values()) {
        if (!resource.type.startsWith('Custom::') || !/_COMPLETE$/.test(resource.status) || !/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(stack.status)) { continue; }
        const where = `${stack.name}/${resource.logicalId} ${resource.physicalId}`;
        const id = parsePhysicalId(resource.physicalId);
        if (!id) {
          wrong.push(`${where}: no id of ours`);
          continue;
        }
        const server = Object.values(this.scene.servers).find(candidate => candidate.id === id.serverId);
        const object = server && this.object(server, id.uuid);
        if (!object && !this.touchedByOthers.has(id.uuid)) { wrong.push(`${where}: does not exist`); }
        const { Id, Name } = resource.attributes as { Id?: unknown; Name?: unknown };
        if (Object.keys(resource.attributes).sort().join() !== 'Id,Name' || Id !== id.uuid || typeof Name !== 'string' || Name === '') {
          wrong.push(`${where}: attributes ${JSON.stringify(resource.attributes)}`);
        } else if (object && id.kind !== 'stack-attachment' && !this.touchedByOthers.has(id.uuid) && object.labels[Label.STACK] === stack.id
          && !overtaken(stack.id, resource.logicalId)) {
          // (What another stack has adopted since is that stack's to describe.)
          if (object.name !== Name) { wrong.push(`${where}: is called "${object.name}", the attribute says "${Name}"`); }
          const { Description, Labels } = resource.properties as { Description?: string; Labels?: { text: string } };
          const row = JSON.parse(object.text) as { description?: string; labels: { text?: string } };
          if (row.labels.text !== Labels?.text || (Description !== undefined && row.description !== Description)) {
            wrong.push(`${where}: text ${row.labels.text} "${row.description}" instead of ${Labels?.text} "${Description}"`);
          }
        }
      }
    }
    return wrong;
  }
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly userId: string | null;
  readonly labels: Record<string, unknown> | null;
  readonly updated: string;
  readonly components?: Record<string, string[]>;
}

function snapshot(server: ZenMLServer): Map<string, Known> {
  const { connectors, components, stacks } = server.tables;
  const rows: [string, Known][] = [];
  const add = (kind: string, row: Row) => {
    const { updated: _, ...rest } = row;
    const { name, userId, components: parts } = row;
    rows.push([row.id, { kind, name, userId, labels: row.labels ?? {}, components: parts, text: JSON.stringify(rest) }]);
  };
  connectors.forEach(row => add('connector', row));
  components.forEach(row => add('component', row));
  stacks.forEach(row => add('stack', row));
  return new Map(rows);
}
