import { live } from './support/live';
import { rightsOf } from './support/recorded/roles';
import { Scene } from './support/recorded/scene';
import { KINDS } from './support/recorded/stacks';

/*
 * ZenML's own orchestrator, step operator, image builder and artifact store run on the configuration and the connectors
 * of a synthesized stack, against a recorder instead of AWS. The policies of the same template must allow each recorded
 * call, and what AWS does because of it, and each right must be needed by one of them.
 */
/** Roles whose calls are real ones in other tests: `permissions-handler` and `permissions-access-role`. */
const PROVED_ELSEWHERE = /ZenMLRegistration|RegistryConnector/;

describe.each(KINDS)('the %s stack', (kind) => {
  let scene: Scene;
  beforeAll(async () => { scene = await Scene.record(kind, await live()); }, 900_000);

  const roles = () => scene.roles.names.filter((name) => !PROVED_ELSEWHERE.test(name));

  test('each request is allowed by the policies of its role and of its session', () => {
    expect(scene.asked.filter((one) => !scene.roles.allow(one)).map(Scene.shown)).toEqual([]);
  });

  test('what AWS refused in the recording is refused by the policies, and ZenML went on', () => {
    expect(scene.refused.filter((one) => scene.roles.allow(one)).map(Scene.shown)).toEqual([]);
    expect([...new Set(scene.refused.map(({ action }) => action))].sort()).toEqual([
      's3:ListAllMyBuckets', 'sagemaker:ListDomains',
    ]);
  });

  test('each right of each role is needed: without it, requests of its action fail, and no other', () => {
    const unneeded: string[] = [];
    const tooMuch: string[] = [];
    for (const role of roles()) {
      const requests = scene.of(role);
      for (const { right, without } of rightsOf(scene.roles.policiesOf(role))) {
        const denied = requests.filter((one) => !scene.roles.allow(one, without));
        const name = `${role.split('/').pop()}: ${right.sid} ${right.action} ${right.resource}`;
        if (denied.length === 0) { unneeded.push(name); }
        const others = denied.filter(({ action }) => action !== right.action);
        tooMuch.push(...others.map((one) => `${name}: ${Scene.shown(one)}`));
      }
    }
    expect([unneeded, tooMuch]).toEqual([[], []]);
  });

  test('the trust policy of each role lets the connector\'s user assume it as ZenML does, and nobody else', () => {
    const assumed = scene.recording.calls.filter(({ operation }) => operation === 'AssumeRole');
    expect(assumed.length).toBeGreaterThan(2);
    for (const { RoleArn: role, RoleSessionName: name } of assumed.map(({ parameters }) => parameters)) {
      const user = scene.roles.userOf(role);
      const trusts = (principal: string, session: string) => (
        scene.roles.trusts(role, principal, { 'sts:RoleSessionName': session })
      );
      expect(trusts(user, name)).toBe(true);
      expect([trusts(user, 'x'), trusts('scheduler.amazonaws.com', name)]).toEqual([false, false]);
    }
  });

  test('the definition of 40 steps goes through the runtime\'s bucket, and no other bucket is created or used', () => {
    const { calls, definitions } = scene.recording;
    expect(Object.values(definitions).map(({ Steps }) => Steps.length)).toEqual([40]);
    const bucket = scene.roles.surroundings.buckets;
    const used = calls.filter(({ service }) => service === 's3').map(({ parameters }) => parameters.Bucket ?? 'none');
    expect([...new Set(used)].sort()).toEqual([...bucket, 'none'].sort());
    expect(calls.map(({ operation }) => operation)).not.toContain('CreateBucket');
  });

  test('a pipeline that sets only tags runs on ZenML\'s instance type, not on that of the component', () => {
    const job = scene.recording.calls.find(({ operation }) => operation === 'CreateTrainingJob')!;
    expect(job.parameters.ResourceConfig.InstanceType).toBe('ml.m5.xlarge');
  });
});
