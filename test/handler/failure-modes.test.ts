import { COMPONENT, CONNECTOR, Harness, KEY_ARN, ownedBy, STACK, STACK_ID } from './support/harness';
import { API_KEY, DENIED, error, OTHER_USER, REGISTRY, ScriptedServer, verifiedReply } from './support/scripted-server';
import { selfSigned } from './support/self-signed-certificate';
import { formatFailedId } from '../../src/contract/physical-id';

/** A generated name is the prefix and six hex digits. */
const POST_CONNECTOR = /^POST \/service_connectors$/;
const VERIFY = /^POST \/service_connectors\/verify$/;

interface Mode { row: number; name: string; run: (h: Harness) => Promise<void> }

async function down(h: Harness): Promise<void> {
  // Port 1 is nobody's; one that was just closed could be another's by now.
  h.bind('http://127.0.0.1:1');
}

async function create(h: Harness, more: Record<string, unknown> = {}) {
  const answer = await h.send('Create', 'ServiceConnector', { ...CONNECTOR, ...more });
  expect(answer.Reason).toBeUndefined();
  return answer;
}

const connectors = (h: Harness) => h.zenml.all('service_connectors');
const components = (h: Harness) => h.zenml.all('components');
const logins = (h: Harness) => h.zenml.received.filter(({ path }) => path === '/login').length;

const MODES: Mode[] = [
  {
    row: 1,
    name: 'server down on Create: tried until the budget ends, then FAILED with the id of a failed Create',
    run: async (h) => {
      await down(h);
      const started = h.clock.now();
      const answer = await h.send('Create', 'ServiceConnector', CONNECTOR, { requestId: 'r1' });
      expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: formatFailedId('r1') });
      expect(answer.Reason).toMatch(/could not be reached \(ECONNREFUSED\)$/);
      expect(h.clock.now() - started).toBeGreaterThanOrEqual(10_000);
      expect(h.clock.now() - started).toBeLessThan(15_000);
    },
  },
  {
    row: 2,
    name: 'server down on Update: FAILED with the same id, and a rollback to the same properties asks nothing',
    run: async (h) => {
      const made = await create(h);
      await down(h);
      const changed = { ...CONNECTOR, Description: 'x' };
      const answer = await h.send('Update', 'ServiceConnector', changed, { physicalId: made.PhysicalResourceId, old: CONNECTOR });
      expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: made.PhysicalResourceId });
      // Still down: the rollback, with old and new swapped, must not lock the stack.
      h.zenml.received.length = 0;
      const back = await h.send('Update', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId, old: changed });
      expect(back).toMatchObject({ Status: 'SUCCESS', Data: made.Data });
      expect(h.zenml.received).toEqual([]);
      // Once only: a second one is no rollback of that Update any more.
      expect(await h.send('Update', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId, old: changed })).toMatchObject({ Status: 'FAILED' });
    },
  },
  {
    row: 3,
    name: 'server down on Delete: FAILED with what to do, or SUCCESS where it may be abandoned',
    run: async (h) => {
      const made = await create(h);
      await down(h);
      const failed = await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId });
      expect(failed).toMatchObject({ Status: 'FAILED', PhysicalResourceId: made.PhysicalResourceId });
      expect(failed.Reason).toMatch(/onUnreachableServer ABANDON.*retain/);
      const started = h.clock.now();
      const abandoned = await h.send('Delete', 'ServiceConnector', { ...CONNECTOR, AbandonUnreachable: 'true' }, { physicalId: made.PhysicalResourceId });
      expect(abandoned.Status).toBe('SUCCESS');
      // Long enough for a restart, short enough for a stack with many objects.
      expect(h.clock.now() - started).toBeGreaterThanOrEqual(60_000);
      expect(h.clock.now() - started).toBeLessThan(70_000);
      expect(h.logs.at(-1)).toContain('abandoned');
    },
  },
  {
    row: 4,
    name: 'host name gone on Delete: no waiting',
    run: async (h) => {
      const made = await create(h);
      h.bind('http://no-such-host.invalid', { allowHttp: true });
      const { transport } = h.ports;
      expect(transport).toBeDefined();
      const started = h.clock.now();
      const answer = await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId });
      expect(answer.Status).toBe('FAILED');
      // Where there is no resolver at all, the answer is EAI_AGAIN, which is rightly tried again.
      if (/ENOTFOUND/.test(answer.Reason!)) { expect(h.clock.now() - started).toBeLessThan(1_000); }
      expect(answer.Reason).toMatch(/ENOTFOUND|EAI_AGAIN/);
    },
  },
  {
    row: 5,
    name: '401 at the login: the secret is read again once; then FAILED with its ARN and without its value',
    run: async (h) => {
      const rotated = API_KEY.replace('c', 'd');
      h.zenml.keys = [rotated];
      h.secrets.set(KEY_ARN, [API_KEY, rotated]);
      await create(h);
      h.fresh();
      h.secrets.set(KEY_ARN, API_KEY);
      const before = logins(h);
      const answer = await h.send('Create', 'ServiceConnector', CONNECTOR);
      expect(answer.Reason).toContain(KEY_ARN);
      expect(answer.Reason).toContain('refuses the API key');
      expect(logins(h) - before).toBe(2);
      expect(h.said).not.toContain(API_KEY);
    },
  },
  {
    row: 6,
    name: 'token refused in mid-run: one new login, then on',
    run: async (h) => {
      h.zenml.script(POST_CONNECTOR, 'pass', 0);
      h.zenml.script(VERIFY, verifiedReply([REGISTRY]), 1, () => { h.zenml.tokens++; });
      await create(h);
      expect(logins(h)).toBe(2);
      h.zenml.script(/^GET \/service_connectors\//, error(401, 'CredentialsNotValid', 'x'), 9);
      const answer = await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: h.answers[0]!.PhysicalResourceId });
      expect(answer.Status).toBe('FAILED');
      expect(logins(h)).toBe(3);
    },
  },
  {
    row: 7,
    name: '403: at once, with what the server said about the permission',
    run: async (h) => {
      h.zenml.script(/^POST \/stacks$/, error(403, 'IllegalOperationError', 'Insufficient permissions to create stack'), 9);
      const answer = await h.send('Create', 'Stack', STACK);
      expect(answer.Reason).toMatch(/HTTP 403 IllegalOperationError: Insufficient permissions to create stack/);
      expect(h.clock.slept).toEqual([]);
    },
  },
  {
    row: 8,
    name: '409 and the object is ours: taken',
    run: async (h) => {
      const event = h.event('Create', 'ServiceConnector', { ...CONNECTOR, Name: 'fixed' });
      await h.deliver(event);
      h.fresh();
      await h.deliver(event);
      expect(h.answers[1]).toEqual(h.answers[0]);
      expect(connectors(h)).toHaveLength(1);
    },
  },
  {
    row: 9,
    name: '409 and the object is another\'s: FAILED and untouched; with adoptExisting taken over, and given back instead of deleted; a connector never is',
    run: async (h) => {
      const fields = { connector_type: 'aws', auth_method: 'iam-role', resource_types: ['docker-registry'], resource_id: REGISTRY };
      const foreign = h.zenml.add('service_connectors', 'shared', { ...fields }, { theirs: 'y' }, OTHER_USER);
      const refused = await h.send('Create', 'ServiceConnector', { ...CONNECTOR, Name: 'shared' }, { requestId: 'r9' });
      expect(refused).toMatchObject({ Status: 'FAILED', PhysicalResourceId: formatFailedId('r9') });
      expect(refused.Reason).toBe('ZenML already has a service connector named "shared" that this CloudFormation resource did not create: choose another name or delete it in ZenML');
      expect(foreign.labels).toEqual({ theirs: 'y' });
      await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: refused.PhysicalResourceId });
      expect(connectors(h)).toHaveLength(1);

      const never = await h.send('Create', 'ServiceConnector', { ...CONNECTOR, Name: 'shared', AdoptExisting: 'true' }, { requestId: 'r9-connector' });
      expect(never).toMatchObject({
        Status: 'FAILED',
        PhysicalResourceId: formatFailedId('r9-connector'),
        Reason: 'ZenML already has a service connector named "shared", and a service connector cannot be adopted, because its credentials could not be given back: '
          + 'leave the name out to create a new one, or use the existing one (RegistryAuthentication.existingConnector)',
      });
      expect(foreign).toMatchObject({ labels: { theirs: 'y' }, fields });

      const configuration = { uri: REGISTRY, default_repository: 'theirs' };
      const component = h.zenml.add('components', 'shared', { type: 'container_registry', flavor: 'aws', configuration, connector: foreign.id, connector_resource_id: REGISTRY }, { theirs: 'y' }, OTHER_USER);
      const before = JSON.stringify(component);
      const adopting = { ...COMPONENT, Name: 'shared', AdoptExisting: 'true' };
      const adopted = await h.send('Create', 'StackComponent', adopting);
      expect(adopted).toMatchObject({ Status: 'SUCCESS', Data: { Id: component.id, Name: 'shared' } });
      expect(adopted.PhysicalResourceId).toMatch(new RegExp(`:${component.id}:adopted-[0-9a-f]{6}$`));
      expect(component.labels).toMatchObject({ theirs: 'y', ...ownedBy(STACK_ID, 'StackComponent') });
      expect(component.fields).toMatchObject({ configuration: JSON.parse(COMPONENT.Configuration) as object, connector: null });
      await h.send('Delete', 'StackComponent', adopting, { physicalId: adopted.PhysicalResourceId });
      expect(JSON.parse(JSON.stringify(component))).toEqual(JSON.parse(before));

      const own = (status: string) => ({ logicalId: 'Main', physicalId: STACK_ID, status, reason: '', time: h.clock.now() - 1_000 });
      const phases: [typeof h.stackEvents, number][] = [
        [undefined, 1], [[own('UPDATE_IN_PROGRESS'), own('UPDATE_ROLLBACK_IN_PROGRESS')], 1], [[own('CREATE_IN_PROGRESS'), own('ROLLBACK_IN_PROGRESS')], 1], [[own('CREATE_COMPLETE'), own('DELETE_IN_PROGRESS')], 0],
      ];
      for (const [events, left] of phases) {
        const deleting = { ...adopting, DeleteAdopted: 'true' };
        const again = await h.send('Create', 'StackComponent', deleting);
        expect(component.labels).toMatchObject(ownedBy(STACK_ID, 'StackComponent'));
        h.stackEvents = events;
        expect((await h.send('Delete', 'StackComponent', deleting, { physicalId: again.PhysicalResourceId })).Status).toBe('SUCCESS');
        expect(h.zenml.all('components')).toHaveLength(left);
        if (left > 0) { expect(JSON.parse(JSON.stringify(component))).toEqual(JSON.parse(before)); }
        expect(JSON.parse(h.logs.at(-1)!).warnings).toEqual(events ? undefined : expect.stringMatching(/^an adopted object was given back instead of deleted, because CloudFormation could not be asked/));
      }
    },
  },
  {
    row: 10,
    name: 'answer to the POST lost: looked up before another POST; one object',
    run: async (h) => {
      h.zenml.script(POST_CONNECTOR, 'commit-then-reset');
      await create(h);
      expect(h.zenml.work.filter((call) => POST_CONNECTOR.test(call))).toHaveLength(1);
      h.zenml.script(POST_CONNECTOR, 'reset');
      await h.send('Create', 'ServiceConnector', CONNECTOR, { logicalId: 'Other' });
      expect(connectors(h)).toHaveLength(2);
      expect(new Set(connectors(h).map(({ name }) => name)).size).toBe(2);
    },
  },
  {
    row: 11,
    name: '404 on Delete: SUCCESS, whether at the GET or at the DELETE',
    run: async (h) => {
      const made = await create(h);
      h.zenml.script(/^DELETE/, error(404, 'KeyError', 'gone'));
      expect((await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId })).Status).toBe('SUCCESS');
      h.zenml.things.service_connectors.clear();
      expect((await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId })).Status).toBe('SUCCESS');
    },
  },
  {
    row: 12,
    name: '404 on Update: made anew under a new id, and the Delete of the old one succeeds',
    run: async (h) => {
      const made = await create(h);
      h.zenml.things.service_connectors.clear();
      const answer = await h.send('Update', 'ServiceConnector', { ...CONNECTOR, Description: 'x' }, { physicalId: made.PhysicalResourceId, old: CONNECTOR });
      expect(answer.Status).toBe('SUCCESS');
      expect(answer.PhysicalResourceId).not.toBe(made.PhysicalResourceId);
      expect((await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId })).Status).toBe('SUCCESS');
      expect(connectors(h)).toHaveLength(1);
    },
  },
  {
    row: 13,
    name: 'deleted between GET and PUT: made anew, once',
    run: async (h) => {
      const made = await create(h);
      h.zenml.script(/^PUT/, 'pass', 1, () => h.zenml.things.service_connectors.clear());
      const answer = await h.send('Update', 'ServiceConnector', { ...CONNECTOR, Description: 'x' }, { physicalId: made.PhysicalResourceId, old: CONNECTOR });
      expect(answer.Status).toBe('SUCCESS');
      expect(connectors(h).map(({ id }) => id)).toEqual([answer.Data!.Id]);
    },
  },
  {
    row: 14,
    name: 'in use on Delete: refused with the users\' names and nothing touched; what only the server sees is tried again shortly',
    run: async (h) => {
      const component = await h.send('Create', 'StackComponent', COMPONENT);
      const stack = h.zenml.add('stacks', 'production', { components: { container_registry: [component.Data!.Id] } });
      const answer = await h.send('Delete', 'StackComponent', COMPONENT, { physicalId: component.PhysicalResourceId });
      expect(answer.Reason).toMatch(/was not deleted, because it is still used by stack "production" .*cannot see.*remove-component <stack> -c"/);
      expect(h.zenml.work.slice(-2)).toEqual([`DELETE /components/${component.Data!.Id}`, 'GET /stacks']);
      expect(components(h)).toHaveLength(1);
      expect(stack.fields.components).toEqual({ container_registry: [component.Data!.Id] });
      h.zenml.script(/^GET \/stacks$/, { status: 200, body: { index: 1, total_pages: 1, items: [] } });
      const hidden = await h.send('Delete', 'StackComponent', COMPONENT, { physicalId: component.PhysicalResourceId });
      expect(hidden.Reason).toMatch(/in use by something that this account cannot see/);
      expect(h.clock.slept).toEqual([1_000, 2_000]);
      const detached = await h.send('Delete', 'StackComponent', { ...COMPONENT, DetachFromStacks: 'true' }, { physicalId: component.PhysicalResourceId });
      expect(detached.Status).toBe('SUCCESS');
      expect(stack.fields.components).toEqual({});
    },
  },
  {
    row: 15,
    name: '429 with Retry-After in seconds or as a date: waited for, unless that is longer than the time left',
    run: async (h) => {
      h.zenml.script(POST_CONNECTOR, { status: 429, body: { detail: 'slow down' }, headers: { 'retry-after': '7' } });
      h.zenml.script(POST_CONNECTOR, { status: 429, body: { detail: 'slow down' }, headers: { 'retry-after': new Date(h.clock.now() + 19_000).toUTCString() } });
      await create(h);
      expect(h.clock.slept).toEqual([7_250, 12_000]);
      h.zenml.script(POST_CONNECTOR, { status: 429, body: { detail: 'slow down' }, headers: { 'retry-after': '3600' } });
      const answer = await h.send('Create', 'ServiceConnector', CONNECTOR, { logicalId: 'Other' });
      expect(answer.Reason).toMatch(/asks to wait 3600 s/);
    },
  },
  {
    row: 16,
    name: '5xx and HTML error pages: tried again; a POST only after a look',
    run: async (h) => {
      h.zenml.script(/^GET \/info$/, { status: 502, body: '<html>Bad Gateway</html>' }, 2);
      h.zenml.script(POST_CONNECTOR, { status: 500, body: { detail: ['RuntimeError', 'boom'] } });
      await create(h);
      expect(h.zenml.work).toEqual(['POST /service_connectors/verify', 'POST /service_connectors', 'GET /service_connectors', 'POST /service_connectors']);
      h.zenml.script(POST_CONNECTOR, { status: 500, body: { detail: ['RuntimeError', 'boom'] } }, 99);
      const answer = await h.send('Create', 'ServiceConnector', CONNECTOR, { logicalId: 'Other', requestId: 'r16' });
      expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: formatFailedId('r16') });
      expect(answer.Reason).toContain('HTTP 500 RuntimeError');
      expect(answer.Reason).not.toContain('boom');
    },
  },
  {
    row: 17,
    name: 'no answer at all: each call has its own end, and the next try goes on with twice the patience',
    run: async (h) => {
      const ends: number[] = [];
      const hang = (request: RegExp, times: number) => h.zenml.script(request, 'hang', times, () => {
        const before = h.clock.now();
        h.clock.advanceToAlarm();
        ends.push((h.clock.now() - before) / 1000);
      });
      hang(/^GET \/info$/, 1);
      await create(h);
      expect(ends.splice(0)).toEqual([15]);
      hang(/^GET \/service_connectors\//, 99);
      const answer = await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: h.answers[0]!.PhysicalResourceId });
      // A server works on at what is given up: ever the same patience could mean that it never gets an answer out in time.
      expect(ends.slice(0, 3)).toEqual([15, 30, 60]);
      expect(answer.Reason).toMatch(/did not answer completely to GET .* within \d+ s; no result within 295 s/);
    },
  },
  {
    row: 18,
    name: 'a body that drips: the end counts for the whole body',
    run: async (h) => {
      h.zenml.script(/^GET \/info$/, (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{');
        h.clock.advance(15_000);
      });
      await create(h);
      expect(h.zenml.received.filter(({ path }) => path === '/info')).toHaveLength(2);
    },
  },
  {
    row: 19,
    name: 'a huge answer: broken off',
    run: async (h) => {
      h.zenml.script(/^GET \/info$/, (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.on('error', () => {});
        response.end('x'.repeat(6 * 1024 * 1024));
      }, 9);
      const answer = await h.send('Create', 'ServiceConnector', CONNECTOR);
      expect(answer.Reason).toMatch(/more than 5 MiB/);
      expect(h.clock.slept).toEqual([]);
    },
  },
  {
    row: 20,
    name: 'a 200 that is not JSON: said so, with its beginning',
    run: async (h) => {
      h.zenml.script(/^GET \/info$/, { status: 200, body: '<html>\nSign in</html>' }, 9);
      const answer = await h.send('Create', 'ServiceConnector', CONNECTOR);
      expect(answer.Reason).toMatch(/^something other than ZenML answered GET \/info at \S+ \(HTTP 200, text\/html: <html> Sign in<\/html>\)/);
    },
  },
  {
    row: 21,
    name: 'JSON of another shape: refused with the place; more fields are no matter',
    run: async (h) => {
      h.zenml.script(/^GET \/info$/, { status: 200, body: { id: null, version: '0.98.0' } });
      expect((await h.send('Create', 'ServiceConnector', CONNECTOR)).Reason).toMatch(/unexpected shape \(id\)/);
      h.zenml.info = { ...h.zenml.info, more: { than: 'before' } };
      await create(h);
    },
  },
  {
    row: 22,
    name: 'lists are followed to their end',
    run: async (h) => {
      h.zenml.pageSize = 1;
      const component = await h.send('Create', 'StackComponent', COMPONENT);
      for (const name of ['a', 'b', 'c']) { h.zenml.add('stacks', name, { components: { container_registry: [component.Data!.Id] } }); }
      const answer = await h.send('Delete', 'StackComponent', COMPONENT, { physicalId: component.PhysicalResourceId });
      expect(answer.Reason).toContain('stacks "a", "b", "c"');
    },
  },
  {
    row: 23,
    name: 'filters are not believed: names and types are compared again',
    run: async (h) => {
      h.zenml.ignoreFilters = true;
      h.zenml.add('components', 'registry', { type: 'orchestrator', flavor: 'local', configuration: {} });
      const right = h.zenml.add('components', 'registry', { type: 'container_registry', flavor: 'aws', configuration: { uri: REGISTRY } });
      h.zenml.add('components', 'registry-2', { type: 'container_registry', flavor: 'aws', configuration: { uri: REGISTRY } });
      const answer = await h.send('Create', 'Stack', { Components: [...STACK.Components, { ComponentType: 'container_registry', Name: 'registry' }] });
      expect(answer.Status).toBe('SUCCESS');
      expect(h.zenml.all('stacks')[0]!.fields.components.container_registry).toEqual([right.id]);
    },
  },
  {
    row: 24,
    name: 'a server of before 0.80.0: FAILED before anything is written',
    run: async (h) => {
      h.zenml.info = { ...h.zenml.info, version: '0.79.9' };
      expect((await h.send('Create', 'ServiceConnector', CONNECTOR)).Reason).toMatch(/ZenML 0\.79\.9 at .* is too old: upgrade the server to 0\.80\.0 or newer/);
      expect(h.zenml.work).toEqual([]);
    },
  },
  {
    row: 25,
    name: 'another workspace than the bound one: FAILED with the id kept',
    run: async (h) => {
      const made = await create(h);
      h.bind(h.url, { workspaceId: 'workspace-1' });
      h.zenml.info = { ...h.zenml.info, pro_workspace_id: 'workspace-2' };
      h.fresh();
      const answer = await h.send('Update', 'ServiceConnector', { ...CONNECTOR, Description: 'x' }, { physicalId: made.PhysicalResourceId, old: CONNECTOR });
      expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: made.PhysicalResourceId });
      expect(answer.Reason).toMatch(/is workspace workspace-2, not workspace workspace-1/);
    },
  },
  {
    row: 26,
    name: 'renamed: in place; to a name that is taken: FAILED and nothing changed',
    run: async (h) => {
      const made = await create(h, { Name: 'before' });
      const old = { ...CONNECTOR, Name: 'before' };
      const renamed = await h.send('Update', 'ServiceConnector', { ...CONNECTOR, Name: 'after' }, { physicalId: made.PhysicalResourceId, old });
      expect(renamed).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: made.PhysicalResourceId, Data: { Name: 'after' } });
      h.zenml.add('service_connectors', 'taken', {}, {}, OTHER_USER);
      const answer = await h.send('Update', 'ServiceConnector', { ...CONNECTOR, Name: 'taken' }, { physicalId: made.PhysicalResourceId, old });
      expect(answer.Reason).toMatch(/^ZenML already has a service connector named "taken": choose another name, or rename or delete that one in ZenML\. Nothing was changed in ZenML\.$/);
      expect(h.zenml.named('service_connectors', 'after')).toHaveLength(1);
    },
  },
  {
    row: 27,
    name: 'what cannot change in place: a new object under a fresh name, or the request to change the name too',
    run: async (h) => {
      const made = await create(h);
      const answer = await h.send('Update', 'ServiceConnector', { ...CONNECTOR, AuthMethod: 'implicit' }, { physicalId: made.PhysicalResourceId, old: CONNECTOR });
      expect(answer.Status).toBe('SUCCESS');
      expect(answer.Data!.Name).not.toBe(made.Data!.Name);
      await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId });
      expect(connectors(h).map(({ id }) => id)).toEqual([answer.Data!.Id]);

      const fixed = await h.send('Create', 'ServiceConnector', { ...CONNECTOR, Name: 'fixed' }, { logicalId: 'Fixed' });
      const refused = await h.send(
        'Update', 'ServiceConnector', { ...CONNECTOR, Name: 'fixed', AuthMethod: 'implicit' },
        { physicalId: fixed.PhysicalResourceId, logicalId: 'Fixed', old: { ...CONNECTOR, Name: 'fixed' } },
      );
      expect(refused).toMatchObject({ Status: 'FAILED', PhysicalResourceId: fixed.PhysicalResourceId });
      expect(refused.Reason).toMatch(/authentication method of service connector "fixed" cannot change in place.*change the name too/);
    },
  },
  {
    row: 28,
    name: 'replacement and later failure: the rollback finds the old object, by the new id and by the old',
    run: async (h) => {
      const made = await create(h);
      const changed = { ...CONNECTOR, AuthMethod: 'implicit' };
      const replaced = await h.send('Update', 'ServiceConnector', changed, { physicalId: made.PhysicalResourceId, old: CONNECTOR });
      h.rollBack('ServiceConnector');
      const back = await h.send('Update', 'ServiceConnector', CONNECTOR, { physicalId: replaced.PhysicalResourceId, old: changed });
      expect(back).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: made.PhysicalResourceId, Data: made.Data });
      await h.send('Delete', 'ServiceConnector', changed, { physicalId: replaced.PhysicalResourceId });
      expect(connectors(h).map(({ id }) => id)).toEqual([made.Data!.Id]);

      h.zenml.verification = () => verifiedReply([], 'Implicit authentication methods for service connectors are implicitly disabled');
      expect((await h.send('Update', 'ServiceConnector', changed, { physicalId: made.PhysicalResourceId, old: CONNECTOR })).Status).toBe('FAILED');
      // The verification still fails: what is there already is not held up by it.
      const again = await h.send('Update', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId, old: changed });
      expect(again).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: made.PhysicalResourceId });
      expect(connectors(h)).toHaveLength(1);
    },
  },
  {
    row: 29,
    name: 'only the refresh token changed: all attributes are there',
    run: async (h) => {
      const made = await create(h);
      const answer = await h.send('Update', 'ServiceConnector', { ...CONNECTOR, RefreshToken: '2' }, { physicalId: made.PhysicalResourceId, old: CONNECTOR });
      expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: made.PhysicalResourceId, Data: made.Data });
    },
  },
  {
    row: 30,
    name: 'verification fails on Create: nothing was made, so nothing is left',
    run: async (h) => {
      h.zenml.verification = () => verifiedReply([], 'Implicit authentication methods for service connectors are implicitly disabled');
      const answer = await h.send('Create', 'ServiceConnector', CONNECTOR, { requestId: 'r30' });
      expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: formatFailedId('r30') });
      expect(connectors(h)).toEqual([]);
    },
  },
  {
    row: 31,
    name: 'crash between POST and answer: the Delete with CloudFormation\'s own id finds the object',
    run: async (h) => {
      await create(h);
      h.fresh();
      const answer = await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: 'Main-ServiceConnector-1ABCDEF' });
      expect(answer.Status).toBe('SUCCESS');
      expect(connectors(h)).toEqual([]);
    },
  },
  {
    row: 32,
    name: 'the same event again after a success: same answer, in the same process without any call',
    run: async (h) => {
      const event = h.event('Create', 'ServiceConnector', CONNECTOR);
      await h.deliver(event);
      const calls = h.zenml.received.length;
      await h.deliver(event);
      expect(h.answers[1]).toEqual(h.answers[0]);
      expect(h.zenml.received).toHaveLength(calls);
      h.fresh();
      await h.deliver(event);
      expect(h.answers[2]).toEqual(h.answers[0]);
      expect(connectors(h)).toHaveLength(1);
    },
  },
  {
    row: 33,
    name: 'a late duplicate of a Create after the Delete: the process that served it makes nothing',
    run: async (h) => {
      const event = h.event('Create', 'ServiceConnector', CONNECTOR);
      await h.deliver(event);
      await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: h.answers[0]!.PhysicalResourceId });
      await h.deliver(event);
      expect(connectors(h)).toEqual([]);
    },
  },
  {
    row: 34,
    name: 'a Delete while the cancelled Create still runs: looks on until the Create has made its object',
    run: async (h) => {
      const event = h.event('Create', 'ServiceConnector', CONNECTOR);
      let created: Promise<void> | undefined;
      h.zenml.script(/^GET \/service_connectors$/, 'pass', 1, () => {
        const other = h.handler;
        created = other(event, { getRemainingTimeInMillis: () => 300_000 });
      });
      const gone = h.deliver(h.event('Delete', 'ServiceConnector', CONNECTOR, { physicalId: 'Main-ServiceConnector-1ABCDEF' }));
      await gone;
      await created;
      expect(connectors(h)).toEqual([]);
      // The waits of the Delete advance the clock of both, so an answer may be sent twice.
      expect(new Set(h.answers.map(({ RequestId, Status }) => `${RequestId} ${Status}`))).toEqual(new Set(['request-1 SUCCESS', 'request-2 SUCCESS']));
    },
  },
  {
    row: 35,
    name: 'ids that are not ours: another kind, another server (unless the object is here with our labels), garbage',
    run: async (h) => {
      const made = await create(h);
      const [, , server, uuid, tail] = made.PhysicalResourceId.split(':');
      const [connector] = connectors(h);
      const { labels } = connector!;
      const elsewhere = `zenml:service-connector:${uuid}:${uuid}:${tail}`;
      for (const [id, now] of [
        [`zenml:stack:${server}:${uuid}:${tail}`, labels], [`zenml:service-connector:${uuid}:${server}:${tail}`, labels],
        [elsewhere, {}], [elsewhere, { ...labels, ...ownedBy('arn:another', 'Other') }],
      ] as const) {
        connector!.labels = now;
        expect((await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: id })).Status).toBe('SUCCESS');
      }
      connector!.labels = labels;
      for (const id of ['2026/01/02/[$LATEST]abc', 'x'.repeat(1024), '']) {
        const answer = await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: id, logicalId: 'Stranger' });
        expect(answer.Status).toBe('SUCCESS');
      }
      expect(connectors(h)).toHaveLength(1);
      // A server that was restored from its backup has another id, and the objects.
      expect((await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: elsewhere })).Status).toBe('SUCCESS');
      expect(connectors(h)).toEqual([]);
    },
  },
  {
    row: 36,
    name: 'a young role: refusals that pass are waited out, the handler\'s own too',
    run: async (h) => {
      let refusals = 5;
      h.zenml.verification = () => (refusals-- > 0
        ? verifiedReply([], `Failed to assume IAM role: ${DENIED}`) : verifiedReply([REGISTRY]));
      h.denials = 3;
      await create(h);
      // One of the three is the look-up of the keys, which begins beside the first and is repeated later.
      expect(h.clock.slept).toEqual([1_000, 2_000, 1_000, 1_000, 2_000, 4_000, 8_000, 8_000]);
    },
  },
  {
    row: 37,
    name: 'verification refused for ever: FAILED with ZenML\'s words after the time for young roles; a lasting fault at once',
    run: async (h) => {
      h.zenml.verification = () => verifiedReply([], `AccessDenied for key ${'AK' + 'IA'}${'Q'.repeat(16)}`);
      const started = h.clock.now();
      const answer = await h.send('Create', 'ServiceConnector', { ...CONNECTOR, PropagationSeconds: '30' });
      expect(answer.Reason).toMatch(/service connector "main-[0-9a-f]{6}" was refused when ZenML tried it: AccessDenied for key \[redacted\]/);
      expect(h.clock.now() - started).toBeLessThanOrEqual(30_000);
      h.clock.slept = [];
      h.zenml.verification = () => verifiedReply(['999999999999.dkr.ecr.eu-west-1.amazonaws.com']);
      expect((await h.send('Create', 'ServiceConnector', CONNECTOR)).Reason).toMatch(/reach 999999999999\.dkr\.ecr.*, not 111122223333/);
      h.zenml.script(VERIFY, error(501, 'NotImplementedError', 'x'));
      expect((await h.send('Create', 'ServiceConnector', CONNECTOR)).Reason).toMatch(/lacks its AWS packages: pip install 'zenml\[connectors-aws\]'/);
      expect(h.clock.slept).toEqual([]);
      expect(connectors(h)).toEqual([]);
    },
  },
  {
    row: 38,
    name: 'the invocation ends: FAILED before it does, with the id that a Delete needs',
    run: async (h) => {
      h.zenml.script(VERIFY, 'hang', 1, () => h.clock.advance(50_000));
      const started = h.clock.now();
      const answer = await h.send('Create', 'ServiceConnector', CONNECTOR, { remainingMs: 120_000, requestId: 'r38' });
      expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: formatFailedId('r38') });
      expect(answer.Reason).toMatch(/gave no answer to POST \/service_connectors\/verify; no result within 50 s/);
      expect(h.clock.now() - started).toBeLessThan(110_000);
      h.fresh();
      h.zenml.script(POST_CONNECTOR, 'hang', 1, () => h.clock.advance(50_000));
      // The POST may have been carried out: an id that makes the Delete look for a while.
      expect((await h.send('Create', 'ServiceConnector', CONNECTOR, { remainingMs: 120_000, requestId: 'r38b' })).PhysicalResourceId).toBe('zenml:create-unsure:r38b');
    },
  },
  {
    row: 39,
    name: 'an answer of more than 4096 bytes: never sent',
    run: async (h) => {
      h.zenml.verification = () => verifiedReply([], `\u{1F4A5}"\\${'é'.repeat(9_000)}`);
      const answer = await h.send('Create', 'ServiceConnector', CONNECTOR);
      expect(answer.Status).toBe('FAILED');
      expect(Buffer.byteLength(h.answerBodies.at(-1)!)).toBeLessThanOrEqual(4096);
      expect(answer.Reason).not.toContain('\n');
    },
  },
  {
    row: 40,
    name: 'the answer cannot be delivered: tried again where that helps, and never a throw',
    run: async (h) => {
      h.answerStatuses.push(500, 0, 429);
      await create(h);
      expect(h.answerRequests).toHaveLength(4);
      expect(h.logs.at(-1)).toContain('"delivered":true');
      expect(h.answerRequests[0]!.headers['content-type']).toBe('');
      h.answerStatuses.push(403);
      await h.deliver(h.event('Delete', 'ServiceConnector', CONNECTOR, { physicalId: h.answers[0]!.PhysicalResourceId }));
      expect(h.answerRequests).toHaveLength(5);
      expect(h.logs.at(-1)).toContain('"delivered":false');
      h.answerStatuses.push(...Array<number>(9).fill(503));
      await h.deliver(h.event('Delete', 'ServiceConnector', CONNECTOR, { physicalId: h.answers[0]!.PhysicalResourceId }));
      expect(h.answerRequests).toHaveLength(11);
    },
  },
  {
    row: 41,
    name: 'a certificate of a private authority: refused, at once, unless that authority is given',
    run: async (h) => {
      const tls = selfSigned();
      const secure = await new ScriptedServer(tls).start();
      try {
        h.bind(`https://127.0.0.1:${secure.port}`);
        const refused = await h.send('Create', 'ServiceConnector', CONNECTOR);
        expect(refused.Reason).toMatch(/could not be trusted.*SELF_SIGNED_CERT/);
        expect(h.clock.slept).toEqual([]);
        for (const ca of [{ parameterName: '/ca' }, { secretId: 'arn:aws:secretsmanager:eu-west-1:1:secret:ca', secretField: 'pem' }]) {
          h.parameters.set('/ca', tls.cert);
          h.secrets.set('arn:aws:secretsmanager:eu-west-1:1:secret:ca', JSON.stringify({ pem: tls.cert }));
          h.bind(h.url, { ca });
          expect((await h.send('Create', 'ServiceConnector', CONNECTOR, { logicalId: `L${Object.keys(ca).length}${Object.keys(ca)[0]}` })).Status).toBe('SUCCESS');
        }
      } finally {
        await secure.stop();
      }
    },
  },
  {
    row: 42,
    name: 'a server in a private network: nothing but it and CloudFormation\'s endpoint is called',
    run: async (h) => {
      const hosts: string[] = [];
      const { transport } = h.ports;
      (h.ports as { transport: typeof transport }).transport = async (request) => {
        hosts.push(new URL(request.url).origin);
        return transport(request);
      };
      await create(h);
      expect(new Set(hosts)).toEqual(new Set([h.url]));
      expect(h.answerRequests).toHaveLength(1);
    },
  },
  {
    row: 43,
    name: 'many at once, and two stacks with one name: each its own, the second is refused',
    run: async (h) => {
      await Promise.all(Array.from({ length: 20 }, async (_, index) => h.deliver(h.event('Create', 'ServiceConnector', CONNECTOR, { logicalId: `L${index}` }))));
      expect(h.answers.every(({ Status }) => Status === 'SUCCESS')).toBe(true);
      expect(connectors(h)).toHaveLength(20);
      h.answers.length = 0;
      await Promise.all(['A', 'B'].map(async (stack) => h.deliver(
        h.event('Create', 'ServiceConnector', { ...CONNECTOR, Name: 'one' }, { stackId: `${STACK_ID}${stack}` }),
      )));
      expect(h.answers.map(({ Status }) => Status).sort()).toEqual(['FAILED', 'SUCCESS']);
      expect(h.zenml.named('service_connectors', 'one')).toHaveLength(1);
    },
  },
  {
    row: 44,
    name: 'deletes out of order: refused one by one with nothing touched; in order all succeed',
    run: async (h) => {
      const connector = await create(h);
      const component = await h.send('Create', 'StackComponent', { ...COMPONENT, Connector: { Id: connector.Data!.Id }, ConnectorResourceId: REGISTRY });
      const stack = await h.send('Create', 'Stack', { Components: [...STACK.Components, { ComponentType: 'container_registry', Id: component.Data!.Id }] });
      const order = [['ServiceConnector', connector], ['StackComponent', component], ['Stack', stack]] as const;
      const statuses: string[] = [];
      for (const [type, made] of [...order, order[1], order[0]]) {
        statuses.push((await h.send('Delete', type, {}, { physicalId: made.PhysicalResourceId })).Status);
      }
      expect(statuses).toEqual(['FAILED', 'FAILED', 'SUCCESS', 'SUCCESS', 'SUCCESS']);
      expect([...connectors(h), ...h.zenml.all('components'), ...h.zenml.all('stacks')]).toEqual([]);
    },
  },
];

describe('failure modes', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  test('the table has every row once', () => {
    expect(MODES.map(({ row }) => row)).toEqual(Array.from({ length: 44 }, (_, index) => index + 1));
  });

  test.each(MODES)('$row: $name', async ({ run }) => run(h));
});
