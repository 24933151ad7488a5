import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { MutableTags, PrivateRepositories, RepositoryOutputs } from '../../src/ecr-repository';

describe('PrivateRepositories', () => {
  test('PrivateRepositories defines each repository under the prefix with the same settings', () => {
    const stack = new Stack();
    const { repositories, repositoryUris, repositoryArns } = new PrivateRepositories(stack, 'All', {
      repositoryNames: ['train', 'serve/gpu'], prefix: 'team/', imageScanOnPush: false,
    });
    const found = Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository')) as any[];
    expect(
      found.map(({ Properties }) => [Properties.RepositoryName, Properties.ImageScanningConfiguration.ScanOnPush]),
    ).toEqual([
      ['team/train', false],
      ['team/serve/gpu', false],
    ]);
    expect(repositories).toHaveLength(2);
    expect(Object.keys(repositoryUris)).toEqual(['train', 'serve/gpu']);
    expect(stack.resolve(repositoryArns.train)).toEqual(stack.resolve(repositories[0]!.repositoryArn));
    expect(JSON.stringify(stack.resolve(repositoryUris.train))).toContain('RepositoryUri');
  });

  test('the order of the names changes no logical id', () => {
    const ids = (repositoryNames: string[]) => {
      const stack = new Stack();
      new PrivateRepositories(stack, 'All', { repositoryNames });
      return Object.keys(Template.fromStack(stack).findResources('AWS::ECR::Repository')).sort();
    };
    expect(ids(['aa', 'bb', 'cc'])).toEqual(ids(['cc', 'aa', 'bb']));
  });

  test('a repository is found by its name', () => {
    const all = new PrivateRepositories(new Stack(), 'All', { repositoryNames: ['aa', 'bb'] });
    expect(all.repository('bb')).toBe(all.repositories[1]);
    expect(() => all.repository('cc')).toThrow('`repositoryName` must be one of `repositoryNames` (aa, bb), got: "cc"');
  });

  test.each([
    [[], 'must have at least one name'],
    [['aa', 'aa'], 'must not have a name twice, got: "aa"'],
    [['Aa'], 'lower case'],
  ])('the names %j are refused', (repositoryNames, message) => {
    expect(() => new PrivateRepositories(new Stack(), 'All', { repositoryNames })).toThrow(message);
  });

  test('a list of names that is a token is refused', () => {
    const stack = new Stack();
    expect(() => new PrivateRepositories(stack, 'All', { repositoryNames: [stack.region] })).toThrow(
      'must be known at synth',
    );
  });
});

describe('RepositoryOutputs', () => {
  const make = (props: { parameterPrefix?: string; exportPrefix?: string }) => {
    const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
    new RepositoryOutputs(stack, 'Outputs', {
      repository: ecr.Repository.fromRepositoryName(stack, 'R', 'models'),
      ...props,
    });
    return Template.fromStack(stack);
  };

  test('RepositoryOutputs has an output for each value', () => {
    const outputs = Object.fromEntries(
      Object.entries(make({}).findOutputs('*')).map(([id, output]) => [
        id.replace(/^Outputs|[0-9A-F]{8}$/g, ''),
        output,
      ]),
    );
    expect(outputs.Uri!.Value).toBe('111111111111.dkr.ecr.eu-west-1.amazonaws.com/models');
    expect(outputs.Name!.Value).toBe('models');
    expect(JSON.stringify(outputs.Arn!.Value)).toContain(':ecr:eu-west-1:111111111111:repository/models');
    expect(outputs.RegistryUri!.Value).toBe('111111111111.dkr.ecr.eu-west-1.amazonaws.com');
    expect(outputs.DockerLoginCommand!.Value).toContain('--region eu-west-1 | docker login');
    for (const output of Object.values(outputs)) { expect(output).not.toHaveProperty('Export'); }
    make({}).resourceCountIs('AWS::SSM::Parameter', 0);
  });

  test('RepositoryOutputs writes SSM parameters under the prefix', () => {
    const found = Object.values(
      make({ parameterPrefix: '/team/models' }).findResources('AWS::SSM::Parameter'),
    ) as any[];
    expect(found.map(({ Properties }) => Properties.Name)).toEqual([
      '/team/models/uri',
      '/team/models/name',
      '/team/models/arn',
      '/team/models/registry-uri',
    ]);
  });

  test('RepositoryOutputs exports its values under the prefix', () => {
    const names = Object.values(make({ exportPrefix: 'team-models' }).findOutputs('*')).map(
      (output) => output.Export?.Name,
    );
    expect(names).toEqual([
      'team-models-uri',
      'team-models-name',
      'team-models-arn',
      'team-models-registry-uri',
      undefined,
    ]);
  });

  test('prefixes of parameters and exports are validated', () => {
    expect(() => make({ parameterPrefix: 'team' })).toThrow(
      '`parameterPrefix` must look like "/team/models", got: "team"',
    );
    expect(() => make({ exportPrefix: 'a/b' })).toThrow(
      '`exportPrefix` must look like "team-models" (letters, digits, ":" and "-"), got: "a/b"',
    );
  });
});

test('MutableTags excludes tags from immutability', () => {
  const value = (filter: ecr.ImageTagMutabilityExclusionFilter) =>
    filter._render().imageTagMutabilityExclusionFilterValue;
  expect(MutableTags.ofPipelines('train', 'my pipeline', '-x').map(value)).toEqual(['train-*', 'mypipeline-*', '_x-*']);
  expect([MutableTags.latest(), MutableTags.development(), MutableTags.buildCache()].map(value)).toEqual([
    'latest',
    'dev-*',
    '*cache*',
  ]);
});
