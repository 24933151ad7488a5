import { ModelServer } from '../../zenml-model/model-server';
import { Component, Secret, Stack } from '../../zenml-model/objects';
import { OwnObject } from '../invariant-watch';
import { RowKind } from '../invariants/rows';
import type { Scene } from '../scene';

const PATHS: Record<RowKind, string> = { connector: 'service_connectors', component: 'components', stack: 'stacks' };

const pathOf = (kind: RowKind, id: string) => `/api/v1/${PATHS[kind]}/${id}`;

/** Ann's hand: what she does, and to which of the objects that she could mean. */
export class Hand {
  public readonly server: ModelServer;

  public constructor(public readonly scene: Scene, public readonly pick: number) {
    this.server = this.choose(Object.values(scene.servers))!;
  }

  public choose<T>(list: readonly T[]): T | undefined {
    return list.length === 0 ? undefined : list[this.pick % list.length];
  }

  /** One of the objects that the CloudFormation stacks know of or that the library's accounts created. */
  public ours(kind?: RowKind): OwnObject | undefined {
    return this.choose(this.scene.watch.workedOn().filter(object => kind === undefined || object.kind === kind));
  }

  public attempt(server: ModelServer, method: string, path: string, body?: unknown): string {
    try {
      server.as(this.scene.other(server), method, path, body);
      return `${method} ${path}`;
    } catch (error) {
      const { status } = error as { status?: number };
      if (status === undefined) { throw error; }
      return `refused ${status}`;
    }
  }

  /** A component or a stack, with its row. */
  public oursWithSettings(): { readonly target?: OwnObject; readonly row?: Component | Stack } {
    const target = this.choose(this.scene.watch.workedOn().filter(({ kind }) => kind !== 'connector'));
    const tables = target?.server.tables;
    return { target, row: target && (tables!.components.get(target.id) ?? tables!.stacks.get(target.id)) };
  }

  /** Changes only what is given: the CLI reads and sends back the rest, since a PUT clears it. */
  public edit(target: OwnObject | undefined, change: Record<string, unknown>): string {
    return target
      ? this.attempt(target.server, 'PUT', pathOf(target.kind, target.id), {
        ...whole(target.server, target),
        ...change,
      })
      : 'nothing';
  }

  public remove(target: OwnObject | undefined): string {
    return target ? this.attempt(target.server, 'DELETE', pathOf(target.kind, target.id)) : 'nothing';
  }
}

export function stackNamed(server: ModelServer, name: string): Stack | undefined {
  return [...server.tables.stacks.values()].find(row => row.name === name);
}

export function secretNamed(server: ModelServer, name: string): Secret {
  return [...server.tables.secrets.values()].find((row) => row.name === name)!;
}

export function componentBody(server: ModelServer, id: string): Record<string, unknown> {
  const row: Component = server.tables.components.get(id)!;
  const { name, type, flavor, configuration, labels, connector } = row;
  return { name, type, flavor, configuration, labels, connector, connector_resource_id: row.connectorResourceId };
}

function whole(server: ModelServer, target: { id: string; kind: string }): Record<string, unknown> {
  if (target.kind === 'component') { return componentBody(server, target.id); }
  const row = server.tables.connectors.get(target.id);
  return row
    ? { resource_types: row.resourceTypes, resource_id: row.resourceId, expiration_seconds: row.expirationSeconds }
    : {};
}
