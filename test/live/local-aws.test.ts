import { createServer, Server } from 'node:http';
import { IAMClient, ListAccessKeysCommand } from '@aws-sdk/client-iam';
import { GetResourcePolicyCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { attempt } from './support/attempt';
import { Identities } from './support/identities';
import { live, Live } from './support/live';
import { StackDriver } from '../../local/clients/stack-driver';
import { Credentials } from '../../local/services/aws';
import { mustCall } from '../../local/services/signed-call';

/*
 * The local AWS itself: what local/ministack adds to ministack must be there and behave as AWS documents it, or the
 * other live tests would prove nothing.
 */
let cloud: Live;
beforeAll(async () => { cloud = await live(); });

const TRUST = (service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
});

describe('resource types that ministack lacks', () => {
  test('an access key of the local AWS works, can be deactivated, and is rotated new before old', async () => {
    const stack = new StackDriver(cloud.aws, 'local-aws-keys');
    const template = (key: object) => ({
      Resources: {
        User: {
          Type: 'AWS::IAM::User',
          Properties: {
            UserName: 'local-aws-key-user',
            Policies: [
              {
                PolicyName: 'p',
                PolicyDocument: {
                  Version: '2012-10-17',
                  Statement: [{ Effect: 'Allow', Action: 'sts:GetCallerIdentity', Resource: '*' }],
                },
              },
            ],
          },
        },
        Key: { Type: 'AWS::IAM::AccessKey', Properties: { UserName: { Ref: 'User' }, ...key } },
        Secret: {
          Type: 'AWS::SecretsManager::Secret',
          Properties: { SecretString: { 'Fn::GetAtt': ['Key', 'SecretAccessKey'] } },
        },
      },
      Outputs: { Id: { Value: { Ref: 'Key' } }, SecretRef: { Value: { Ref: 'Secret' } } },
    });
    const keys = async () =>
      (
        await new IAMClient(cloud.aws.clientOptions()).send(
          new ListAccessKeysCommand({ UserName: 'local-aws-key-user' }),
        )
      ).AccessKeyMetadata!.map((key) => `${key.AccessKeyId} ${key.Status}`);

    const created = await stack.put(template({}));
    expect(created).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
    expect(await keys()).toEqual([`${created.outputs.Id} Active`]);
    const secret = await new SecretsManagerClient(cloud.aws.clientOptions()).send(
      new GetSecretValueCommand({ SecretId: created.outputs.SecretRef }),
    );
    expect(created.outputs.SecretRef).toBe(secret.ARN);

    const off = await stack.put(template({ Status: 'Inactive' }));
    expect(off.outputs.Id).toBe(created.outputs.Id);
    expect(await keys()).toEqual([`${created.outputs.Id} Inactive`]);

    const rotated = await stack.put(template({ Serial: 1 }));
    expect(rotated).toMatchObject({ status: 'UPDATE_COMPLETE', failures: [] });
    expect(rotated.outputs.Id).not.toBe(created.outputs.Id);
    expect(await keys()).toEqual([`${rotated.outputs.Id} Active`]);

    expect((await stack.destroy()).status).toBe('DELETE_COMPLETE');
  });

  test('the local AWS deploys and deletes ECR registry settings, a secret policy and a parameter', async () => {
    const stack = new StackDriver(cloud.aws, 'local-aws-types');
    const document = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Principal: '*', Action: 'secretsmanager:PutSecretValue', Resource: '*' }],
    };
    const result = await stack.put({
      Resources: {
        Rule: {
          Type: 'AWS::ECR::PullThroughCacheRule',
          Properties: { EcrRepositoryPrefix: 'quay', UpstreamRegistryUrl: 'quay.io' },
        },
        Template: {
          Type: 'AWS::ECR::RepositoryCreationTemplate',
          Properties: { Prefix: 'team', AppliedFor: ['CREATE_ON_PUSH'] },
        },
        Scanning: { Type: 'AWS::ECR::RegistryScanningConfiguration', Properties: { ScanType: 'BASIC', Rules: [] } },
        Replication: {
          Type: 'AWS::ECR::ReplicationConfiguration',
          Properties: { ReplicationConfiguration: { Rules: [] } },
        },
        Policy: { Type: 'AWS::ECR::RegistryPolicy', Properties: { PolicyText: document } },
        Signing: { Type: 'AWS::ECR::SigningConfiguration', Properties: { Rules: [] } },
        Exclusion: {
          Type: 'AWS::ECR::PullTimeUpdateExclusion',
          Properties: { PrincipalArn: 'arn:aws:iam::111122223333:role/scanner' },
        },
        Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { SecretString: 'text' } },
        SecretPolicy: {
          Type: 'AWS::SecretsManager::ResourcePolicy',
          Properties: { SecretId: { Ref: 'Secret' }, ResourcePolicy: document },
        },
        Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Name: '/local-aws/p', Value: 'v' } },
      },
      Outputs: { Secret: { Value: { Ref: 'Secret' } }, Parameter: { Value: { Ref: 'Parameter' } } },
    });
    expect(result).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
    expect(result.outputs.Parameter).toBe('/local-aws/p');
    const policy = await new SecretsManagerClient(cloud.aws.clientOptions()).send(
      new GetResourcePolicyCommand({ SecretId: result.outputs.Secret }),
    );
    expect(JSON.parse(policy.ResourcePolicy!)).toEqual(document);
    expect((await stack.destroy()).status).toBe('DELETE_COMPLETE');
  });
});

describe('permissions', () => {
  test('the local AWS permits a parameter only to whom a policy names, and a role only under the session name that its trust requires', async () => {
    const stack = new StackDriver(cloud.aws, 'local-aws-permissions');
    const { outputs, status } = await stack.put({
      Resources: {
        Mine: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Name: '/local-aws/mine', Value: 'v' } },
        Other: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Name: '/local-aws/other', Value: 'v' } },
        User: { Type: 'AWS::IAM::User', Properties: { UserName: 'local-aws-user' } },
        Key: { Type: 'AWS::IAM::AccessKey', Properties: { UserName: { Ref: 'User' } } },
        Role: {
          Type: 'AWS::IAM::Role',
          Properties: {
            AssumeRolePolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Allow',
                  Action: 'sts:AssumeRole',
                  Principal: { AWS: { 'Fn::GetAtt': ['User', 'Arn'] } },
                  Condition: { StringLike: { 'sts:RoleSessionName': 'zenml-connector*' } },
                },
              ],
            },
            Policies: [
              {
                PolicyName: 'p',
                PolicyDocument: {
                  Version: '2012-10-17',
                  Statement: [
                    {
                      Effect: 'Allow',
                      Action: 'ssm:GetParameter',
                      Resource: { 'Fn::Sub': 'arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter${Mine}' },
                    },
                  ],
                },
              },
            ],
          },
        },
        Assume: {
          Type: 'AWS::IAM::Policy',
          Properties: {
            PolicyName: 'assume',
            Users: [{ Ref: 'User' }],
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: { 'Fn::GetAtt': ['Role', 'Arn'] } }],
            },
          },
        },
        Secret: {
          Type: 'AWS::SecretsManager::Secret',
          Properties: { SecretString: { 'Fn::GetAtt': ['Key', 'SecretAccessKey'] } },
        },
      },
      Outputs: {
        Role: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } },
        Key: { Value: { Ref: 'Key' } },
        Secret: { Value: { Ref: 'Secret' } },
      },
    });
    expect(status).toBe('CREATE_COMPLETE');
    const secrets = new SecretsManagerClient(cloud.aws.clientOptions());
    const secretAccessKey = (await secrets.send(new GetSecretValueCommand({ SecretId: outputs.Secret }))).SecretString!;
    const sts = new STSClient(cloud.aws.clientOptions({ accessKeyId: outputs.Key!, secretAccessKey }));
    const assume = async (session: string) =>
      sts.send(new AssumeRoleCommand({ RoleArn: outputs.Role, RoleSessionName: session }));
    await expect(assume('somebody')).rejects.toThrow(/not authorized/);
    const { Credentials: role } = await assume('zenml-connector-1');
    const ssm = new SSMClient(
      cloud.aws.clientOptions({
        accessKeyId: role!.AccessKeyId!,
        secretAccessKey: role!.SecretAccessKey!,
        sessionToken: role!.SessionToken!,
      }),
    );
    expect((await ssm.send(new GetParameterCommand({ Name: '/local-aws/mine' }))).Parameter?.Value).toBe('v');
    await expect(ssm.send(new GetParameterCommand({ Name: '/local-aws/other' }))).rejects.toThrow(/not authorized/);
    expect((await stack.destroy()).status).toBe('DELETE_COMPLETE');
  });
});

describe('permissions for logs', () => {
  const group = '/local-aws/logs';
  const user = 'local-aws-logs-user';
  const call = async (credentials: Credentials, operation: string, parameters: object = {}) => (
    mustCall(cloud.aws, credentials, {
      service: 'logs',
      target: `Logs_20140328.${operation}`,
      body: JSON.stringify({ logGroupName: group, ...parameters }),
    })
  );
  const root = { accessKeyId: 'test', secretAccessKey: 'test' };

  test.each([
    ['whatever is in the group', ':*', 'allowed'], ['one stream', ':log-stream:a', 'denied'], ['the group', '', 'denied'],
  ])('with a right on the ARN of %s (%s), listing the streams of a log group is %s', async (_, suffix, outcome) => {
    const identities = new Identities(cloud.aws);
    await call(root, 'CreateLogGroup');
    try {
      const { account, region } = cloud.aws;
      const { credentials } = await identities.makeUser(user, {
        Action: ['logs:DescribeLogStreams'], Resource: `arn:aws:logs:${region}:${account}:log-group:${group}${suffix}`,
      });
      expect(await attempt(async () => call(credentials, 'DescribeLogStreams'))).toBe(outcome);
    } finally {
      await identities.deleteUser(user);
      await call(root, 'DeleteLogGroup');
    }
  });
});

describe('custom resources', () => {
  // Answers as its properties say and tells the test what it was asked.
  const CODE = `exports.handler = async (event) => {
    await fetch(event.ResourceProperties.Observer, { method: 'POST', body: JSON.stringify(event) });
    const wanted = event.RequestType === 'Create' ? JSON.parse(event.ResourceProperties.Answer) : { Status: 'SUCCESS', PhysicalResourceId: event.PhysicalResourceId };
    const body = { StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId, ...wanted };
    await fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify(body) });
  };`;
  let observer: Server;
  let events: { RequestType: string; PhysicalResourceId?: string; ResponseURL: string }[] = [];

  beforeAll(async () => {
    observer = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => { text += chunk; });
      request.on('end', () => { events.push(JSON.parse(text)); response.end(); });
    });
    await new Promise<void>((resolve) => observer.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => { observer.close(); });
  beforeEach(() => { events = []; });

  async function create(name: string, answer: object) {
    const address = observer.address() as { port: number };
    const stack = new StackDriver(cloud.aws, name);
    const result = await stack.put({
      Resources: {
        Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: TRUST('lambda.amazonaws.com') } },
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            Runtime: 'nodejs24.x',
            Handler: 'index.handler',
            Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
            Code: { ZipFile: CODE },
          },
        },
        Thing: {
          Type: 'Custom::Thing',
          Properties: {
            ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] },
            ServiceTimeout: 20,
            Observer: `http://127.0.0.1:${address.port}`,
            Answer: JSON.stringify(answer),
          },
        },
      },
    });
    await stack.destroy();
    return result;
  }

  test('a failed Create in the local AWS is followed by a Delete with the id that it answered', async () => {
    const result = await create('local-aws-failed', {
      Status: 'FAILED',
      Reason: 'because',
      PhysicalResourceId: 'half-made',
    });
    expect(result.failures).toEqual(['Thing CREATE_FAILED: because']);
    expect(events.map((event) => [event.RequestType, event.PhysicalResourceId])).toEqual([
      ['Create', undefined],
      ['Delete', 'half-made'],
    ]);
  });

  test('an answer of more than 4096 bytes fails in the local AWS', async () => {
    const result = await create('local-aws-long', {
      Status: 'SUCCESS',
      PhysicalResourceId: 'id',
      Data: { Text: 'x'.repeat(4100) },
    });
    expect(result.failures).toEqual(['Thing CREATE_FAILED: Response object is too long.']);
  });

  test.each([
    ['missing', undefined],
    ['too long', 'x'.repeat(1025)],
  ])('a physical id that is %s fails in the local AWS, and the Delete gets a generated id', async (what, id) => {
    const result = await create(`local-aws-id-${what.replace(' ', '-')}`, {
      Status: 'SUCCESS',
      PhysicalResourceId: id,
    });
    expect(result.failures).toEqual(['Thing CREATE_FAILED: Invalid PhysicalResourceId']);
    expect(events[1]).toMatchObject({
      RequestType: 'Delete',
      PhysicalResourceId: expect.stringMatching(/^local-aws-id-.*-Thing-/),
    });
  });

  test('the local AWS has an https address for the answer, with the time of the request', async () => {
    await create('local-aws-url', { Status: 'SUCCESS', PhysicalResourceId: 'id' });
    expect(events[0]!.ResponseURL).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/.*[?&]X-Amz-Date=\d{8}T\d{6}Z/);
  });
});
