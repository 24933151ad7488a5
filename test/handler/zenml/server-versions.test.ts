import { ZENML_VERSION } from '../../../local/services/zenml';
import {
  newerServerNote,
  NEWEST_TESTED,
  OLDEST_SUPPORTED,
  REPEATABLE_TYPES,
  requireComponentType,
  requireSeveralPerStack,
  requireSupportedVersion,
  tooOldForApiKey,
} from '../../../src/handler/zenml/server-versions';
import { ComponentType } from '../../../src/zenml/component-type';
import { isRepeatable } from '../../../src/zenml/repeatable-types';
import { Harness, KEY_ARN } from '../support/harness';
import { OTHER_USER } from '../support/scripted-server';

const URL = 'https://zenml.example.com';
const server = (version: string) => ({ url: URL, version: async () => version });
const unasked = { url: URL, version: async (): Promise<string> => { throw new Error('no call was needed'); } };

describe('comparison of versions', () => {
  test.each(['0.80.0', '0.80.1', '0.81.0', '0.100.0', '1.0.0', '1.79.9', '10.0.0', '0.80.0rc1', '1.0.0.dev20260101'])(
    'server version %s is supported',
    (version) => {
      expect(() => requireSupportedVersion(version, URL)).not.toThrow();
    },
  );

  test.each(['0.79.9', '0.79.100', '0.9.99', '0.8.0', '0.0.1'])('server version %s is too old', (version) => {
    expect(() => requireSupportedVersion(version, URL)).toThrow(
      `ZenML ${version} at ${URL} is too old: upgrade the server to ${OLDEST_SUPPORTED} or newer`,
    );
  });

  test.each(['', '1', '1.0', 'x1.0.0', 'latest', '<html>'])('"%s" is not a version', (version) => {
    expect(() => requireSupportedVersion(version, URL)).toThrow(
      `ZenML at ${URL} did not report a valid version: check that the URL is a ZenML server's`,
    );
  });

  test.each([
    ['0.98.1', true],
    ['0.99.0', true],
    ['0.100.0', true],
    ['1.0.0', true],
    ['0.98.0', false],
    ['0.98.0rc1', false],
    ['0.97.99', false],
  ])('server version %s is newer than all tested releases: %s', (version, newer) => {
    expect(newerServerNote(version)).toBe(
      newer
        ? `ZenML ${version} is newer than ${NEWEST_TESTED}, the newest release that this version of the library was tested with`
        : undefined,
    );
  });

  test('the newest release that the tests know is the one that the local services run', () => {
    expect(NEWEST_TESTED).toBe(ZENML_VERSION);
  });
});

describe('features and their first release', () => {
  test.each([['deployer', '0.85.0', '0.90.0'], ['log_store', '0.92.0', '0.93.0'], ['sandbox', '0.94.6', '0.95.0']])(
    'components of type %s are refused for server %s and accepted for server %s', async (type, before, since) => {
      await expect(requireComponentType(server(before), type)).rejects.toThrow(
        `ZenML ${before} at ${URL} does not have components of type ${type}, ZenML ${since} and newer do: upgrade the server, or remove the component from the template`,
      );
      await requireComponentType(server(since), type);
      await requireComponentType(server('1.0.0'), type);
    });

  test('component types that all servers have, and unknown ones, cost no call', async () => {
    for (const type of ['container_registry', 'orchestrator', 'step_operator', 'something_new', 'constructor']) {
      await requireComponentType(unasked, type);
    }
  });

  test.each([
    ['alerter', '0.94.2', '0.94.3'],
    ['experiment_tracker', '0.80.0', '0.94.3'],
    ['sandbox', '0.94.6', '0.95.0'],
    ['step_operator', '0.94.2', '0.94.3'],
  ])(
    'several components of type %s in a stack are refused for server %s and accepted for server %s',
    async (type, before, since) => {
      const two = { [type]: ['a', 'b'] };
      await expect(requireSeveralPerStack(server(before), two)).rejects.toThrow(
        `ZenML ${before} at ${URL} takes one ${type} per stack, ZenML ${since} and newer take several: upgrade the server, or use one ${type} in this stack`,
      );
      await requireSeveralPerStack(server(since), two);
      await requireSeveralPerStack(unasked, { [type]: ['a'] });
    },
  );

  test('constructs and handler know the same types of which a stack may hold several', () => {
    const types = [
      'alerter',
      'annotator',
      'container_registry',
      'data_validator',
      'experiment_tracker',
      'log_store',
      'sandbox',
      'step_operator',
    ];
    expect(types.filter((name) => isRepeatable(ComponentType.of(name)))).toEqual(
      types.filter((name) => REPEATABLE_TYPES.includes(name)),
    );
    expect([...REPEATABLE_TYPES].sort()).toEqual(REPEATABLE_TYPES);
  });

  test('API keys of an organization need a newer server', () => {
    expect(tooOldForApiKey('ZENPROKEY_x', '0.91.0')).toBe(
      'ZenML 0.91.0 does not accept API keys of a ZenML Pro organization, '
        + 'ZenML 0.91.1 and newer do: store an API key of the workspace, or upgrade the server',
    );
    expect(tooOldForApiKey('ZENPROKEY_x', '0.91.1')).toBeUndefined();
    expect(tooOldForApiKey('ZENKEY_x', '0.80.0')).toBeUndefined();
  });
});

describe('server versions in the handler', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());
  const release = (version: string) => { h.zenml.info = { ...h.zenml.info, version }; };
  const component = (type: string, name: string) =>
    h.zenml.add('components', name, { type, flavor: 'local', configuration: {} }, {}, OTHER_USER);
  const writes = () =>
    h.zenml.received
      .filter(({ method, path }) => method !== 'GET' && path !== '/login')
      .map(({ method, path }) => `${method} ${path}`);

  test('a component of a type that the server does not have is refused, and nothing is written', async () => {
    release('0.94.6');
    const answer = await h.send('Create', 'StackComponent', {
      ComponentType: 'sandbox',
      Flavor: 'local',
      Configuration: '{}',
      NamePrefix: 'sandbox',
    });
    expect(answer.Reason).toContain('ZenML 0.94.6');
    expect(answer.Reason).toContain('ZenML 0.95.0');
    expect(writes()).toEqual([]);
  });

  test('a stack with two step operators is refused for a server that permits one, and nothing is written', async () => {
    release('0.94.2');
    const Components = ['one', 'two'].map((name) => ({
      ComponentType: 'step_operator',
      Id: component('step_operator', name).id,
    }));
    const answer = await h.send('Create', 'Stack', { Name: 'prod', Components });
    expect(answer.Reason).toContain('ZenML 0.94.2');
    expect(answer.Reason).toContain('ZenML 0.94.3');
    expect(writes()).toEqual([]);
    h.fresh();
    release('0.94.3');
    expect((await h.send('Create', 'Stack', { Name: 'prod', Components })).Status).toBe('SUCCESS');
  });

  test('an attachment of a second step operator is refused for a server that permits one, and a first one is attached', async () => {
    release('0.94.2');
    const [one, two] = ['one', 'two'].map((name) => component('step_operator', name).id);
    const stack = h.zenml.add('stacks', 'prod', { components: { step_operator: [one] } }, {}, OTHER_USER);
    const attachment = { Stack: { Name: 'prod' }, Component: { ComponentType: 'step_operator', Id: two } };
    expect((await h.send('Create', 'StackAttachment', attachment)).Reason).toMatch(
      /ZenML 0\.94\.2 .* takes one step_operator per stack, ZenML 0\.94\.3/,
    );
    expect(writes()).toEqual([]);
    stack.fields.components = {};
    expect((await h.send('Create', 'StackAttachment', attachment)).Status).toBe('SUCCESS');
    expect(stack.fields.components.step_operator).toEqual([two]);
  });

  test('the error about an API key of an organization that an old server refuses names both releases', async () => {
    release('0.85.0');
    h.secrets.set(KEY_ARN, 'ZENPROKEY_abc');
    const answer = await h.send('Create', 'Stack', { Name: 'prod', Components: [] });
    expect(answer.Reason).toMatch(
      /refuses the API key .*ZenML 0\.85\.0 does not accept API keys of a ZenML Pro organization, ZenML 0\.91\.1/,
    );
    h.fresh();
    release('0.91.1');
    expect((await h.send('Create', 'Stack', { Name: 'prod', Components: [] })).Reason).toMatch(
      /refuses the API key .*store a valid key/,
    );
  });

  test('a server that is newer than all tested releases works, and the log says so', async () => {
    release('1.0.0');
    expect((await h.send('Create', 'Stack', { Name: 'prod', Components: [] })).Status).toBe('SUCCESS');
    expect(h.logs.join()).toContain(`ZenML 1.0.0 is newer than ${NEWEST_TESTED}`);
  });
});
