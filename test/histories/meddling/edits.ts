import { Hand, secretNamed, stackNamed } from './hand';
import { Label } from '../../../src/contract/labels';
import { PRODUCTION, SECRET } from '../app';
import { attachmentsTo } from '../invariants/holders';
import { handMadeKeys } from '../manual-connectors';

/** Values that a person can give to one of the library's labels. */
const LABELS: readonly [string, string | undefined][] = [
  [Label.STACK, 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Elsewhere/00000000-0000-4000-8000-000000000000'],
  [Label.LOGICAL_ID, 'Elsewhere'],
  [Label.REQUEST, '00000000-0000-4000-8000-000000000000'],
  [Label.REVISION, 'edited'],
  [Label.APPLIED_AT, '2999-01-01T00:00:00.000Z'],
  [Label.APPLIED_AT, 'yesterday'],
  [Label.ISSUED_AT, '2999-01-01T00:00:00.000Z'],
  [Label.ISSUED_AT, '1999-01-01T00:00:00.000Z'],
  [Label.NAME, 'elsewhere'],
  [Label.FOUND, '{}'],
  ['cdk-zenml:owner', 'elsewhere'],
  ['cdk-zenml:replaces', '00000000-0000-4000-8000-000000000000'],
  [Label.STACK, undefined],
  [Label.LOGICAL_ID, undefined],
  [Label.REVISION, undefined],
  [Label.APPLIED_AT, undefined],
];

/** One field of one object. */
export const EDITS = {
  'edit the uri of a component': (hand) => {
    const target = hand.ours('component');
    return hand.edit(target, {
      configuration: { ...target?.server.tables.components.get(target.id)!.configuration, uri: 'edited.example.com' },
    });
  },
  'edit the configuration of a component': (hand) => {
    const target = hand.ours('component');
    return hand.edit(target, {
      configuration: {
        ...target?.server.tables.components.get(target.id)!.configuration,
        default_repository: `edited-${hand.pick}`,
      },
    });
  },
  'unlink a component from its connector': (hand) => hand.edit(hand.ours('component'), { connector: null }),
  'link a component to another connector': (hand) => {
    const target = hand.ours('component');
    const others =
      target && [...target.server.tables.connectors.values()].filter(({ name }) => name === 'ann-connector');
    return hand.edit(target, { connector: others?.[0]?.id ?? null });
  },
  'edit the resource id of a component': (hand) =>
    hand.edit(hand.ours('component'), { connector_resource_id: '999999999999.dkr.ecr.eu-west-1.amazonaws.com' }),
  'edit the description of a connector': (hand) =>
    hand.edit(hand.ours('connector'), { description: `edited ${hand.pick}` }),
  'edit the expiration of a connector': (hand) => hand.edit(hand.ours('connector'), { expiration_seconds: 1800 }),
  'edit the credentials of a connector': (hand) => {
    const target = hand.ours('connector');
    const row = target?.server.tables.connectors.get(target.id);
    return hand.edit(
      target,
      row?.authMethod === 'iam-role'
        ? {
          configuration: {
            ...handMadeKeys(hand.scene.world.account, 'ann', String(row.configuration.region)).configuration,
          },
        }
        : {},
    );
  },
  'edit the role of a connector': (hand) => {
    const target = hand.ours('connector');
    return hand.edit(target, {
      configuration: {
        ...target?.server.tables.connectors.get(target.id)!.configuration,
        role_arn: 'arn:aws:iam::111122223333:role/elsewhere',
      },
    });
  },
  'edit the description of a stack': (hand) => hand.edit(hand.ours('stack'), { description: `edited ${hand.pick}` }),
  'edit the components of a stack': (hand) => {
    const target = hand.ours('stack');
    const components = target && target.server.tables.stacks.get(target.id)!.components;
    const { container_registry: _, ...rest } = components ?? {};
    const large = target && [...target.server.tables.components.values()].find(({ name }) => name === 'ann-large');
    return hand.edit(target, { components: { ...rest, ...(large && { step_operator: [large.id] }) } });
  },
  'edit the environment of ours': (hand) => {
    const { target, row } = hand.oursWithSettings();
    return hand.edit(target, { environment: { ...row?.environment, LEVEL: `edited-${hand.pick}`, MORE: 'ann' } });
  },
  'remove the variables of ours': (hand) => hand.edit(hand.oursWithSettings().target, { environment: {} }),
  'add a secret to ours': (hand) => {
    const { target, row } = hand.oursWithSettings();
    const secret = target && secretNamed(target.server, 'ann-own').id;
    return row?.secrets.includes(secret!) ? 'nothing' : hand.edit(target, { add_secrets: [secret] });
  },
  'remove the secret of the template': (hand) => {
    const { target } = hand.oursWithSettings();
    return hand.edit(target, { remove_secrets: target && [secretNamed(target.server, SECRET).id] });
  },
  'add the secret of the template': (hand) => {
    const { target, row } = hand.oursWithSettings();
    const secret = target && secretNamed(target.server, SECRET).id;
    return row?.secrets.includes(secret!) ? 'nothing' : hand.edit(target, { add_secrets: [secret] });
  },
  'create the secret anew': (hand) => {
    const { id } = secretNamed(hand.server, SECRET);
    return [
      hand.attempt(hand.server, 'DELETE', `/api/v1/secrets/${id}`),
      hand.attempt(hand.server, 'POST', '/api/v1/secrets', { name: SECRET, values: {} }),
    ].join(', ');
  },
  'strip our labels': (hand) => hand.edit(hand.ours(), { labels: {} }),
  'add a label': (hand) => {
    const target = hand.ours();
    return hand.edit(target, { labels: { ...target?.labels, team: 'x' } });
  },
  'edit one label of ours': (hand) => {
    const target = hand.ours();
    const [key, value] = LABELS[Math.floor(hand.pick / 3) % LABELS.length]!;
    const { [key]: _, ...labels } = target?.labels ?? {};
    return `${key} ${hand.edit(target, { labels: value === undefined ? labels : { ...labels, [key]: value } })}`;
  },
  'rename ours': (hand) => {
    const target = hand.ours();
    return hand.edit(target, { name: `ann-${hand.pick}-${target?.name}`.slice(0, 200) });
  },
  'change the production stack': (hand) => {
    const { server } = hand;
    const production = stackNamed(server, PRODUCTION);
    const name = `ann-own-${server.tables.components.size}`;
    hand.attempt(server, 'POST', '/api/v1/components', {
      name,
      type: 'container_registry',
      flavor: 'aws',
      configuration: { uri: 'z.example.com' },
    });
    const own = [...server.tables.components.values()].find((row) => row.name === name)!;
    if (production && attachmentsTo(hand.scene.world, production.id).length > 0) {
      hand.scene.watch.replacedByOthers.add(production.id);
    }
    return production
      ? hand.attempt(server, 'PUT', `/api/v1/stacks/${production.id}`, {
        components: { ...production.components, container_registry: [own.id] },
      })
      : 'nothing';
  },
  'change another part of the production stack': (hand) => {
    const { server } = hand;
    const production = stackNamed(server, PRODUCTION);
    const name = `ann-builder-${server.tables.components.size}`;
    hand.attempt(server, 'POST', '/api/v1/components', {
      name,
      type: 'image_builder',
      flavor: 'local',
      configuration: {},
    });
    const own = [...server.tables.components.values()].find((row) => row.name === name)!;
    return production
      ? hand.attempt(server, 'PUT', `/api/v1/stacks/${production.id}`, {
        components: { ...production.components, image_builder: [own.id] },
      })
      : 'nothing';
  },
  'take ours out of the production stack': (hand) => {
    const production = stackNamed(hand.server, PRODUCTION);
    const theirs = (ids: readonly string[]) => ids.filter((id) => !hand.scene.watch.isOurs(id));
    const components = Object.fromEntries(
      Object.entries(production?.components ?? {}).map(([type, ids]) => [type, theirs(ids)]),
    );
    return production ? hand.attempt(hand.server, 'PUT', `/api/v1/stacks/${production.id}`, { components }) : 'nothing';
  },
  'put ours into the production stack': (hand) => {
    const target = hand.ours('component');
    const production = target && stackNamed(target.server, PRODUCTION);
    const type = target?.server.tables.components.get(target.id)!.type;
    return production
      ? hand.attempt(target!.server, 'PUT', `/api/v1/stacks/${production.id}`, {
        components: { ...production.components, [type!]: [target!.id] },
      })
      : 'nothing';
  },
} as const satisfies Record<string, (hand: Hand) => string>;
