import { ModelServer } from '../../zenml-model/model-server';
import { Component, Connector, Stack } from '../../zenml-model/objects';

export type RowKind = 'connector' | 'component' | 'stack';

/** An object as it was at one moment. */
export interface Known {
  readonly kind: RowKind;
  readonly id: string;
  readonly name: string;
  readonly userId: string | null;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly components?: Readonly<Record<string, string[]>>;
  /** All of it but the time of the last change, to compare by. */
  readonly text: string;
}

export function snapshot(server: ModelServer): Map<string, Known> {
  const rows: [string, Known][] = [];
  const add = (kind: RowKind, row: (Connector | Component | Stack) & { components?: Record<string, string[]> }) => {
    const { updated: _, ...rest } = row;
    const { id, name, userId, components } = row;
    if ('secrets' in rest) { rest.secrets = [...rest.secrets].sort(); }
    rows.push([
      id,
      {
        kind,
        id,
        name,
        userId,
        labels: row.labels ?? {},
        components: components && { ...components },
        text: JSON.stringify(rest),
      },
    ]);
  };
  server.tables.connectors.forEach(row => add('connector', row));
  server.tables.components.forEach(row => add('component', row));
  server.tables.stacks.forEach(row => add('stack', row));
  return new Map(rows);
}

const NESTED = ['configuration', 'labels', 'components', 'environment'];

/** Field by field; each key of a configuration, each label, variable, secret and type of component counts as one. */
export function fieldsOf(row: Known): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(JSON.parse(row.text) as Record<string, unknown>)) {
    if (name === 'secrets') {
      (value as string[]).forEach((id) => fields.set(`secrets.${id}`, 'true'));
    } else if (NESTED.includes(name)) {
      for (const [key, item] of Object.entries((value ?? {}) as Record<string, unknown>)) {
        fields.set(`${name}.${key}`, JSON.stringify(item));
      }
    } else {
      fields.set(name, JSON.stringify(value));
    }
  }
  return fields;
}

/** Names of the fields in which the two differ. */
export function differing(left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): string[] {
  return [...new Set([...left.keys(), ...right.keys()])].filter(name => left.get(name) !== right.get(name));
}

/** The parts of a physical id, whatever its tail says. */
export function partsOf(
  physicalId: string | undefined,
): { kind: string; serverId: string; uuid: string; tail: string } | undefined {
  const [scheme, kind, serverId, uuid, tail] = (physicalId ?? '').split(':');
  return scheme === 'zenml' && tail !== undefined ? { kind: kind!, serverId: serverId!, uuid: uuid!, tail } : undefined;
}
