import { AsLeft } from './invariants/as-left';
import { objection, Permissions } from './invariants/foreign-writes';
import { holdersOf } from './invariants/holders';
import { Known, partsOf, RowKind, snapshot } from './invariants/rows';
import { Label } from '../../src/contract/labels';
import { World } from '../simulator/world';
import { ModelServer } from '../zenml-model/model-server';
import { User } from '../zenml-model/objects';

/** Two writes so close to each other are one moment: ZenML has no versions of objects that would tell. */
const MOMENT_MS = 1_500;

export interface OwnObject {
  readonly server: ModelServer;
  readonly id: string;
  readonly kind: RowKind;
  readonly name: string;
  readonly labels: Readonly<Record<string, unknown>>;
}

/** Looks on at every change on the servers and notes what must not happen. */
export class InvariantWatch implements Permissions {
  public readonly violations: string[] = [];
  /** Names that some stack may take over. */
  public readonly adoptable = new Set<string>();
  /** Whether some CloudFormation stack may take the library's objects out of stacks and components of others. */
  public detachAllowed = false;
  /** ids that other people have deleted or edited. */
  public readonly touchedByOthers = new Set<string>();
  /** `<stack id> <component id>`: what other people have put there. */
  public readonly putInByOthers = new Set<string>();
  /**
   * Stacks of ZenML in which people have replaced an attached registry by their own: a later deploy that attaches the
   * library's again forgets theirs (docs/lifecycle.md, "Limits").
   */
  public readonly replacedByOthers = new Set<string>();
  /** ids that have been taken over at some time. */
  public readonly everAdopted = new Set<string>();
  public readonly left = new AsLeft();
  private readonly known = new Map<ModelServer, Map<string, Known>>();
  private readonly theirLastWrite = new Map<string, number>();
  private readonly ownIds = new Set<string>();

  public constructor(
    private readonly world: World,
    private readonly servers: readonly ModelServer[],
    private readonly ours: ReadonlySet<string>,
  ) {
    for (const server of servers) {
      this.remade(server);
      server.onChange = (user, method, path) => this.changed(server, user, `${method} ${path}`);
    }
  }

  /** Everything there is new, and nothing is of before. */
  public remade(server: ModelServer): void {
    for (const id of this.known.get(server)?.keys() ?? []) {
      this.touchedByOthers.add(id);
      this.left.forget(id);
    }
    const now = snapshot(server);
    this.known.set(server, now);
    for (const row of now.values()) {
      if (row.userId !== null && !this.isOurUser(row.userId)) { this.left.written(undefined, row); }
    }
  }

  public isOurUser(userId: string | null): boolean {
    return userId !== null && this.ours.has(userId);
  }

  public get detach() { return this.detachAllowed; }

  /** Whether one of the library's accounts has created the object, at any time. */
  public isOurs(objectId: string): boolean {
    return this.ownIds.has(objectId) || this.everAdopted.has(objectId);
  }

  /** Whether some resource has taken the object over, or has been told to. */
  public adopts(row: Known): boolean {
    return (
      this.adoptable.has(row.name)
      || this.world.cloudformation.custom.exchanges.some(
        ({ request, outcome }) =>
          (partsOf(outcome?.id) ?? partsOf(request.physicalId))?.uuid === row.id
          && !request.resourceType.endsWith('Attachment'),
      )
    );
  }

  /** Objects of the library's accounts, by server. */
  public ownObjects(): OwnObject[] {
    return this.servers.flatMap((server) =>
      [...snapshot(server).values()]
        .filter(({ userId }) => this.isOurUser(userId))
        .map(({ id, kind, name, labels }) => ({ server, id, kind, name, labels })),
    );
  }

  /** Objects of the library's accounts, and those that its resources have adopted. */
  public workedOn(): OwnObject[] {
    return this.servers.flatMap((server) =>
      [...snapshot(server).values()]
        .filter(
          (row) =>
            this.isOurUser(row.userId) || (row.userId !== null && holdersOf(this.world, row.id).length > 0),
        )
        .map(({ id, kind, name, labels }) => ({ server, id, kind, name, labels })),
    );
  }

  public object(server: ModelServer, id: string): Known | undefined {
    return snapshot(server).get(id);
  }

  private changed(server: ModelServer, user: User, what: string): void {
    const before = this.known.get(server)!;
    const after = snapshot(server);
    this.known.set(server, after);
    for (const id of new Set([...before.keys(), ...after.keys()])) {
      const was = before.get(id);
      const is = after.get(id);
      if (was?.text === is?.text) { continue; }
      if (this.isOurUser(user.id)) { this.weWrote(server, was, is, what); } else { this.theyWrote(was, is); }
    }
  }

  private theyWrote(was: Known | undefined, is: Known | undefined): void {
    const { id, userId } = (is ?? was)!;
    this.touchedByOthers.add(id);
    this.theirLastWrite.set(id, this.world.clock.now());
    const had = Object.values(was?.components ?? {}).flat();
    for (const component of Object.values(is?.components ?? {}).flat()) {
      if (!had.includes(component)) { this.putInByOthers.add(`${id} ${component}`); }
    }
    if (this.isOurUser(userId)) { return; }
    if (is) { this.left.written(was, is); } else { this.left.forget(id); }
  }

  private weWrote(server: ModelServer, was: Known | undefined, is: Known | undefined, what: string): void {
    if (is && is.labels[Label.FOUND] !== undefined) { this.everAdopted.add(is.id); }
    if (was && is && was.labels[Label.STACK] !== undefined && was.labels[Label.STACK] !== is.labels[Label.STACK]) {
      this.everAdopted.add(is.id);
    }
    if (!was) {
      this.ownIds.add(is!.id);
      return;
    }
    if (this.isOurUser(was.userId)) { return; }
    const sentAt = server.sentAt ?? this.world.clock.now();
    const race = (this.theirLastWrite.get(was.id) ?? -Infinity) > sentAt - MOMENT_MS;
    const complaint = objection({ was, is, race }, this, this.left);
    if (complaint) {
      this.violations.push(
        `${what}: a foreign ${was.kind} "${was.name}" was ${complaint}\n  ${was.text}\n  ${is?.text ?? ''}`,
      );
    }
  }
}
