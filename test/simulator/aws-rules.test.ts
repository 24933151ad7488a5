import { Delivery } from './lambda';
import { Toy, ToyEvent, toyHandler, toyTemplate } from './toy-handlers';
import { World } from './world';

/** Where AWS is strict, or slow to begin, the doubles are too. */

const world = (toy: Toy = () => ({})) => new World(7, toyHandler(toy));
const deploy = (w: World, resources: Parameters<typeof toyTemplate>[0], options: object = {}) =>
  w.run(w.cloudformation.deploy('S', toyTemplate(resources), options));
const destroy = (w: World) => w.run(w.cloudformation.destroy('S'));
const sent = (w: World) =>
  w.cloudformation.custom.exchanges.map(({ request }) => `${request.type} ${request.logicalId}`);
const CONFIG = (seconds: number) => ({
  Config: {
    Type: 'AWS::Lambda::EventInvokeConfig',
    FunctionName: { Ref: 'Fn' },
    MaximumRetryAttempts: 0,
    MaximumEventAgeInSeconds: seconds,
  },
});

describe('unique names in AWS', () => {
  test('a repository whose name exists is refused, unless the stack has it already', async () => {
    const w = world();
    const repository = { Repo: { Type: 'AWS::ECR::Repository', RepositoryName: 'zenml', DeletionPolicy: 'Retain' } };
    expect(await deploy(w, repository)).toBe('CREATE_COMPLETE');
    expect(await deploy(w, { ...repository, A: {} })).toBe('UPDATE_COMPLETE');
    await destroy(w);
    expect(await deploy(w, repository)).toBe('ROLLBACK_COMPLETE');
    expect(w.cloudformation.events.find(({ status }) => status === 'CREATE_FAILED')!.reason).toContain(
      "repository with name 'zenml' already exists",
    );
  });

  test('RetainExceptOnCreate keeps a repository in a destroy, not in the rollback of its creation', async () => {
    const w = world();
    const repository = {
      Repo: { Type: 'AWS::ECR::Repository', RepositoryName: 'zenml', DeletionPolicy: 'RetainExceptOnCreate' },
    };
    expect(await deploy(w, { ...repository, Bad: { Type: 'AWS::X::Y', DependsOn: 'Repo' } }, { fail: ['Bad'] })).toBe(
      'ROLLBACK_COMPLETE',
    );
    expect(w.account.repositories.size).toBe(0);
    expect(await deploy(w, repository)).toBe('CREATE_COMPLETE');
    await destroy(w);
    expect(w.account.repositories.size).toBe(1);
  });

  test.each(['AWS::IAM::User UserName', 'AWS::IAM::Role RoleName', 'AWS::SSM::Parameter Name'])(
    'the name of %s must be unique',
    async (text) => {
      const [Type, property] = text.split(' ') as [string, string];
      const w = world();
      expect(
        await deploy(w, { One: { Type, [property]: 'x', Value: 'v' }, Two: { Type, [property]: 'x', Value: 'v' } }),
      ).toBe('ROLLBACK_COMPLETE');
    },
  );
});

test('the ServiceToken of a custom resource cannot change: no event is sent, and the rollback sends none', async () => {
  const w = world();
  const other = { Fn2: { Type: 'AWS::Lambda::Function', Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, Timeout: 120 } };
  await deploy(w, { A: {} });
  expect(await deploy(w, { ...other, A: { ServiceToken: { 'Fn::GetAtt': ['Fn2', 'Arn'] } } })).toBe(
    'UPDATE_ROLLBACK_COMPLETE',
  );
  expect(sent(w)).toEqual(['Create A']);
  expect(w.cloudformation.events.find(({ status }) => status === 'UPDATE_FAILED')!.reason).toBe(
    'Modifying service token is not allowed.',
  );
  expect(await deploy(w, { A: { V: '2' } })).toBe('UPDATE_COMPLETE');
});

describe('DescribeStackEvents', () => {
  const events = (w: World) => {
    const { id } = w.cloudformation.stacks.get('S')!;
    const first = w.cloudformation.describeEvents(id, undefined);
    return first.events.map(({ logicalId, status, reason }) => `${logicalId} ${status}${reason && `: ${reason}`}`);
  };

  test('DescribeStackEvents returns the newest event first: the stack, its resources of both kinds, and reasons as AWS wraps them', async () => {
    const w = world((event) => (event.ResourceProperties.V === '2' ? { Status: 'FAILED', Reason: 'no' } : {}));
    await deploy(w, { A: { V: '1' } });
    expect(events(w).reverse()).toEqual([
      'S CREATE_IN_PROGRESS',
      'Role CREATE_IN_PROGRESS',
      'Role CREATE_IN_PROGRESS: Resource creation Initiated',
      'Role CREATE_COMPLETE',
      'Fn CREATE_IN_PROGRESS',
      'Fn CREATE_IN_PROGRESS: Resource creation Initiated',
      'Fn CREATE_COMPLETE',
      'A CREATE_IN_PROGRESS',
      'A CREATE_IN_PROGRESS: Resource creation Initiated',
      'A CREATE_COMPLETE',
      'S CREATE_COMPLETE',
    ]);
    const before = w.cloudformation.events.length;
    await deploy(w, { A: { V: '2' } });
    const { RequestId } = w.cloudformation.custom.exchanges[1]!.event;
    expect(events(w).slice(0, -before).reverse()).toEqual([
      'S UPDATE_IN_PROGRESS',
      'A UPDATE_IN_PROGRESS',
      `A UPDATE_FAILED: Received response status [FAILED] from custom resource. Message returned: no (RequestId: ${String(RequestId)})`,
      'S UPDATE_ROLLBACK_IN_PROGRESS: The following resource(s) failed to update: [A].',
      'A UPDATE_IN_PROGRESS',
      'A UPDATE_COMPLETE',
      'S UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'S UPDATE_ROLLBACK_COMPLETE',
    ]);
  });

  test('DescribeStackEvents returns a hundred events a page, also of a deleted stack', async () => {
    const w = world();
    await deploy(w, Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`A${index}`, {}])));
    const { id } = w.cloudformation.stacks.get('S')!;
    await destroy(w);
    const first = w.cloudformation.describeEvents(id, undefined);
    expect(first.events).toHaveLength(100);
    expect(first.events[0]).toMatchObject({ logicalId: 'S', status: 'DELETE_COMPLETE' });
    expect(w.cloudformation.describeEvents(id, first.nextPage).events.length).toBeGreaterThan(50);
  });
});

describe('Lambda', () => {
  const deliver = (w: World, choose: (event: ToyEvent) => Delivery) => {
    w.lambda.deliver = (event) => choose(event as ToyEvent);
  };

  test('events beyond the concurrency limit wait 1, 2, 4, ... seconds, until they are too old', async () => {
    const starts: number[] = [];
    const w = world(async (_, outside, wait) => {
      starts.push(Math.round(outside.clock.now() / 1000));
      await wait(20_000);
      return {};
    });
    w.lambda.concurrency = 1;
    expect(await deploy(w, { ...CONFIG(60), A: { DependsOn: 'Config' }, B: { DependsOn: 'Config' } })).toBe(
      'CREATE_COMPLETE',
    );
    expect(starts.map(start => start - starts[0]!)).toEqual([0, 31]);
    const strict = world(async (event, _, wait) => {
      if (event.RequestType === 'Create') { await wait(70_000); }
      return {};
    });
    strict.lambda.concurrency = 1;
    expect(await deploy(strict, { ...CONFIG(60), A: { DependsOn: 'Config' }, B: { DependsOn: 'Config' } })).toBe(
      'ROLLBACK_COMPLETE',
    );
    expect(strict.lambda.queue.dropped).toEqual([expect.objectContaining({ afterSeconds: 63 })]);
  });

  test('a function that was idle for weeks takes more than a minute to start, and then runs', async () => {
    const w = world();
    await deploy(w, { ...CONFIG(300), A: { DependsOn: 'Config', V: '1' } });
    w.lambda.fallAsleep();
    const start = w.clock.now();
    expect(await deploy(w, { ...CONFIG(300), A: { DependsOn: 'Config', V: '2' } })).toBe('UPDATE_COMPLETE');
    expect(w.clock.now() - start).toBeGreaterThan(60_000);
    expect(w.clock.now() - start).toBeLessThan(140_000);
  });

  test('a deleted function takes no more events from the queue', async () => {
    const w = world();
    await deploy(w, { A: {} });
    deliver(w, () => ({ duplicates: [30_000] }));
    await destroy(w);
    await w.clock.settle();
    expect(w.lambda.failures).toEqual([]);
  });
});

describe('resources that a connector needs', () => {
  const parts = {
    User: { Type: 'AWS::IAM::User', UserName: 'u' },
    Key: { Type: 'AWS::IAM::AccessKey', UserName: { Ref: 'User' } },
    Access: {
      Type: 'AWS::IAM::Role',
      RoleName: 'r',
      AssumeRolePolicyDocument: { Statement: { Principal: { AWS: { 'Fn::GetAtt': ['User', 'Arn'] } } } },
    },
    Policy: {
      Type: 'AWS::IAM::Policy',
      Roles: [{ Ref: 'Access' }],
      PolicyDocument: { Statement: { Action: 'ecr:*', Resource: '*' } },
    },
  };

  test.each([
    ['User', 'InvalidClientTokenId'],
    ['Key', 'InvalidClientTokenId'],
    ['Access', 'sts:AssumeRole'],
    ['Policy', 'not authorized to perform: ecr:DescribeRepositories'],
  ] as const)('a connector stops working without its %s', async (gone, why) => {
    const w = world();
    await deploy(w, parts);
    const key = w.cloudformation.stacks.get('S')!.resources.get('Key')!;
    const configuration = {
      region: 'eu-west-1',
      aws_access_key_id: key.ref,
      aws_secret_access_key: key.attributes.SecretAccessKey,
      role_arn: 'arn:aws:iam::111122223333:role/r',
    };
    expect(w.account.deadness(configuration, 'iam-role', 'zenml')).toBeUndefined();
    const { [gone]: _, ...rest } = parts;
    await deploy(
      w,
      JSON.parse(
        JSON.stringify(rest)
          .replaceAll('{"Ref":"User"}', '"u"')
          .replaceAll('{"Ref":"Access"}', '"r"')
          .replaceAll('{"Fn::GetAtt":["User","Arn"]}', '"arn:aws:iam::111122223333:user/u"'),
      ) as typeof rest,
    );
    expect(w.account.deadness(configuration, 'iam-role', 'zenml')).toContain(why);
  });

  test("a role that trusts somebody else permits no session, and IAM's delay does not count as a failure", async () => {
    const w = world();
    w.account.iamDelaySeconds = 60;
    w.account.putRole('r', [{ Principal: { AWS: ['arn:aws:iam::111122223333:role/zenml-server'] } }]);
    w.account.putPolicy('p', ['r'], [{ Action: 'ecr:*', Resource: '*' }]);
    const configuration = { region: 'eu-west-1', role_arn: 'arn:aws:iam::111122223333:role/r' };
    expect(w.account.deadness(configuration, 'implicit')).toBeUndefined();
    expect(() => w.account.verify(configuration, 'implicit')).toThrow('sts:AssumeRole');
    w.account.putRole('r', [{ Principal: { AWS: 'arn:aws:iam::111122223333:role/else' } }]);
    expect(w.account.deadness(configuration, 'implicit')).toContain('sts:AssumeRole');
  });
});
