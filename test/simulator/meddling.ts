import { PRODUCTION } from './app';
import type { Scene } from './scene';
import { Label } from '../../src/contract/labels';
import { Component, Stack } from '../fakes/zenml-objects';
import { ZenMLServer } from '../fakes/zenml-server';

export const MEDDLINGS = [
  'strip our labels', 'edit a label of our own', 'rename ours', 'delete ours', 'copy a component with its labels', 'spoof our labels', 'same names',
  'use our component', 'use our connector', 'change the production stack', 'expire logins', 'let go of everything',
] as const;
export type Meddling = (typeof MEDDLINGS)[number];

/** What other people do on the servers, as Ann. Returns what came of it. */
export function meddle(scene: Scene, how: Meddling, pick: number): string {
  const ours = scene.watch.ownObjects();
  const choose = <T>(list: readonly T[]) => (list.length === 0 ? undefined : list[pick % list.length]);
  const path = (kind: string, id: string) => `/api/v1/${{ connector: 'service_connectors', component: 'components', stack: 'stacks' }[kind]}/${id}`;
  const target = choose(ours);
  const attempt = (server: ZenMLServer, method: string, where: string, body?: unknown): string => {
    try {
      server.as(scene.other(server), method, where, body);
      return `${method} ${where}`;
    } catch (error) {
      return `refused ${(error as { status?: number }).status}`;
    }
  };
  switch (how) {
    case 'expire logins':
      Object.values(scene.servers).forEach(server => server.expireTokens());
      return 'done';
    case 'strip our labels':
      return target ? attempt(target.server, 'PUT', path(target.kind, target.id), full(target.server, target, { labels: {} })) : 'nothing';
    case 'edit a label of our own':
      return target ? attempt(target.server, 'PUT', path(target.kind, target.id), full(target.server, target, { labels: { ...target.labels, team: 'x' } })) : 'nothing';
    case 'rename ours':
      return target ? attempt(target.server, 'PUT', path(target.kind, target.id), full(target.server, target, { name: `ann-${pick}-${target.name}`.slice(0, 200) })) : 'nothing';
    case 'delete ours': return target ? attempt(target.server, 'DELETE', path(target.kind, target.id)) : 'nothing';
    case 'copy a component with its labels': {
      const component = choose(ours.filter(({ kind }) => kind === 'component'));
      return component ? attempt(component.server, 'POST', '/api/v1/components', { ...componentBody(component.server, component.id), name: `ann-copy-${pick}` }) : 'nothing';
    }
    case 'spoof our labels': {
      if (!target) { return 'nothing'; }
      const name = `ann-spoof-${pick}`;
      return attempt(target.server, 'POST', '/api/v1/components', {
        name, type: 'container_registry', flavor: 'aws', configuration: { uri: 'x.example.com' }, labels: { ...target.labels, [Label.NAME]: name },
      });
    }
    case 'same names': {
      const server = choose(Object.values(scene.servers))!;
      const uri = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
      return [
        attempt(server, 'POST', '/api/v1/service_connectors', {
          name: 'team-connector-implicit-eu-west-1',
          connector_type: 'aws',
          auth_method: 'implicit',
          resource_types: ['docker-registry'],
          resource_id: uri,
          configuration: { region: 'eu-west-1' },
          labels: { of: 'ann' },
        }),
        attempt(server, 'POST', '/api/v1/components', {
          name: 'team-registry-eu-west-1', type: 'container_registry', flavor: 'aws', configuration: { uri }, labels: { of: 'ann' },
        }),
      ].join(', ');
    }
    case 'use our component': {
      const component = choose(ours.filter(({ kind }) => kind === 'component'));
      return component ? attempt(component.server, 'POST', '/api/v1/stacks', {
        name: `ann-stack-${pick}`, components: { ...stackNamed(component.server, PRODUCTION).components, container_registry: [component.id] },
      }) : 'nothing';
    }
    case 'use our connector': {
      const connector = choose(ours.filter(({ kind }) => kind === 'connector'));
      return connector ? attempt(connector.server, 'POST', '/api/v1/components', {
        name: `ann-registry-${pick}`, type: 'container_registry', flavor: 'aws', configuration: { uri: 'y.example.com' }, connector: connector.id,
      }) : 'nothing';
    }
    case 'change the production stack': {
      const server = choose(Object.values(scene.servers))!;
      const name = `ann-own-${server.tables.components.size}`;
      attempt(server, 'POST', '/api/v1/components', { name, type: 'container_registry', flavor: 'aws', configuration: { uri: 'z.example.com' } });
      const own = [...server.tables.components.values()].find(row => row.name === name)!;
      const production = stackNamed(server, PRODUCTION);
      return attempt(server, 'PUT', `/api/v1/stacks/${production.id}`, { components: { ...production.components, container_registry: [own.id] } });
    }
    case 'let go of everything': return Object.values(scene.servers).map(server => letGo(scene, server)).join(', ');
  }
}

/** Ann's own objects no longer use ours. */
function letGo(scene: Scene, server: ZenMLServer): string {
  const { stacks, components, connectors } = server.tables;
  const isOurs = (userId: string | null) => scene.watch.isOurs(userId);
  for (const stack of [...stacks.values()].filter(row => row.userId !== null && !isOurs(row.userId) && row.name !== PRODUCTION)) {
    const rest = Object.fromEntries(Object.entries(stack.components).filter(([, ids]) => !ids.some(id => isOurs(components.get(id)!.userId))));
    server.as(scene.other(server), 'PUT', `/api/v1/stacks/${stack.id}`, { components: rest });
  }
  for (const component of [...components.values()].filter(row => row.connector !== null && row.userId !== null && !isOurs(row.userId))) {
    if (isOurs(connectors.get(component.connector!)!.userId)) { server.as(scene.other(server), 'PUT', `/api/v1/components/${component.id}`, {}); }
  }
  return 'done';
}

function stackNamed(server: ZenMLServer, name: string): Stack {
  return [...server.tables.stacks.values()].find(row => row.name === name)!;
}

function componentBody(server: ZenMLServer, id: string): Record<string, unknown> {
  const row: Component = server.tables.components.get(id)!;
  const { name, type, flavor, configuration, labels, connector } = row;
  return { name, type, flavor, configuration, labels, connector, connector_resource_id: row.connectorResourceId };
}

/** A body that changes only what is given: the CLI reads and sends back the rest, since a PUT clears it. */
function full(server: ZenMLServer, target: { id: string; kind: string }, change: Record<string, unknown>): Record<string, unknown> {
  if (target.kind === 'component') { return { ...componentBody(server, target.id), ...change }; }
  const row = server.tables.connectors.get(target.id);
  return row ? { resource_types: row.resourceTypes, resource_id: row.resourceId, expiration_seconds: row.expirationSeconds, ...change } : change;
}
