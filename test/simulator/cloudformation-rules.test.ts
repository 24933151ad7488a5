import { Delivery } from './lambda';
import { Toy, ToyEvent, toyHandler, toyTemplate } from './toy-handlers';
import { World } from './world';

/** Each rule of CloudFormation that the simulator keeps, shown by a toy handler. */

const world = (toy: Toy = () => ({})) => new World(7, toyHandler(toy));
const deploy = (w: World, resources: Parameters<typeof toyTemplate>[0], options: object = {}, outputs = {}) =>
  w.run(w.cloudformation.deploy('S', toyTemplate(resources, outputs), options));
const destroy = (w: World, options: object = {}) => w.run(w.cloudformation.destroy('S', options));
/** `Create A`, `Delete A id-A`, ... in the order of sending. */
const sent = (w: World) =>
  w.cloudformation.custom.exchanges.map(({ request }) =>
    [request.type, request.logicalId, request.physicalId?.replace(/-[0-9A-F]{12}$/, '-<made up>')]
      .filter(Boolean)
      .join(' '),
  );
const deliver = (w: World, choose: (event: ToyEvent) => Delivery) => {
  w.lambda.deliver = (event) => choose(event as ToyEvent);
};

describe('order of operations', () => {
  const chain = {
    C: { DependsOn: 'B' },
    B: { Text: { 'Fn::Sub': 'see ${A.Id}' } },
    A: { X: '1' },
    Free: { Joined: { 'Fn::Join': ['-', ['x', { Ref: 'AWS::Region' }]] } },
  };

  test('creates follow Ref, GetAtt, Sub and DependsOn, independent ones run at the same time, and deletes run in reverse', async () => {
    const w = world(async (_, __, wait) => {
      await wait(1000);
      return {};
    });
    expect(await deploy(w, chain)).toBe('CREATE_COMPLETE');
    const at = Object.fromEntries(w.cloudformation.custom.exchanges.map((e) => [e.request.logicalId, e.sentAt]));
    expect(at.A).toBe(at.Free);
    expect(at.B).toBeGreaterThan(at.A!);
    expect(at.C).toBeGreaterThan(at.B!);
    expect(await destroy(w)).toBe('DELETE_COMPLETE');
    expect(sent(w).filter((line) => line.startsWith('Delete') && !line.includes('Free'))).toEqual([
      'Delete C id-C',
      'Delete B id-B',
      'Delete A id-A',
    ]);
  });

  test('a circular dependency is refused', async () => {
    await expect(deploy(world(), { A: { DependsOn: 'B' }, B: { DependsOn: 'A' } })).rejects.toThrow('circular');
  });
});

describe('event', () => {
  test('an event has scalars as strings, keeps the shape of maps and lists, leaves NoValue out, and has references resolved', async () => {
    const w = world();
    await deploy(w, {
      A: { Flag: false, Count: 3, List: [1, { Deep: true }], None: { Ref: 'AWS::NoValue' } },
      B: { From: { 'Fn::GetAtt': ['A', 'Id'] }, Id: { Ref: 'A' } },
    });
    const [a, b] = w.cloudformation.custom.exchanges.map((e) => e.event.ResourceProperties as Record<string, unknown>);
    expect(a).toMatchObject({ Flag: 'false', Count: '3', List: ['1', { Deep: 'true' }], ServiceTimeout: '300' });
    expect(a).not.toHaveProperty('None');
    expect(b).toMatchObject({ From: 'x', Id: 'id-A' });
  });

  test('a Create has no physical id, an Update has the old properties too, and the URL contains the time of signing', async () => {
    const w = world();
    await deploy(w, { A: { V: '1' } });
    await deploy(w, { A: { V: '2' } });
    const [create, update] = w.cloudformation.custom.exchanges.map((e) => e.event);
    expect(create).not.toHaveProperty('PhysicalResourceId');
    expect(create).not.toHaveProperty('OldResourceProperties');
    expect(update).toMatchObject({
      PhysicalResourceId: 'id-A',
      ResourceProperties: { V: '2' },
      OldResourceProperties: { V: '1' },
    });
    expect(update!.ResponseURL).toMatch(
      /^https:\/\/cloudformation-custom-resource-response-euwest1\.s3\.eu-west-1\.amazonaws\.com\/.*[?&]X-Amz-Date=\d{8}T\d{6}Z&/,
    );
  });

  test('unchanged properties send no event, in a rollback neither', async () => {
    const w = world();
    const same = { A: { V: '1' } };
    await deploy(w, same);
    await deploy(w, same);
    expect(await deploy(w, { ...same, Bad: { Type: 'AWS::X::Y', V: 1 } }, { fail: ['Bad'] })).toBe(
      'UPDATE_ROLLBACK_COMPLETE',
    );
    expect(sent(w)).toEqual(['Create A']);
  });
});

describe('answer', () => {
  const failsWith = async (answer: Record<string, unknown>) => {
    const w = world(event => (event.RequestType === 'Create' ? answer : {}));
    expect(await deploy(w, { A: {} })).toBe('ROLLBACK_COMPLETE');
    return { reason: w.cloudformation.custom.exchanges[0]!.outcome!.reason, sent: sent(w) };
  };

  test('an answer of 4096 bytes is accepted, one of 4097 is not, and bytes count, not characters', async () => {
    const size = async (text: string) => {
      const w = world(event => (event.RequestType === 'Create' ? { Data: { Id: text } } : {}));
      await deploy(w, { A: {} });
      return {
        bytes: Buffer.byteLength(w.cloudformation.custom.exchanges[0]!.answers[0]!),
        status: w.cloudformation.stacks.get('S')!.status,
      };
    };
    const empty = (await size('')).bytes;
    expect(await size('a'.repeat(4096 - empty))).toEqual({ bytes: 4096, status: 'CREATE_COMPLETE' });
    expect(await size('a'.repeat(4097 - empty))).toEqual({ bytes: 4097, status: 'ROLLBACK_COMPLETE' });
    expect((await size('é'.repeat(Math.ceil((4097 - empty) / 2)))).status).toBe('ROLLBACK_COMPLETE');
  });

  test.each([
    ['too long', { Data: { Id: 'a'.repeat(4096) } }, 'Response object is too long.', 'Delete A S-A-<made up>'],
    ['an empty id', { PhysicalResourceId: '' }, 'Invalid PhysicalResourceId', 'Delete A S-A-<made up>'],
    [
      'an id over 1 KB',
      { PhysicalResourceId: 'é'.repeat(513) },
      'Invalid PhysicalResourceId',
      'Delete A S-A-<made up>',
    ],
    ['no id', { PhysicalResourceId: undefined }, 'Invalid PhysicalResourceId', 'Delete A S-A-<made up>'],
    [
      'another request',
      { RequestId: 'r' },
      'Invalid response object: Value of property RequestId',
      'Delete A S-A-<made up>',
    ],
    ['another stack', { StackId: 's' }, 'Invalid response object: Value of property StackId', 'Delete A S-A-<made up>'],
    [
      'another resource',
      { LogicalResourceId: 'l' },
      'Invalid response object: Value of property LogicalResourceId',
      'Delete A S-A-<made up>',
    ],
    [
      'a reason that is null',
      { Status: 'FAILED', Reason: null },
      'Invalid response object: Value of property Reason',
      'Delete A S-A-<made up>',
    ],
    ['FAILED without a reason', { Status: 'FAILED' }, 'Invalid response object: Reason is missing', 'Delete A id-A'],
    [
      'an unknown status',
      { Status: 'OK' },
      'Invalid response object: Value of property Status',
      'Delete A S-A-<made up>',
    ],
    ['FAILED with an id', { Status: 'FAILED', Reason: 'no', PhysicalResourceId: 'mine' }, 'no', 'Delete A mine'],
  ])(
    "a Create with this answer fails, and its Delete has the answer's id or a generated one: %s",
    async (_, answer, reason, remove) => {
      const result = await failsWith(answer);
      expect(result.reason).toContain(reason);
      expect(result.sent).toEqual(['Create A', remove]);
    },
  );

  test('a physical id of exactly 1 KB is accepted', async () => {
    const w = world(event => ({ PhysicalResourceId: event.PhysicalResourceId ?? 'a'.repeat(1024) }));
    expect(await deploy(w, { A: {} })).toBe('CREATE_COMPLETE');
  });

  test('a Delete must not change the physical id', async () => {
    const w = world(event => (event.RequestType === 'Delete' ? { PhysicalResourceId: 'other' } : {}));
    await deploy(w, { A: {} });
    expect(await destroy(w)).toBe('DELETE_FAILED');
  });

  test('the first answer counts, and later ones are ignored', async () => {
    const w = world(async (event, outside, wait) => {
      outside.putAnswer(
        event.ResponseURL,
        JSON.stringify({ ...event, Status: 'SUCCESS', PhysicalResourceId: 'first' }),
      );
      await wait(10);
      return { PhysicalResourceId: 'second' };
    });
    await deploy(w, { A: {} });
    await w.clock.settle();
    expect(w.cloudformation.stacks.get('S')!.resources.get('A')!.physicalId).toBe('first');
  });

  test('a missing attribute fails the stack after the resource has succeeded, and a Delete follows', async () => {
    const w = world();
    expect(await deploy(w, { A: {}, B: { From: { 'Fn::GetAtt': ['A', 'Nope'] } } })).toBe('ROLLBACK_COMPLETE');
    expect(sent(w)).toEqual(['Create A', 'Delete A id-A']);
    expect(w.cloudformation.events.find((e) => e.logicalId === 'B')!.reason).toBe(
      "CustomResource attribute error: Vendor response doesn't contain Nope key in object A",
    );
    const other = world();
    expect(await deploy(other, { A: {} }, {}, { Out: { Value: { 'Fn::GetAtt': ['A', 'Nope'] } } })).toBe(
      'ROLLBACK_COMPLETE',
    );
  });
});

describe('a Create that does not succeed', () => {
  test('a Create is cancelled when a sibling fails, and its Delete has a generated id and comes while the Create still runs', async () => {
    const running = { creates: 0, atDelete: -1 };
    const w = world(async (event, _, wait) => {
      if (event.LogicalResourceId === 'Bad') {
        return event.RequestType === 'Delete' ? {} : { Status: 'FAILED', Reason: 'bad' };
      }
      if (event.RequestType === 'Delete') {
        running.atDelete = running.creates;
        return {};
      }
      running.creates++;
      await wait(60_000);
      running.creates--;
      return {};
    });
    expect(await deploy(w, { Slow: {}, Bad: {}, Never: { DependsOn: 'Slow' } })).toBe('ROLLBACK_COMPLETE');
    expect(sent(w)).toEqual(['Create Slow', 'Create Bad', 'Delete Slow S-Slow-<made up>', 'Delete Bad id-Bad']);
    expect(running.atDelete).toBe(1);
    expect(w.cloudformation.events.find((e) => e.logicalId === 'Slow' && e.status === 'CREATE_FAILED')!.reason).toBe(
      'Resource creation cancelled',
    );
  });

  test('a Create is not cancelled without the option, may finish, and is deleted by its own id', async () => {
    const w = world(async (event, _, wait) => {
      if (event.LogicalResourceId === 'Bad') { return { Status: 'FAILED', Reason: 'bad' }; }
      await wait(1000);
      return {};
    });
    await deploy(w, { Slow: {}, Bad: {} }, { cancelSiblings: false });
    expect(sent(w)).toContain('Delete Slow id-Slow');
  });

  test('a Create that never answers gets a Delete with a generated id after ServiceTimeout', async () => {
    const w = world(event => (event.RequestType === 'Create' ? undefined : {}));
    const start = w.clock.now();
    expect(await deploy(w, { A: { ServiceTimeout: 200 } })).toBe('ROLLBACK_COMPLETE');
    expect(w.clock.now() - start).toBeGreaterThanOrEqual(200_000);
    expect(w.clock.now() - start).toBeLessThan(210_000);
    expect(sent(w)).toEqual(['Create A', 'Delete A S-A-<made up>']);
  });

  test('a Create whose Delete never answers either ends in ROLLBACK_FAILED after another timeout', async () => {
    const w = world(() => undefined);
    const start = w.clock.now();
    expect(await deploy(w, { A: {} })).toBe('ROLLBACK_FAILED');
    expect(w.clock.now() - start).toBeGreaterThanOrEqual(600_000);
  });
});

describe('updates', () => {
  /** A new id whenever V changes. */
  const replacing: Toy = (event) =>
    event.RequestType === 'Delete' ? {} : { PhysicalResourceId: `id-${event.ResourceProperties.V}` };

  test('an Update with the same id deletes nothing', async () => {
    const w = world();
    await deploy(w, { A: { V: '1' } });
    expect(await deploy(w, { A: { V: '2' } })).toBe('UPDATE_COMPLETE');
    expect(sent(w)).toEqual(['Create A', 'Update A id-A']);
  });

  test('an Update with another id deletes the old one with the old properties, after the whole stack has succeeded', async () => {
    const w = world(replacing);
    await deploy(w, { A: { V: '1' }, Z: { From: { Ref: 'A' }, V: '5' } });
    await deploy(w, { A: { V: '2' }, Z: { From: { Ref: 'A' }, V: '5' } });
    expect(sent(w)).toEqual(['Create A', 'Create Z', 'Update A id-1', 'Update Z id-5', 'Delete A id-1']);
    expect(w.cloudformation.custom.exchanges[4]!.event.ResourceProperties).toMatchObject({ V: '1' });
  });

  test('a later failure sends an Update from new to old with the new id, then a Delete of the new id with the new properties', async () => {
    const w = world(replacing);
    await deploy(w, { A: { V: '1' } });
    expect(await deploy(w, { A: { V: '2' }, Bad: { Type: 'AWS::X::Y', DependsOn: 'A' } }, { fail: ['Bad'] })).toBe(
      'UPDATE_ROLLBACK_COMPLETE',
    );
    expect(sent(w)).toEqual(['Create A', 'Update A id-1', 'Update A id-2', 'Delete A id-2']);
    const [, , back, remove] = w.cloudformation.custom.exchanges.map((e) => e.event);
    expect(back).toMatchObject({ ResourceProperties: { V: '1' }, OldResourceProperties: { V: '2' } });
    expect(remove!.ResourceProperties).toMatchObject({ V: '2' });
    expect(w.cloudformation.stacks.get('S')!.resources.get('A')!.physicalId).toBe('id-1');
  });

  test('a failed Update makes the id of its answer the current one, and the rollback swaps the properties', async () => {
    const w = world((event) =>
      event.ResourceProperties.V === '2'
        ? { Status: 'FAILED', Reason: 'no', PhysicalResourceId: 'log-stream' }
        : { PhysicalResourceId: event.PhysicalResourceId ?? 'id-A' },
    );
    await deploy(w, { A: { V: '1' } });
    expect(await deploy(w, { A: { V: '2' } })).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(sent(w)).toEqual(['Create A', 'Update A id-A', 'Update A log-stream']);
    expect(w.cloudformation.stacks.get('S')!.resources.get('A')!.physicalId).toBe('log-stream');
  });

  test('a cancelled Update is rolled back with the old id', async () => {
    const w = world(async (event, _, wait) => {
      if (event.ResourceProperties.V === '2') { await wait(60_000); }
      return event.LogicalResourceId === 'Bad' && event.RequestType !== 'Delete'
        ? { Status: 'FAILED', Reason: 'bad' }
        : {};
    });
    await deploy(w, { A: { V: '1' } });
    expect(await deploy(w, { A: { V: '2' }, Bad: {} })).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(sent(w)).toEqual(['Create A', 'Update A id-A', 'Create Bad', 'Update A id-A', 'Delete Bad id-Bad']);
  });

  test('a failed rollback locks the stack, and continuing it tries what is left', async () => {
    let broken = true;
    const w = world((event) =>
      event.RequestType === 'Update' && (event.ResourceProperties.V === '2' || broken)
        ? { Status: 'FAILED', Reason: 'no' }
        : {},
    );
    await deploy(w, { A: { V: '1' } });
    expect(await deploy(w, { A: { V: '2' } })).toBe('UPDATE_ROLLBACK_FAILED');
    await expect(deploy(w, { A: { V: '1' } })).rejects.toThrow('UPDATE_ROLLBACK_FAILED');
    broken = false;
    expect(await w.run(w.cloudformation.continueRollback('S'))).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('a Delete that fails in the cleanup is abandoned, and the stack counts as updated', async () => {
    const w = world(event => (event.RequestType === 'Delete' ? { Status: 'FAILED', Reason: 'no' } : {}));
    await deploy(w, { A: {}, B: {} });
    expect(await deploy(w, { A: {} })).toBe('UPDATE_COMPLETE');
    expect(w.cloudformation.abandoned.map(item => item.physicalId)).toEqual(['id-B']);
  });

  test('the type of a resource cannot change', async () => {
    const w = world();
    await deploy(w, { A: {} });
    expect(await deploy(w, { A: { Type: 'Custom::Other', V: '2' } })).toBe('UPDATE_ROLLBACK_COMPLETE');
  });
});

describe('deletes', () => {
  test('a failed Delete gives DELETE_FAILED, its dependencies are deleted all the same, and the next try is without it', async () => {
    let broken = true;
    const w = world((event) =>
      event.RequestType === 'Delete' && broken ? { Status: 'FAILED', Reason: 'in use' } : {},
    );
    await deploy(w, {
      Secret: { Type: 'AWS::SecretsManager::Secret', SecretString: 's' },
      Parameter: { Type: 'AWS::SSM::Parameter', Name: '/p', Value: 'v' },
      A: { DependsOn: ['Secret', 'Parameter'] },
    });
    expect(w.account.secrets.size + w.account.parameters.size + w.account.functions.size).toBe(3);
    expect(await destroy(w)).toBe('DELETE_FAILED');
    expect(w.account.secrets.size + w.account.parameters.size + w.account.functions.size).toBe(0);
    broken = false;
    expect(await destroy(w)).toBe('DELETE_FAILED');
    expect(w.cloudformation.custom.exchanges.at(-1)!.outcome!.reason).toMatch(/^ServiceToken .* not found$/);
    expect(await destroy(w, { retain: ['A'] })).toBe('DELETE_COMPLETE');
  });

  test('Retain sends no event, also for a created resource of a failed stack, but not with RetainExceptOnCreate', async () => {
    const w = world();
    await deploy(w, { A: { DeletionPolicy: 'Retain' }, B: { DeletionPolicy: 'RetainExceptOnCreate' } });
    expect(await destroy(w)).toBe('DELETE_COMPLETE');
    expect(sent(w)).toEqual(['Create A', 'Create B']);
    await deploy(
      w,
      {
        A: { DeletionPolicy: 'Retain' },
        B: { DeletionPolicy: 'RetainExceptOnCreate' },
        Bad: { Type: 'AWS::X::Y', DependsOn: ['A', 'B'] },
      },
      { fail: ['Bad'] },
    );
    expect(sent(w).slice(4)).toEqual(['Delete B id-B']);
  });

  test('UpdateReplacePolicy Retain sends no Delete for the replaced id', async () => {
    const w = world((event) => ({
      PhysicalResourceId:
        event.RequestType === 'Delete' ? event.PhysicalResourceId : `id-${event.ResourceProperties.V}`,
    }));
    await deploy(w, { A: { V: '1', UpdateReplacePolicy: 'Retain' } });
    await deploy(w, { A: { V: '2', UpdateReplacePolicy: 'Retain' } });
    expect(sent(w)).toEqual(['Create A', 'Update A id-1']);
  });
});

describe('delivery', () => {
  test('an invocation that crashes or throws is repeated after 1 and 2 minutes with the same request and URL, or not, as the function is configured', async () => {
    const run = async (extra: Record<string, Record<string, unknown>>) => {
      const times: number[] = [];
      const w = world((event, outside) => {
        if (event.RequestType === 'Delete') {
          return {};
        }
        times.push(Math.round((outside.clock.now() - start) / 60_000));
        throw new Error('boom');
      });
      const start = w.clock.now();
      await deploy(w, { ...extra, A: { ServiceTimeout: 600, ...(extra.Config && { DependsOn: 'Config' }) } });
      return times;
    };
    expect(await run({})).toEqual([0, 1, 3]);
    expect(
      await run({
        Config: { Type: 'AWS::Lambda::EventInvokeConfig', FunctionName: { Ref: 'Fn' }, MaximumRetryAttempts: 0 },
      }),
    ).toEqual([0]);
  });

  test('duplicates have the same RequestId and ResponseURL, and an event that is too old is dropped', async () => {
    const seen: string[] = [];
    const w = world(event => { seen.push(`${event.RequestType} ${event.RequestId} ${event.ResponseURL}`); return {}; });
    deliver(w, event => ({ duplicates: event.RequestType === 'Create' ? [5_000, 90_000] : [] }));
    await deploy(w, {
      Config: { Type: 'AWS::Lambda::EventInvokeConfig', FunctionName: { Ref: 'Fn' }, MaximumEventAgeInSeconds: 60 },
      A: { DependsOn: 'Config' },
    });
    await w.clock.settle();
    expect(seen).toHaveLength(2);
    expect(new Set(seen).size).toBe(1);
  });

  test('a process that crashes before the answer leaves what it did, and one that crashes after it has answered', async () => {
    for (const [afterwards, status] of [
      [false, 'ROLLBACK_COMPLETE'],
      [true, 'CREATE_COMPLETE'],
    ] as const) {
      const w = world();
      deliver(w, (event) => (event.RequestType === 'Create' ? { crash: { atCall: 0, afterwards } } : {}));
      expect(
        await deploy(w, {
          Config: { Type: 'AWS::Lambda::EventInvokeConfig', FunctionName: { Ref: 'Fn' }, MaximumRetryAttempts: 0 },
          A: { DependsOn: 'Config' },
        }),
      ).toBe(status);
      expect(w.lambda.failures).toEqual(['crash']);
    }
  });

  test('the timeout of the function ends a process, which knows its remaining time', async () => {
    const remaining: number[] = [];
    const w = new World(1, (_, environment) => async (raw, context) => {
      remaining.push(context.getRemainingTimeInMillis());
      await environment.reach(() => new Promise(() => undefined));
      return raw;
    });
    await deploy(w, { A: {} });
    expect(remaining[0]).toBe(120_000);
    expect(w.lambda.failures).toContain('timeout');
  });

  test('processes are reused and serve one event at a time', async () => {
    let processes = 0;
    const w = new World(1, (outside, environment) => {
      processes++;
      return toyHandler(async (_, __, wait) => { await wait(100); return {}; })(outside, environment);
    });
    await deploy(w, { A: {}, B: {} });
    expect(processes).toBe(2);
    await destroy(w);
    expect(processes).toBe(2);
  });
});

describe('IAM', () => {
  test('roles, keys and policies are visible after the delay only, also to ZenML\'s verification', async () => {
    const w = world();
    w.account.iamDelaySeconds = 30;
    await deploy(w, {
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
        PolicyDocument: { Statement: { Effect: 'Allow', Action: 'ecr:Describe*', Resource: '*' } },
      },
    });
    const key = w.cloudformation.stacks.get('S')!.resources.get('Key')!;
    const verify = () =>
      w.account.verify(
        {
          region: 'eu-west-1',
          aws_access_key_id: key.ref,
          aws_secret_access_key: key.attributes.SecretAccessKey,
          role_arn: 'arn:aws:iam::111122223333:role/r',
        },
        'iam-role',
      );
    expect(verify).toThrow('InvalidClientTokenId');
    await w.run(w.clock.sleep(31_000));
    expect(verify()).toBe(w.account.registryHost);
    await destroy(w);
    expect(verify).toThrow('InvalidClientTokenId');
  });

  test('a deleted policy no longer allows anything, also for processes that still run', async () => {
    const w = world();
    w.account.putPolicy('p', ['role'], [{ Action: ['ssm:GetParameter'], Resource: ['arn:aws:ssm:*:*:parameter/x/*'] }]);
    expect(w.account.allows('role', 'ssm:GetParameter', 'arn:aws:ssm:eu-west-1:1:parameter/x/y')).toBe(true);
    expect(w.account.allows('role', 'ssm:GetParameter', 'arn:aws:ssm:eu-west-1:1:parameter/y')).toBe(false);
    w.account.deletePolicy('p');
    expect(w.account.allows('role', 'ssm:GetParameter', 'arn:aws:ssm:eu-west-1:1:parameter/x/y')).toBe(false);
  });

  test('a changed name replaces an AWS resource, the cleanup deletes the old one, and a rollback finds it unchanged', async () => {
    const w = world();
    const parameter = (name: string) => ({
      P: { Type: 'AWS::SSM::Parameter', Name: name, Value: name },
      Key: { Type: 'AWS::IAM::AccessKey', UserName: 'u', Serial: name.length },
    });
    await deploy(w, parameter('/a'));
    const secret = w.cloudformation.stacks.get('S')!.resources.get('Key')!.attributes.SecretAccessKey;
    await deploy(w, { ...parameter('/bb'), Bad: { Type: 'AWS::X::Y', DependsOn: ['P', 'Key'] } }, { fail: ['Bad'] });
    expect([...w.account.parameters]).toEqual([['/a', '/a']]);
    expect(w.cloudformation.stacks.get('S')!.resources.get('Key')!.attributes.SecretAccessKey).toBe(secret);
    await deploy(w, parameter('/bb'));
    expect([...w.account.parameters]).toEqual([['/bb', '/bb']]);
  });
});
