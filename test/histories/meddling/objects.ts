import { componentBody, Hand, stackNamed } from './hand';
import { Label } from '../../../src/contract/labels';
import { connectorName, operatorName, PRODUCTION, registryName, stackName } from '../app';
import { handMadeConnector, handMadeKeys } from '../manual-connectors';

/** Whole objects: gone, come, or in use by others. */
export const OBJECTS = {
  'delete ours': hand => hand.remove(hand.ours()),
  'delete a component and its stack': hand => {
    const component = hand.ours('component');
    if (!component) { return 'nothing'; }
    const stacks = hand.scene.watch
      .workedOn()
      .filter(
        ({ kind, server, id }) =>
          kind === 'stack'
          && server === component.server
          && Object.values(server.tables.stacks.get(id)!.components).flat().includes(component.id),
      );
    return [...stacks, component].map(object => hand.remove(object)).join(', ');
  },
  'delete all of ours': hand => {
    const order = ['stack', 'component', 'connector'];
    return hand.scene.watch
      .ownObjects()
      .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
      .map((object) => hand.remove(object))
      .join(', ');
  },
  'delete the production stack': hand => {
    const production = stackNamed(hand.server, PRODUCTION);
    return production ? hand.attempt(hand.server, 'DELETE', `/api/v1/stacks/${production.id}`) : 'nothing';
  },
  'make the production stack': hand => {
    const local = (type: string) =>
      [...hand.server.tables.components.values()].find((row) => row.type === type && row.userId === null)!.id;
    return hand.attempt(hand.server, 'POST', '/api/v1/stacks', {
      name: PRODUCTION,
      components: { orchestrator: [local('orchestrator')], artifact_store: [local('artifact_store')] },
    });
  },
  'rename ours and take the name': hand => {
    const target = hand.ours();
    if (!target) { return 'nothing'; }
    const renamed = hand.edit(target, { name: `ann-${hand.pick}-${target.name}`.slice(0, 200) });
    const kind = { connector: 'service_connectors', component: 'components', stack: 'stacks' }[target.kind];
    return renamed.startsWith('refused')
      ? renamed
      : `${renamed}, ${hand.attempt(target.server, 'POST', `/api/v1/${kind}`, bodyNamed(hand, target))}`;
  },
  'delete ours and take the name': hand => {
    const target = hand.ours();
    if (!target) { return 'nothing'; }
    const body = bodyNamed(hand, target);
    const removed = hand.remove(target);
    const kind = { connector: 'service_connectors', component: 'components', stack: 'stacks' }[target.kind];
    return removed.startsWith('refused')
      ? removed
      : `${removed}, ${hand.attempt(target.server, 'POST', `/api/v1/${kind}`, body)}`;
  },
  'copy a component with its labels': hand => {
    const component = hand.ours('component');
    return component
      ? hand.attempt(component.server, 'POST', '/api/v1/components', {
        ...componentBody(component.server, component.id),
        name: `ann-copy-${hand.pick}`,
      })
      : 'nothing';
  },
  'spoof our labels': hand => {
    const target = hand.ours();
    const name = `ann-spoof-${hand.pick}`;
    return target
      ? hand.attempt(target.server, 'POST', '/api/v1/components', {
        name,
        type: 'container_registry',
        flavor: 'aws',
        configuration: { uri: 'x.example.com' },
        labels: { ...target.labels, [Label.NAME]: name },
      })
      : 'nothing';
  },
  'same names': hand => {
    const { server } = hand;
    const region = 'eu-west-1';
    const keys = handMadeKeys(hand.scene.world.account, 'ann', region);
    const post = (kind: string, body: unknown) => hand.attempt(server, 'POST', `/api/v1/${kind}`, body);
    const id = (name: string) =>
      [...server.tables.connectors.values(), ...server.tables.components.values()].find((row) => row.name === name)?.id;
    const connector = connectorName('team', 'iam-role', region);
    const registry = registryName('team', region);
    const local = (type: string) =>
      [...server.tables.components.values()].find((row) => row.type === type && row.userId === null)!.id;
    const settings = { environment: { LEVEL: 'anns', OWN: 'anns' }, secrets: ['ann-own'] };
    return [
      post('service_connectors', handMadeConnector(connector, keys)),
      post('components', {
        name: registry,
        type: 'container_registry',
        flavor: 'aws',
        configuration: { uri: keys.resourceId, default_repository: 'anns' },
        connector: id(connector),
        connector_resource_id: keys.resourceId,
        labels: { of: 'ann', text: 'anns' },
        ...settings,
      }),
      post('components', {
        name: operatorName('team'),
        type: 'step_operator',
        flavor: 'sagemaker',
        configuration: { execution_role: 'anns', instance: 'large' },
        labels: { of: 'ann' },
        ...settings,
      }),
      post('stacks', {
        name: stackName('team'),
        description: 'anns',
        components: {
          orchestrator: [local('orchestrator')],
          artifact_store: [local('artifact_store')],
          container_registry: [id(registry)],
          step_operator: [id('ann-large'), id('ann-small')],
        },
        labels: { of: 'ann' },
        ...settings,
      }),
    ].join(', ');
  },
  'use our component': hand => {
    const component = hand.ours('component');
    const row = component?.server.tables.components.get(component.id);
    const local = (type: string) =>
      [...component!.server.tables.components.values()].find((other) => other.type === type && other.userId === null)!
        .id;
    return component
      ? hand.attempt(component.server, 'POST', '/api/v1/stacks', {
        name: `ann-stack-${hand.pick}`,
        components: {
          orchestrator: [local('orchestrator')],
          artifact_store: [local('artifact_store')],
          [row!.type]: [component.id],
        },
      })
      : 'nothing';
  },
  'use our connector': hand => {
    const connector = hand.ours('connector');
    return connector
      ? hand.attempt(connector.server, 'POST', '/api/v1/components', {
        name: `ann-registry-${hand.pick}`,
        type: 'container_registry',
        flavor: 'aws',
        configuration: { uri: 'y.example.com' },
        connector: connector.id,
      })
      : 'nothing';
  },
} as const satisfies Record<string, (hand: Hand) => string>;

/** What somebody else creates under the name of one of the library's objects. */
function bodyNamed(hand: Hand, { server, kind, name, id }: NonNullable<ReturnType<Hand['ours']>>): unknown {
  switch (kind) {
    case 'connector':
      return handMadeConnector(name, handMadeKeys(hand.scene.world.account, 'ann'));
    case 'component':
      return {
        name,
        type: server.tables.components.get(id)!.type,
        flavor: server.tables.components.get(id)!.flavor,
        configuration: { uri: 'w.example.com' },
        labels: { of: 'ann' },
      };
    case 'stack': {
      const { orchestrator, artifact_store } = server.tables.stacks.get(id)!.components;
      return { name, components: { orchestrator, artifact_store }, labels: { of: 'ann' } };
    }
  }
}
