import { Label } from '../../../src/contract/labels';
import { serviceConnectorKind } from '../../../src/handler/lifecycle/kinds/service-connector';
import { stackKind } from '../../../src/handler/lifecycle/kinds/stack';
import { stackComponentKind } from '../../../src/handler/lifecycle/kinds/stack-component';
import { isSuperseded, mostRecent, preservedLabels } from '../../../src/handler/lifecycle/marks';
import { nameOf, suffixOf } from '../../../src/handler/lifecycle/named/naming';
import {
  isTrue,
  readProperties,
  revisionOf,
  secondsOf,
  stableJson,
  StackSchema,
  textOf,
} from '../../../src/handler/lifecycle/properties';
import { COMPONENT, CONNECTOR, STACK } from '../support/harness';
import { OUR_USER, REGISTRY } from '../support/scripted-server';

describe('immutable properties', () => {
  const connector = {
    id: OUR_USER,
    name: 'n',
    labels: {},
    connectorType: 'aws',
    authMethod: 'iam-role',
    resourceTypes: ['docker-registry'],
    resourceId: REGISTRY as string | undefined,
  };
  const wanted = { properties: CONNECTOR, configuration: {} } as never;

  test.each([
    [{}, []],
    [{ connectorType: 'gcp' }, ['connector type']],
    [{ authMethod: 'implicit' }, ['authentication method']],
    [{ resourceTypes: [] }, ['resource type']],
    [{ resourceTypes: ['s3-bucket'] }, ['resource type']],
    [{ resourceTypes: ['docker-registry', 's3-bucket'] }, ['resource type']],
    [{ resourceId: 'another' }, ['resource id']],
    [{ resourceId: undefined }, ['resource id']],
    [
      { connectorType: 'gcp', authMethod: 'x', resourceTypes: ['x'], resourceId: 'x' },
      ['connector type', 'authentication method', 'resource type', 'resource id'],
    ],
  ])('a connector that differs in immutable properties is recognized (%#)', (more, expected) => {
    expect(serviceConnectorKind.immutableDifferences({ ...connector, ...more }, wanted)).toEqual(expected);
  });

  test('a connector for all resources is the same with no resource id and with an empty one', () => {
    for (const ResourceId of [undefined, '']) {
      const all = { properties: { ...CONNECTOR, ResourceId }, configuration: {} } as never;
      expect(serviceConnectorKind.immutableDifferences({ ...connector, resourceId: undefined }, all)).toEqual([]);
      expect(serviceConnectorKind.immutableDifferences(connector, all)).toEqual(['resource id']);
    }
  });

  const component = {
    id: OUR_USER,
    name: 'n',
    labels: {},
    type: 'container_registry',
    flavor: 'aws',
    configuration: { uri: REGISTRY },
    environment: {},
    secretIds: [],
  };
  test.each([
    [{}, {}, []],
    [{ type: 'orchestrator' }, {}, ['component type']],
    [{ flavor: '' }, {}, ['flavor']],
    [{ configuration: {} }, {}, ['registry URI']],
    [{ configuration: { uri: REGISTRY, more: 1 } }, {}, []],
    [{ type: 'image_builder', configuration: { uri: 'x' } }, { ComponentType: 'image_builder' }, []],
    [{ type: 'x', flavor: 'x', configuration: {} }, {}, ['component type', 'flavor', 'registry URI']],
  ])('a component that differs in immutable properties is recognized (%#)', (more, properties, expected) => {
    const desired = { properties: { ...COMPONENT, ...properties }, configuration: { uri: REGISTRY } } as never;
    expect(stackComponentKind.immutableDifferences({ ...component, ...more }, desired)).toEqual(expected);
  });

  test('a stack has no immutable properties', () => {
    expect(stackKind.immutableDifferences({} as never, {} as never)).toEqual([]);
  });

  test('the immutable properties of raw properties are those of the object', () => {
    expect(serviceConnectorKind.immutableProperties(CONNECTOR)).toEqual(['iam-role', 'docker-registry', REGISTRY]);
    expect(stackComponentKind.immutableProperties(COMPONENT)).toEqual(['container_registry', 'aws', REGISTRY]);
    expect(stackComponentKind.immutableProperties({ ...COMPONENT, Configuration: undefined })).toEqual([
      'container_registry',
      'aws',
      undefined,
    ]);
    const other = { ...COMPONENT, ComponentType: 'image_builder' };
    expect(stackComponentKind.immutableProperties(other)).toEqual(
      stackComponentKind.immutableProperties({ ...other, Configuration: '{"uri":"another"}' }),
    );
    expect(stackKind.immutableProperties(STACK)).toEqual(stackKind.immutableProperties({}));
  });
});

describe('names and digests', () => {
  test('a generated name is the prefix, cut to what fits, and the suffix', () => {
    expect(nameOf({ NamePrefix: 'main' }, '0a1b2c')).toBe('main-0a1b2c');
    expect(nameOf({}, '0a1b2c')).toBe('-0a1b2c');
    expect(nameOf({ NamePrefix: 'x'.repeat(248) }, '0a1b2c')).toBe(`${'x'.repeat(248)}-0a1b2c`);
    expect(nameOf({ NamePrefix: `${'x'.repeat(248)}y` }, '0a1b2c')).toBe(`${'x'.repeat(248)}-0a1b2c`);
    expect(nameOf({ Name: 'fixed', NamePrefix: 'main' }, '0a1b2c')).toBe('fixed');
    expect(() => nameOf({ Name: ` ${'x'.repeat(90)}` }, '0a1b2c')).toThrow(
      `a name must not be blank or start or end with white space, got " ${'x'.repeat(79)}": choose another name`,
    );
  });

  test('the suffix is six hex digits of stack, resource and request, the same in every version', () => {
    const event = { StackId: 's', LogicalResourceId: 'l', RequestId: 'r' };
    expect(suffixOf(event)).toBe('5bf51b');
    expect(
      new Set(
        [event, { ...event, StackId: 'x' }, { ...event, LogicalResourceId: 'x' }, { ...event, RequestId: 'x' }].map(
          suffixOf,
        ),
      ).size,
    ).toBe(4);
  });

  test('a digest ignores the order of keys and the properties that only control a Delete', () => {
    expect(revisionOf({ a: { c: 1, b: [2, 1] } })).toBe(revisionOf({ AdoptExisting: 'true', a: { b: [2, 1], c: 1 } }));
    expect(revisionOf({ a: [1, 2] })).not.toBe(revisionOf({ a: [2, 1] }));
    expect(revisionOf({})).toMatch(/^[0-9a-f]{16}$/);
    expect(stableJson({ b: null, a: [{ d: 1, c: 2 }], aa: 1 })).toBe('{"a":[{"c":2,"d":1}],"aa":1,"b":null}');
    expect(stableJson(undefined)).toBe('');
  });

  test('texts and flags are read as CloudFormation or an emulator writes them', () => {
    expect([{ a: 'x' }, { a: '' }, { a: 7 }, {}].map((raw) => textOf(raw, 'a'))).toEqual([
      'x',
      undefined,
      undefined,
      undefined,
    ]);
    expect([{ a: 'true' }, { a: true }, { a: 'false' }, { a: 1 }, {}].map((raw) => isTrue(raw, 'a'))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(
      ['60', '0', '999999999', '9999999999', '1.5', '-1', 'x', '', 60].map((a) => secondsOf({ a }, 'a', 7)),
    ).toEqual([60, 0, 999_999_999, 7, 7, 7, 7, 7, 7]);
  });

  test('a PUT keeps the labels of others and those of the creation, and drops the rest', () => {
    const labels = {
      theirs: { deep: 1 },
      mine: 'old',
      [Label.REQUEST]: 'r',
      [Label.ISSUED_AT]: 'i',
      [Label.FOUND]: '{}',
      [Label.REVISION]: 'x',
      [Label.APPLIED_AT]: 'x',
      [Label.STACK]: 's',
      [Label.LOGICAL_ID]: 'l',
      [Label.NAME]: 'n',
    };
    const kept = { [Label.REQUEST]: 'r', [Label.ISSUED_AT]: 'i', [Label.FOUND]: '{}' };
    const object = { id: OUR_USER, name: 'n', labels };
    expect(preservedLabels(object, { mine: 'x' })).toEqual({ ...kept, theirs: { deep: 1 } });
    for (const none of [undefined, null, 'mine', {}]) {
      expect(preservedLabels(object, none)).toEqual({ ...kept, theirs: { deep: 1 }, mine: 'old' });
    }
  });

  test('an event is superseded only by a later date', () => {
    const work = {
      event: { StackId: 's', LogicalResourceId: 'l' },
      issuedAt: '2026-01-02T00:00:00.000Z',
      ports: { clock: { now: () => Date.parse('2026-06-01') } },
    } as never;
    const applied = (at: unknown, stack = 's') =>
      isSuperseded(work, {
        id: 'i',
        name: 'n',
        labels: { [Label.STACK]: stack, [Label.LOGICAL_ID]: 'l', [Label.APPLIED_AT]: at },
      });
    expect(applied('2026-01-03T00:00:00.000Z')).toBe(true);
    expect(applied('2026-01-03T00:00:00.000Z', 'another')).toBe(false);
    // (A date in the future was not written by the handler.)
    for (const at of [
      '2026-01-02T00:00:00.000Z',
      '2026-01-01T00:00:00.000Z',
      '2999-01-01T00:00:00.000Z',
      'soon',
      2030,
      undefined,
    ]) {
      expect(applied(at)).toBe(false);
    }
  });

  test('properties that are no object are read as empty', () => {
    expect(() => readProperties(StackSchema, 'x' as never)).toThrow(
      "the resource's properties are not as this function expects: all; deploy with one version of the library throughout",
    );
  });

  test('the most recent object is the one that was created last, and one without a date counts as the oldest', () => {
    const context = { event: {}, ports: { clock: { now: () => Date.parse('2026-06-01') } } } as never;
    const dated = (id: string, issued?: unknown) => ({ id, name: 'n', labels: { [Label.ISSUED_AT]: issued } });
    const [undated, early, late, strange] = [
      dated('u'),
      dated('e', '2026-01-01T00:00:00.000Z'),
      dated('l', '2026-01-02T00:00:00.000Z'),
      dated('s', 7),
    ];
    for (const list of [
      [undated, early, late, strange],
      [late, early, strange, undated],
      [early, strange, late, undated],
    ]) {
      expect(mostRecent(context, list)).toBe(late);
    }
    for (const list of [
      [undated, early],
      [early, undated],
      [strange, early],
    ]) {
      expect(mostRecent(context, list)).toBe(early);
    }
    expect(mostRecent(context, [])).toBeUndefined();
  });
});
