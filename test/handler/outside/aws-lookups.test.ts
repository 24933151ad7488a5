import { ECRClient } from '@aws-sdk/client-ecr';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { awsLookups } from '../../../src/handler/outside/aws-lookups';
import { AwsError } from '../../../src/handler/ports';

interface Asked {
  client: unknown;
  region: () => Promise<string>;
  command: string;
  input: Record<string, unknown>;
  options: unknown;
}

/** The SDK's clients without a network: what they are asked, and by which of them. */
describe('look-ups in AWS', () => {
  let asked: Asked[];
  let answer: () => unknown;
  let spies: jest.SpyInstance[];
  const { signal } = new AbortController();
  const home = process.env.AWS_REGION;

  beforeEach(() => {
    asked = [];
    answer = () => ({});
    spies = [ECRClient, SecretsManagerClient, SSMClient].map((type) =>
      jest.spyOn(type.prototype, 'send').mockImplementation(async function send(
        this: any,
        command: any,
        options: unknown,
      ) {
        asked.push({
          client: this,
          region: this.config.region,
          command: command.constructor.name,
          input: command.input,
          options,
        });
        return answer();
      } as never),
    );
    process.env.AWS_REGION = 'eu-west-1';
  });
  afterEach(() => {
    for (const spy of spies) { spy.mockRestore(); }
    if (home === undefined) { delete process.env.AWS_REGION; } else { process.env.AWS_REGION = home; }
  });

  const clients = () => asked.map(({ client }) => asked.findIndex((other) => other.client === client));

  test('a parameter is decrypted, is empty when it has no value, and is read by one client', async () => {
    const aws = awsLookups();
    answer = () => ({ Parameter: { Value: 'text' } });
    expect(await aws.getParameter('/a', signal)).toBe('text');
    for (const nothing of [{}, { Parameter: {} }]) {
      answer = () => nothing;
      expect(await aws.getParameter('/b', signal)).toBe('');
    }
    expect(asked[0]).toMatchObject({
      command: 'GetParameterCommand',
      input: { Name: '/a', WithDecryption: true },
      options: { abortSignal: signal },
    });
    expect(clients()).toEqual([0, 0, 0]);
  });

  test('a secret is text or bytes, in the requested version', async () => {
    const aws = awsLookups();
    answer = () => ({ SecretString: 'text' });
    expect(await aws.getSecret('arn:aws:secretsmanager:eu-west-1:1:secret:s', 'v', signal)).toBe('text');
    answer = () => ({ SecretString: '', SecretBinary: Buffer.from('not this') });
    expect(await aws.getSecret('s', undefined, signal)).toBe('');
    answer = () => ({ SecretBinary: Buffer.from('bytes é') });
    expect(await aws.getSecret('s', undefined, signal)).toBe('bytes é');
    answer = () => ({});
    expect(await aws.getSecret('s', undefined, signal)).toBe('');
    expect(asked[0]).toMatchObject({
      command: 'GetSecretValueCommand',
      input: { SecretId: 'arn:aws:secretsmanager:eu-west-1:1:secret:s', VersionId: 'v' },
      options: { abortSignal: signal },
    });
    expect(asked[1]!.input).toEqual({ SecretId: 's', VersionId: undefined });
  });

  test("a secret of another Region is read in that Region, any other by the client of the function's own Region", async () => {
    const aws = awsLookups();
    await aws.getSecret('arn:aws:secretsmanager:eu-west-1:1:secret:s', undefined, signal);
    await aws.getSecret('arn:aws:secretsmanager:us-west-2:1:secret:s', undefined, signal);
    await aws.getSecret('only/a-name', undefined, signal);
    delete process.env.AWS_REGION;
    await aws.getSecret('arn:aws:secretsmanager:us-west-2:1:secret:s', undefined, signal);
    expect(clients()).toEqual([0, 1, 0, 0]);
    expect(await asked[1]!.region()).toBe('us-west-2');
    process.env.AWS_REGION = 'eu-west-1';
    expect(await asked[0]!.region()).toBe('eu-west-1');
  });

  test('a repository is read in its account and Region, by one client for each Region', async () => {
    const aws = awsLookups();
    answer = () => ({ repositories: [{ repositoryUri: 'host/name' }] });
    const repository = { name: 'name', registryId: '111122223333', region: 'us-west-2' };
    expect(await aws.getRepositoryUri(repository, signal)).toBe('host/name');
    for (const nothing of [{}, { repositories: [] }, { repositories: [{}] }]) {
      answer = () => nothing;
      expect(await aws.getRepositoryUri({ ...repository, region: 'eu-north-1' }, signal)).toBe('');
    }
    await aws.getRepositoryUri(repository, signal);
    expect(asked[0]).toMatchObject({
      command: 'DescribeRepositoriesCommand',
      input: { registryId: '111122223333', repositoryNames: ['name'] },
      options: { abortSignal: signal },
    });
    expect(clients()).toEqual([0, 1, 1, 1, 0]);
    expect(await asked[0]!.region()).toBe('us-west-2');
    expect(await asked[1]!.region()).toBe('eu-north-1');
  });

  test('a refusal by AWS reports only its name, and an abort its reason', async () => {
    const aws = awsLookups();
    const refused = async (thrown: unknown, aborted?: AbortSignal) => {
      answer = () => { throw thrown; };
      return aws.getParameter('/a', aborted ?? signal).then(() => undefined, (error: unknown) => error);
    };
    const error = await refused(
      Object.assign(new Error('User arn:aws:sts::1:x is not authorized'), { name: 'AccessDeniedException' }),
    );
    expect(error).toBeInstanceOf(AwsError);
    expect(error).toMatchObject({ name: 'AwsError', code: 'AccessDeniedException', message: 'AccessDeniedException' });
    expect(await refused('a text')).toMatchObject({ name: 'AwsError', code: 'Error', message: 'Error' });
    const controller = new AbortController();
    const over = new Error('over');
    controller.abort(over);
    expect(await refused(new Error('AbortError'), controller.signal)).toBe(over);
  });

  test.each([
    ['AccessDeniedException', true, false],
    ['NotAuthorizedException', true, false],
    ['UnrecognizedClientException', true, false],
    ['InvalidClientTokenId', true, false],
    ['ParameterNotFound', false, true],
    ['ResourceNotFoundException', false, true],
    ['RepositoryNotFoundException', false, true],
    ['ThrottlingException', false, false],
  ])('the error %s is denied: %s, missing: %s', (code, denied, missing) => {
    expect(new AwsError(code, code)).toMatchObject({ denied, missing });
  });
});
