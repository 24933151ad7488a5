import { join } from 'node:path';

/** Answers of a real ZenML 0.98.0 to `runConformance`. */
export const RECORDING = join(__dirname, 'recorded-0.98.0.json');

/** One answer, without what differs from server to server: see `Recorder`. */
export interface Step {
  readonly what: string;
  readonly status: number;
  readonly answer: unknown;
}

export interface Api {
  /** As one of two accounts. */
  call(
    account: 'me' | 'other',
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown }>;
}

const HOST = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const CONNECTOR = {
  connector_type: 'aws',
  auth_method: 'secret-key',
  resource_types: ['docker-registry'],
  resource_id: HOST,
  description: 'd',
  labels: { a: 'b' },
  configuration: {
    region: 'eu-west-1',
    aws_access_key_id: 'k1',
    aws_secret_access_key: 's1',
    bogus: 'x',
    role_arn: 'r',
  },
};
const NO_ID = '00000000-0000-4000-8000-000000000000';

/** Runs requests and keeps their answers in a form that two servers can be compared by. */
class Recorder {
  public readonly steps: Step[] = [];
  private readonly ids = new Map<string, string>();

  public constructor(
    private readonly api: Api,
    private readonly prefix: string,
  ) {}

  public async do(
    what: string,
    method: string,
    path: string,
    body?: unknown,
    account: 'me' | 'other' = 'me',
  ): Promise<string> {
    const { status, body: answer } = await this.api.call(account, method, `/api/v1/${path}`, body);
    this.steps.push({ what, status, answer: status < 300 ? this.clean(answer) : errorClass(answer) });
    return (answer as { id?: string } | null)?.id ?? '';
  }

  /** Raw, for ids that a scenario needs. */
  public async find(path: string): Promise<{ id: string; body: { type: string; user_id: string | null } }[]> {
    return (
      (await this.api.call('me', 'GET', `/api/v1/${path}`)).body as {
        items: { id: string; body: { type: string; user_id: string | null } }[];
      }
    ).items;
  }

  private clean(value: unknown): unknown {
    if (Array.isArray(value)) {
      return value.map((item) => this.clean(item));
    }
    if (typeof value === 'string') {
      const text = value.replaceAll(this.prefix, '<p>');
      return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(text) ? this.alias(text) : text;
    }
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => !VOLATILE.has(key))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => [
          key.replaceAll(this.prefix, '<p>'),
          this.cleanField(key, item),
        ]),
    );
  }

  private cleanField(key: string, value: unknown): unknown {
    if (key === 'connector_type') { return 'aws'; }
    if (key === 'error') { return value !== null; }
    const cleaned = this.clean(value);
    // ZenML stores no order of the secrets.
    return key === 'secrets' ? (cleaned as string[]).sort() : cleaned;
  }

  private alias(id: string): string {
    if (!this.ids.has(id)) {
      this.ids.set(id, `#${this.ids.size + 1}`);
    }
    return this.ids.get(id)!;
  }
}

/** Times, pictures, long texts and nested copies of users and flavors. */
const VOLATILE = new Set([
  'created',
  'updated',
  'logo_url',
  'integration',
  'user',
  'flavor',
  'resources',
  'permission_denied',
]);

function errorClass(answer: unknown): unknown {
  if (Array.isArray(answer)) { return [answer[0]]; }
  const detail = (answer as { detail?: unknown } | null)?.detail;
  return { detail: Array.isArray(detail) ? detail[0] : typeof detail };
}

/**
 * Requests whose answers the model must give as a real server does. Every name starts with the prefix, and lists ask
 * for it, so that the scenario runs on a server that is in use; it leaves nothing behind.
 */
export async function runConformance(api: Api, prefix: string): Promise<readonly Step[]> {
  const r = new Recorder(api, prefix);
  await connectorsPart(r, prefix);
  await componentsPart(r, prefix);
  await stacksPart(r, prefix);
  await settingsPart(r, prefix);
  return r.steps;
}

async function connectorsPart(r: Recorder, p: string): Promise<void> {
  const body = { ...CONNECTOR, name: `${p}c1` };
  const post = (what: string, change: object) =>
    r.do(what, 'POST', 'service_connectors', { ...body, name: `${p}cx`, ...change });
  const id = await r.do('create', 'POST', 'service_connectors', body);
  const one = `service_connectors/${id}`;
  await r.do('name taken', 'POST', 'service_connectors', body);
  await r.do('name taken by another account', 'POST', 'service_connectors', body, 'other');
  await r.do('get without secrets', 'GET', `${one}?expand_secrets=false`);
  await r.do('get', 'GET', one);
  await r.do('get without hydrate', 'GET', `${one}?hydrate=false`);
  await r.do('list', 'GET', `service_connectors?name=equals:${p}c1&hydrate=true&expand_secrets=false`);
  await r.do('list with secrets', 'GET', `service_connectors?name=equals:${p}c1&hydrate=true`);
  await r.do('list without hydrate', 'GET', `service_connectors?name=equals:${p}c1`);
  await r.do('list without hydrate and secrets', 'GET', `service_connectors?name=equals:${p}c1&expand_secrets=false`);
  await post('missing attribute', { configuration: { region: 'eu-west-1' } });
  await post('label null', { labels: { a: null } });
  await post('label number', { labels: { a: 1 } });
  await post('unknown method', { auth_method: 'zzz' });
  await post('long name', { name: 'n'.repeat(256) });
  await post('role missing', {
    auth_method: 'iam-role',
    configuration: { region: 'eu-west-1', aws_access_key_id: 'k', aws_secret_access_key: 's' },
  });
  for (const method of ['implicit', 'iam-role', 'sts-token', 'session-token', 'federation-token']) {
    const all = {
      region: 'eu-west-1',
      aws_access_key_id: 'k',
      aws_secret_access_key: 's',
      aws_session_token: 't',
      role_arn: 'r',
      policy: '{}',
    };
    const other = await post(`create ${method}`, {
      auth_method: method,
      configuration: all,
      expiration_seconds: 100,
      resource_types: undefined,
    });
    await r.do(`delete ${method}`, 'DELETE', `service_connectors/${other}`);
  }
  await r.do('verify: region of the registry', 'POST', 'service_connectors/verify', {
    ...body,
    resource_id: HOST.replace('eu-west', 'us-east'),
  });
  await r.do('verify: host in China', 'POST', 'service_connectors/verify', {
    ...body,
    resource_id: '111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn',
  });
  await r.do('verify: expiration with keys', 'POST', 'service_connectors/verify', {
    ...body,
    expiration_seconds: 3600,
  });
  await r.do('verify: expiration too short', 'POST', 'service_connectors/verify', {
    ...body,
    auth_method: 'session-token',
    expiration_seconds: 899,
  });
  await r.do('verify: missing attribute', 'POST', 'service_connectors/verify', {
    ...body,
    configuration: { region: 'eu-west-1' },
  });
  await r.do('verify: AWS refuses', 'POST', 'service_connectors/verify', body);
  await r.do('verify by id: AWS refuses', 'PUT', `${one}/verify`);
  await r.do('verify by id: not there', 'PUT', `service_connectors/${NO_ID}/verify`);
  const put = (what: string, change: unknown, account: 'me' | 'other' = 'me') =>
    r.do(what, 'PUT', one, change, account);
  await put('put: only the type', { resource_types: ['docker-registry'] });
  await put('put: all', {
    ...body,
    expiration_seconds: 3600,
    expires_at: '2030-01-01T00:00:00Z',
    expires_skew_tolerance: 60,
  });
  await put('put: all but optional fields', body);
  await put('put: without types', { ...body, resource_types: undefined });
  await put('put: part of a configuration', { ...body, configuration: { region: 'eu-west-1' } });
  await put('put: labels null', { ...body, labels: null });
  await put('put: labels empty', { ...body, labels: {} });
  await put('put: description null', { ...body, description: null });
  await put('put: by another account', { ...body, labels: { z: 'z' } }, 'other');
  await r.do(
    'label filter: any',
    'GET',
    `service_connectors?name=equals:${p}c1&labels_str=${encodeURIComponent('{"z":null}')}`,
  );
  await r.do(
    'label filter: both',
    'GET',
    `service_connectors?name=equals:${p}c1&labels_str=${encodeURIComponent('{"z":"z","a":"b"}')}`,
  );
  await r.do('label filter: no JSON', 'GET', `service_connectors?name=equals:${p}c1&labels_str=zz`);
  await r.do('get: not there', 'GET', `service_connectors/${NO_ID}`);
  await r.do('get: no uuid', 'GET', 'service_connectors/xyz');
  await r.do('put: not there', 'PUT', `service_connectors/${NO_ID}`, body);
  await r.do('delete: not there', 'DELETE', `service_connectors/${NO_ID}`);
  await r.do('delete', 'DELETE', one);
}

async function componentsPart(r: Recorder, p: string): Promise<void> {
  const connector = await r.do('connector', 'POST', 'service_connectors', { ...CONNECTOR, name: `${p}c2` });
  const other = await r.do('another connector', 'POST', 'service_connectors', { ...CONNECTOR, name: `${p}c3` });
  const conn = (what: string, change: object) =>
    r.do(what, 'PUT', `service_connectors/${connector}`, { ...CONNECTOR, name: `${p}c2`, ...change });
  const body = {
    name: `${p}r1`,
    type: 'container_registry',
    flavor: 'aws',
    configuration: { uri: HOST },
    connector,
    connector_resource_id: HOST,
    labels: { a: 'b', n: 1, nothing: null },
  };
  const post = (what: string, change: object) =>
    r.do(what, 'POST', 'components', { ...body, name: `${p}rx`, ...change });
  const id = await r.do('create', 'POST', 'components', body);
  const one = `components/${id}`;
  await r.do('name taken', 'POST', 'components', body, 'other');
  await post('uri with a path', { configuration: { uri: `${HOST}/x` } });
  await post('unknown key', { configuration: { uri: HOST, zz: 1 } });
  await post('no uri', { configuration: {} });
  await post('unknown flavor', { flavor: 'zzz' });
  await post('unknown connector', { connector: NO_ID });
  await post('no name', { name: undefined });
  await post('name is a number', { name: 1 });
  const copy = await r.do('copy by another account', 'POST', 'components', { ...body, name: `${p}r2` }, 'other');
  await r.do('list', 'GET', `components?name=startswith:${p}&type=container_registry&hydrate=true`);
  await r.do('list without hydrate', 'GET', `components?name=startswith:${p}`);
  await r.do('list: page 2 of 2', 'GET', `components?name=startswith:${p}&size=1&page=2`);
  await r.do('list: page 3 of 2', 'GET', `components?name=startswith:${p}&size=1&page=3`);
  await r.do('list: page 0', 'GET', `components?name=startswith:${p}&page=0`);
  await r.do('list: unknown filter', 'GET', `components?name=startswith:${p}&bogus=1`);
  await r.do('list: contains, other case', 'GET', `components?name=contains:${p.toUpperCase()}R1`);
  await r.do('list: equals, other case', 'GET', `components?name=equals:${p}R1`);
  await r.do('list: plain name', 'GET', `components?name=${p}r1`);
  await r.do('list: by connector', 'GET', `components?connector_id=${connector}`);
  await r.do('list: by no connector', 'GET', 'components?connector_id=zz');
  await r.do('delete connector in use', 'DELETE', `service_connectors/${connector}`);
  await conn('connector in use: method', { auth_method: 'session-token' });
  await conn('connector in use: resource id', { resource_id: null });
  await conn('connector in use: other type', { resource_types: ['s3-bucket'] });
  await conn('connector in use: new keys, labels, name', {
    name: `${p}c2b`, labels: { q: 'r' }, configuration: { ...CONNECTOR.configuration, aws_access_key_id: 'k2' },
  });
  await conn('connector in use: name taken', { name: `${p}c3` });
  await conn('connector in use: without types', { resource_types: undefined });
  await conn('connector in use: types back', {});
  const put = (what: string, change: unknown, account: 'me' | 'other' = 'me') => r.do(what, 'PUT', one, change, account);
  await put('put: empty', {});
  await put('put: other connector', { ...body, connector: other });
  await put('put: type and flavor', { ...body, type: 'orchestrator', flavor: 'default' });
  await put('put: uri', { ...body, configuration: { uri: 'b.example.com' } });
  await put('put: connector without resource id', { connector });
  await put('put: unknown connector', { connector: NO_ID });
  await put('put: labels empty', { ...body, labels: {} });
  await put('put: labels null', { ...body, labels: null });
  await put('put: name taken', { ...body, name: `${p}r2` });
  await put('put: by another account', body, 'other');
  await r.do('put: not there', 'PUT', `components/${NO_ID}`, {});
  const orchestrator = (await r.find('components?name=equals:default&type=orchestrator')).find(
    (item) => item.body.user_id === null,
  )!.id;
  await r.do('default: put', 'PUT', `components/${orchestrator}`, { labels: { a: 'b' } });
  await r.do('default: delete', 'DELETE', `components/${orchestrator}`);
  await r.do('delete copy', 'DELETE', `components/${copy}`);
  await r.do('delete', 'DELETE', one);
  await r.do('delete again', 'DELETE', one);
  await r.do('delete connector', 'DELETE', `service_connectors/${connector}`);
  await r.do('delete other connector', 'DELETE', `service_connectors/${other}`);
}

async function stacksPart(r: Recorder, p: string): Promise<void> {
  const registry = { type: 'container_registry', flavor: 'aws', configuration: { uri: HOST } };
  const first = await r.do('registry', 'POST', 'components', { ...registry, name: `${p}s1` });
  const second = await r.do('another registry', 'POST', 'components', { ...registry, name: `${p}s2` });
  const defaults = (await r.find('components?name=equals:default')).filter(item => item.body.user_id === null);
  const local = (type: string) => defaults.find(item => item.body.type === type)!.id;
  const components = { orchestrator: [local('orchestrator')], artifact_store: [local('artifact_store')] };
  const body = {
    name: `${p}t1`,
    description: 'd',
    components: { ...components, container_registry: [first] },
    labels: { x: 'y' },
  };
  const post = (what: string, change: object) => r.do(what, 'POST', 'stacks', { ...body, name: `${p}tx`, ...change });
  const id = await r.do('create', 'POST', 'stacks', body);
  const one = `stacks/${id}`;
  const two = await r.do('create by another account', 'POST', 'stacks', { ...body, name: `${p}t2` }, 'other');
  await r.do('name taken', 'POST', 'stacks', body);
  await post('no orchestrator', { components: { container_registry: [first] } });
  await post('unknown component', { components: { ...components, container_registry: [NO_ID] } });
  await post('two registries', { components: { ...components, container_registry: [first, second] } });
  await post('component by name', { components: { ...components, container_registry: [`${p}s1`] } });
  await r.do('get', 'GET', one);
  await r.do('list by component', 'GET', `stacks?component_id=${first}&hydrate=true`);
  await r.do('list by component, not there', 'GET', `stacks?component_id=${NO_ID}`);
  await r.do('list by name', 'GET', `stacks?name=equals:${p}t1`);
  await r.do('delete registry in use', 'DELETE', `components/${first}`);
  await r.do('put: name', 'PUT', one, { name: `${p}t3` });
  await r.do('put: name taken', 'PUT', one, { name: `${p}t2` });
  await r.do('put: empty', 'PUT', one, {});
  await r.do('put: labels', 'PUT', one, { labels: { q: 'r' } });
  await r.do('put: description null', 'PUT', one, { description: null });
  await r.do('put: composition', 'PUT', one, { components: { ...components, container_registry: [second] } });
  await r.do('put: without registry', 'PUT', one, { components });
  await r.do('put: empty list', 'PUT', one, { components: { ...components, container_registry: [] } });
  await r.do('put: without orchestrator', 'PUT', one, { components: { container_registry: [first] } });
  await r.do('put: unknown component', 'PUT', one, { components: { ...components, container_registry: [NO_ID] } });
  const stack = (await r.find('stacks?name=equals:default')).find(item => item.body.user_id === null)!.id;
  await r.do('default: put', 'PUT', `stacks/${stack}`, { components });
  await r.do('default: delete', 'DELETE', `stacks/${stack}`);
  await r.do('delete', 'DELETE', one);
  await r.do('delete again', 'DELETE', one);
  await r.do('delete the other', 'DELETE', `stacks/${two}`);
  await r.do('delete registry', 'DELETE', `components/${first}`);
  await r.do('delete another registry', 'DELETE', `components/${second}`);
}

/** Environment variables and secrets of components and stacks, and the default among several components of a type. */
async function settingsPart(r: Recorder, p: string): Promise<void> {
  const secret = (name: string, more: object = {}) =>
    r.do(`secret ${name}`, 'POST', 'secrets', { name: `${p}${name}`, values: { [name]: 'v' }, ...more });
  const [one, two, hidden] = [await secret('one'), await secret('two'), await secret('hidden', { private: true })];
  await secret('one');
  await r.do('list secrets', 'GET', `secrets?name=equals:${p}one`);
  await r.do('list secrets of another account', 'GET', `secrets?name=equals:${p}hidden`, undefined, 'other');
  const operator = (name: string) => ({
    name: `${p}${name}`, type: 'step_operator', flavor: 'kubernetes', configuration: { kubernetes_context: name },
  });
  const body = { ...operator('o1'), environment: { A: '1', B: '2' }, secrets: [`${p}one`] };
  const component = await r.do('component with settings', 'POST', 'components', body);
  await r.do('unknown secret', 'POST', 'components', { ...body, name: `${p}ox`, secrets: [`${p}none`] });
  await settingsOf(r, `components/${component}`, { one, two, hidden }, `${p}o1`);
  const second = await r.do('another operator', 'POST', 'components', operator('o2'));
  const third = await r.do('third operator', 'POST', 'components', operator('o3'));
  const defaults = (await r.find('components?name=equals:default')).filter((item) => item.body.user_id === null);
  const local = (type: string) => defaults.find((item) => item.body.type === type)!.id;
  const base = { orchestrator: [local('orchestrator')], artifact_store: [local('artifact_store')] };
  const stack = await r.do('stack with settings', 'POST', 'stacks', {
    name: `${p}so`,
    components: { ...base, step_operator: [second, component] },
    environment: { A: '1', B: '2' },
    secrets: [one],
  });
  await settingsOf(r, `stacks/${stack}`, { one, two, hidden }, `${p}so`);
  await r.do('another default', 'PUT', `stacks/${stack}`, { components: { ...base, step_operator: [component, second] } });
  await r.do('delete secret', 'DELETE', `secrets/${two}`);
  await r.do('secret is gone', 'GET', `stacks/${stack}`);
  await r.do('delete stack', 'DELETE', `stacks/${stack}`);
  for (const id of [component, second, third]) { await r.do('delete operator', 'DELETE', `components/${id}`); }
  for (const id of [one, hidden]) { await r.do('delete secret', 'DELETE', `secrets/${id}`); }
}

async function settingsOf(
  r: Recorder, path: string, { one, two, hidden }: Record<'one' | 'two' | 'hidden', string>, name: string,
): Promise<void> {
  const put = (what: string, change: object, account: 'me' | 'other' = 'me') => r.do(what, 'PUT', path, change, account);
  await put('environment', { environment: { A: '3', C: '' } });
  await put('environment empty', { environment: {} });
  await put('add a secret', { name: `${name}a`, environment: { A: '4' }, add_secrets: [two] });
  await put('add a secret that is there', { name: `${name}b`, environment: { A: '5' }, add_secrets: [one] });
  await r.do('what is left of that', 'GET', path);
  await put('add and remove', { name: `${name}c`, environment: { A: '6' }, add_secrets: [hidden], remove_secrets: [one] });
  await put('remove a secret that is not there', { environment: { A: '7' }, remove_secrets: [one] });
  await put('add an unknown secret', { environment: { A: '8' }, add_secrets: [NO_ID] });
  await put('remove an unknown secret', { environment: { A: '9' }, remove_secrets: [NO_ID] });
  await put('add a secret of another account', { environment: { A: '10' }, add_secrets: [hidden] }, 'other');
  await r.do('settings at the end', 'GET', path);
}
