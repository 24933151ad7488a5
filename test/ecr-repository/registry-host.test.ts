import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { ConnectorResource } from '../../src';
import { RepositoryEndpoints } from '../../src/ecr-repository';
import { registryHost, repositoryEnvironment, requireZenmlRegion } from '../../src/ecr-repository/registry-host';

const ACCOUNT = '111111111111';

function stackIn(region?: string, account = ACCOUNT, app = new App()): Stack {
  return new Stack(app, `Stack${region ?? 'Any'}${account}`, region ? { env: { account, region } } : {});
}

/** A repository of that ARN, referenced from a stack in Ireland. */
function referenced(arn: string): { stack: Stack; repository: ecr.IRepository } {
  const stack = stackIn('eu-west-1');
  return { stack, repository: ecr.Repository.fromRepositoryArn(stack, 'R', arn) };
}

describe('registryHost', () => {
  test('the host of a repository in the same stack is the one that ECR reports', () => {
    const stack = stackIn();
    const repository = new ecr.Repository(stack, 'R');
    expect(stack.resolve(registryHost(repository, stack))).toEqual({
      'Fn::Select': [
        0,
        {
          'Fn::Split': [
            '/',
            { 'Fn::GetAtt': [stack.getLogicalId(repository.node.defaultChild as ecr.CfnRepository), 'RepositoryUri'] },
          ],
        },
      ],
    });
  });

  test('the host of a repository in another stack of the same environment is exported', () => {
    const app = new App();
    const owner = new Stack(app, 'Owner');
    const consumer = new Stack(app, 'Consumer');
    const host = registryHost(new ecr.Repository(owner, 'R'), consumer);
    consumer.exportValue(host, { name: 'host' });
    expect(JSON.stringify(Template.fromStack(consumer).findOutputs('*'))).toContain('RepositoryUri');
    expect(JSON.stringify(Template.fromStack(owner).findOutputs('*'))).toContain('RepositoryUri');
  });

  test('the host of a repository whose environment is unknown cannot be used in another environment', () => {
    const app = new App();
    const consumer = stackIn('eu-west-1', ACCOUNT, app);
    const host = registryHost(new ecr.Repository(new Stack(app, 'Owner'), 'R'), consumer);
    consumer.exportValue(host, { name: 'host' });
    expect(() => app.synth()).toThrow(/same environment|cross-environment|Cross stack(\/region)? references/i);
  });

  test.each([
    ['eu-central-1', `${ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com`],
    ['cn-north-1', `${ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn`],
    ['us-gov-west-1', `${ACCOUNT}.dkr.ecr.us-gov-west-1.amazonaws.com`],
    ['eusc-de-east-1', `${ACCOUNT}.dkr.ecr.eusc-de-east-1.amazonaws.eu`],
    ['us-iso-east-1', `${ACCOUNT}.dkr.ecr.us-iso-east-1.c2s.ic.gov`],
    ['us-isob-east-1', `${ACCOUNT}.dkr.ecr.us-isob-east-1.sc2s.sgov.gov`],
    ['eu-isoe-west-1', `${ACCOUNT}.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk`],
    ['us-isof-south-1', `${ACCOUNT}.dkr.ecr.us-isof-south-1.csp.hci.ic.gov`],
    ['zz-new-9', `${ACCOUNT}.dkr.ecr.zz-new-9.amazonaws.com`],
  ])('the host of a repository that another environment (%s) defines has the domain of that Region', (region, host) => {
    const app = new App();
    const repository = new ecr.Repository(stackIn(region, ACCOUNT, app), 'R', { repositoryName: 'models' });
    expect(registryHost(repository, stackIn('us-east-1', '222222222222', app))).toBe(host);
  });

  test('the host of a referenced repository comes from its ARN', () => {
    const { stack, repository } = referenced('arn:aws-cn:ecr:cn-north-1:333333333333:repository/models');
    expect(registryHost(repository, stack)).toBe('333333333333.dkr.ecr.cn-north-1.amazonaws.com.cn');
    expect(repositoryEnvironment(repository)).toEqual({ region: 'cn-north-1', account: '333333333333' });
  });

  test('the host of a repository that is referenced by attributes comes from the ARN, not from the stack', () => {
    const stack = stackIn('eu-west-1');
    const repository = ecr.Repository.fromRepositoryAttributes(stack, 'R', {
      repositoryName: 'models', repositoryArn: 'arn:aws:ecr:us-east-2:333333333333:repository/models',
    });
    expect(registryHost(repository, stack)).toBe('333333333333.dkr.ecr.us-east-2.amazonaws.com');
  });

  test('the host of a repository that is referenced by name is in the environment of the stack', () => {
    const known = stackIn('eu-west-1');
    expect(registryHost(ecr.Repository.fromRepositoryName(known, 'R', 'models'), known)).toBe(
      `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`,
    );
    const unknown = stackIn();
    expect(unknown.resolve(registryHost(ecr.Repository.fromRepositoryName(unknown, 'R', 'models'), unknown))).toEqual({
      'Fn::Join': [
        '',
        [{ Ref: 'AWS::AccountId' }, '.dkr.ecr.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }],
      ],
    });
  });

  test('the host of a repository whose ARN is a token is cut out of the ARN', () => {
    const stack = stackIn();
    const repository = ecr.Repository.fromRepositoryAttributes(stack, 'R', {
      repositoryName: 'models', repositoryArn: new CfnParameter(stack, 'Arn').valueAsString,
    });
    const cut = (index: number) => ({ 'Fn::Select': [index, { 'Fn::Split': [':', { Ref: 'Arn' }] }] });
    expect(stack.resolve(registryHost(repository, stack))).toEqual({
      'Fn::Join': ['', [cut(4), '.dkr.ecr.', cut(3), '.', { Ref: 'AWS::URLSuffix' }]],
    });
    expect(stack.resolve(repositoryEnvironment(repository))).toEqual({ region: cut(3), account: cut(4) });
  });
});

describe('Regions that ZenML can use', () => {
  test.each(['eu-west-1', 'us-gov-west-1', 'zz-new-9'])('ZenML can use registries in %s', (region) => {
    requireZenmlRegion(new Stack(), region);
  });

  test.each([
    ['cn-north-1', 'aws-cn'],
    ['eusc-de-east-1', 'aws-eusc'],
    ['us-iso-east-1', 'aws-iso'],
    ['us-isob-east-1', 'aws-iso-b'],
    ['eu-isoe-west-1', 'aws-iso-e'],
    ['us-isof-south-1', 'aws-iso-f'],
  ])('ZenML cannot use registries in %s', (region, partition) => {
    expect(() => requireZenmlRegion(new Stack(undefined, 'MyStack'), region)).toThrow(
      `the repositories of MyStack must be in a Region whose registries are under amazonaws.com (ZenML's limit), got: "${region}" (${partition}, `,
    );
  });

  test('a Region that is a token is not validated at synth', () => {
    const stack = new Stack();
    requireZenmlRegion(stack, stack.region);
    ConnectorResource.dockerRegistry(`${stack.account}.dkr.ecr.${stack.region}.amazonaws.com.cn`);
  });

  test('a registry host given as text is validated', () => {
    ConnectorResource.dockerRegistry(`${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`);
    for (const uri of [
      `https://${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`,
      `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/models`,
      `${ACCOUNT}.dkr-ecr.eu-west-1.on.aws`,
      `${ACCOUNT}.dkr.ecr-fips.us-east-1.amazonaws.com`,
      `${ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn`,
    ]) {
      expect(() => ConnectorResource.dockerRegistry(uri)).toThrow(`got: "${uri}"`);
    }
  });
});

describe('RepositoryEndpoints', () => {
  const of = (region: string) => {
    const { stack, repository } = referenced(`arn:aws:ecr:${region}:${ACCOUNT}:repository/team/models`);
    return RepositoryEndpoints.of(stack, repository);
  };

  test('endpoints have all addresses of a repository', () => {
    const endpoints = of('us-east-1');
    expect(endpoints.registryUri).toBe(`${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com`);
    expect(endpoints.repositoryUri).toBe(`${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/team/models`);
    expect(endpoints.uriForTag('v1')).toBe(`${endpoints.repositoryUri}:v1`);
    expect(endpoints.uriForDigest(`sha256:${'0'.repeat(64)}`)).toBe(
      `${endpoints.repositoryUri}@sha256:${'0'.repeat(64)}`,
    );
    expect(endpoints.dockerLoginCommand).toBe(
      `aws ecr get-login-password --region us-east-1 | docker login --username AWS --password-stdin ${endpoints.registryUri}`,
    );
    expect(endpoints.fipsHost()).toBe(`${ACCOUNT}.dkr.ecr-fips.us-east-1.amazonaws.com`);
    expect(endpoints.dualStackHost()).toBe(`${ACCOUNT}.dkr-ecr.us-east-1.on.aws`);
    expect(endpoints.dualStackFipsHost()).toBe(`${ACCOUNT}.dkr-ecr-fips.us-east-1.on.aws`);
  });

  test('an illegal tag and an illegal digest are refused', () => {
    expect(() => of('us-east-1').uriForTag('-v1')).toThrow('got: "-v1"');
    expect(() => of('us-east-1').uriForTag('')).toThrow('got: ""');
    expect(() => of('us-east-1').uriForDigest('sha256:00')).toThrow(
      '`digest` must look like "sha256:" and 64 hex digits, got: "sha256:00"',
    );
  });

  test('FIPS and dual-stack hosts exist only in Regions in which AWS has them', () => {
    expect(of('us-gov-west-1').fipsHost()).toBe(`${ACCOUNT}.dkr.ecr-fips.us-gov-west-1.amazonaws.com`);
    expect(of('cn-north-1').dualStackHost()).toBe(`${ACCOUNT}.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn`);
    for (const region of ['eu-west-1', 'ca-central-1', 'us-isob-east-1']) {
      expect(() => of(region).fipsHost()).toThrow(
        `must be in a Region of the US to have a FIPS host, got: "${region}"`,
      );
    }
    expect(() => of('eu-west-1').dualStackFipsHost()).toThrow('got: "eu-west-1"');
    expect(() => of('us-iso-east-1').fipsHost()).toThrow('got: "us-iso-east-1"');
    expect(() => of('us-iso-east-1').dualStackHost()).toThrow(
      'a Region with a dual-stack ECR host, got: "us-iso-east-1"',
    );
  });

  test('a Region that is unknown at synth has no dual-stack host', () => {
    const stack = new Stack();
    const endpoints = RepositoryEndpoints.of(stack, ecr.Repository.fromRepositoryName(stack, 'R', 'models'));
    expect(() => endpoints.dualStackHost()).toThrow(
      'the dual-stack host of repository models depends on the Region, which is unknown at synth',
    );
    expect(() => endpoints.fipsHost()).toThrow('the FIPS host of repository models depends on the Region');
    expect(stack.resolve(endpoints.uriForTag('v1'))).toEqual({
      'Fn::Join': [
        '',
        [{ Ref: 'AWS::AccountId' }, '.dkr.ecr.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }, '/models:v1'],
      ],
    });
  });
});
