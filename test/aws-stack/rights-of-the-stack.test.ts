import { App, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import {
  AwsZenMLStack, CodeBuildImageBuilder, ContainerRegistry, Orchestrator, SageMakerOrchestrator,
} from '../../src';
import { newServer, newStack } from '../support/app';
import { actionsOf, listOf, permits, PolicyDocument, RequestContext, statementsOf } from '../support/policy-evaluator';
import { SynthesizedTemplate } from '../support/synthesized-template';

/*
 * What ZenML's Terraform module and CloudFormation template grant too little or too much, for SageMaker, schedules and
 * CodeBuild, one row each. Rows that other tests show:
 *
 * too little: 1 orchestrator.test "without a step operator passes the role itself"; 2, 3, 4 recorded-calls.test;
 * 5 orchestrator.test "a schedule can pass its own scheduler role only, also one with a path"; 6 orchestrator.test
 * "without schedules there is no scheduler role"; 13 codebuild.test "is refused"; 14 codebuild.test "a project in a
 * VPC"; 15 codebuild.test "an image is not taken for one of the other kind"; 16 codebuild.test "the project waits an
 * hour"; 17 codebuild.test "a repository with immutable tags"; 21 runtime.test "rights for the network", "rights on
 * keys".
 */
const ACCOUNT = '111122223333';
const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:${ACCOUNT}:${resource}`;
const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;

type RoleName = 'store' | 'registry' | 'compute' | 'execution' | 'build' | 'scheduler';

function newScene() {
  const stack = newStack();
  const ml = new AwsZenMLStack(stack, 'ML', {
    server: newServer(stack),
    containerRegistry: ContainerRegistry.ecr({ repositoryNames: ['zenml'] }),
    orchestrator: Orchestrator.sageMaker({ schedules: true }),
  });
  const orchestrator = ml.orchestrator as SageMakerOrchestrator;
  const accessRole = (component: unknown) => (component as { accessRole: iam.Role }).accessRole;
  const roles: Record<RoleName, iam.Role> = {
    store: accessRole(ml.artifactStore),
    registry: accessRole(ml.containerRegistry),
    compute: accessRole(orchestrator),
    execution: ml.node.findChild('Runtime').node.findChild('Role') as iam.Role,
    build: (ml.imageBuilder as CodeBuildImageBuilder).projectRole as iam.Role,
    scheduler: orchestrator.schedulerRole as iam.Role,
  };
  // Read at each use: a later change of the app changes the template.
  const template = () => new SynthesizedTemplate(stack);
  const may = (role: RoleName, action: string, resource: string, context?: RequestContext) => (
    permits(template().of(roles[role]), { action, resource, context })
  );
  return { stack, ml, roles, template, may };
}

const NAMES: RoleName[] = ['store', 'registry', 'compute', 'execution', 'build', 'scheduler'];

describe('too little', () => {
  test('row 20: a repository that the app adds later reaches jobs and builds', () => {
    const { ml, may } = newScene();
    ml.registry!.addRepository('later');
    const reached = (name: string) => [
      may('execution', 'ecr:BatchGetImage', arn('ecr', `repository/${name}`)),
      may('build', 'ecr:PutImage', arn('ecr', `repository/${name}`)),
    ];
    expect([reached('later'), reached('other')]).toEqual([[true, true], [false, false]]);
  });
});

describe('too much', () => {
  const scene = newScene();
  const template = scene.template();
  const artifact = `${template.deployed(scene.ml.bucket!.bucketArn)}/run/data.json`;
  const deployed = (role: RoleName) => template.deployed(scene.roles[role].roleArn);
  const denied = (role: RoleName, ...requests: [action: string, resource: string][]) => {
    expect(requests.filter(([action, resource]) => scene.may(role, action, resource))).toEqual([]);
  };

  test('row 23: the user assumes the roles of the three connectors and no other', () => {
    const users = Object.values(template.resourcesOf('AWS::IAM::Policy')).filter(({ Users }) => Users);
    const documents = users.map((policy) => policy.PolicyDocument as PolicyDocument);
    expect(actionsOf(documents)).toEqual(['sts:AssumeRole']);
    const assumed = NAMES.filter((name) => permits(documents, { action: 'sts:AssumeRole', resource: deployed(name) }));
    expect(assumed).toEqual(['store', 'registry', 'compute']);
    expect(permits(documents, { action: 'sts:AssumeRole', resource: roleArn('other') })).toBe(false);
  });

  test('row 24: connector roles trust no service, and each service assumes its own role only, for this account', () => {
    const principals = (name: RoleName) => (
      statementsOf(template.trustOf(scene.roles[name])).map(({ Principal }) => Principal)
    );
    for (const name of ['store', 'registry', 'compute'] as const) {
      expect(principals(name)).toEqual([{ AWS: expect.stringContaining(':user/') }]);
    }
    expect(principals('execution')).toEqual([{ Service: 'sagemaker.amazonaws.com' }]);
    expect(principals('build')).toEqual([{ Service: 'codebuild.amazonaws.com' }]);
    expect(principals('scheduler')).toEqual([{ Service: 'scheduler.amazonaws.com' }]);
    for (const name of ['execution', 'build', 'scheduler'] as const) {
      const [statement] = statementsOf(template.trustOf(scene.roles[name]));
      expect(statement!.Condition!.StringEquals).toEqual({ 'aws:SourceAccount': ACCOUNT });
    }
  });

  test('row 25: a role is passed three times at most, each time to one service', () => {
    const services = ['sagemaker', 'scheduler', 'codebuild', 'lambda', 'ec2', 'build.apprunner']
      .map((name) => `${name}.amazonaws.com`);
    const targets = [...NAMES.map(deployed), roleArn('other')];
    const passed = NAMES.flatMap((name) => targets.flatMap((target) => services
      .filter((service) => scene.may(name, 'iam:PassRole', target, { 'iam:PassedToService': service }))
      .map((service) => [name, target, service])));
    expect(passed).toEqual([
      ['compute', deployed('execution'), 'sagemaker.amazonaws.com'],
      ['compute', deployed('scheduler'), 'scheduler.amazonaws.com'],
      ['execution', deployed('execution'), 'sagemaker.amazonaws.com'],
    ]);
  });

  test('row 26: the execution role reaches no other bucket, endpoint, notebook or IAM, and pushes no image', () => {
    denied('execution',
      ['s3:GetObject', 'arn:aws:s3:::other/x'], ['s3:GetObject', 'arn:aws:s3:::sagemaker-other/x'],
      ['s3:ListBucket', 'arn:aws:s3:::other'], ['s3:CreateBucket', 'arn:aws:s3:::sagemaker-x'],
      ['s3:DeleteObject', `${template.deployed(scene.ml.bucket!.bucketArn)}/x`],
      ['sagemaker:CreateEndpoint', arn('sagemaker', 'endpoint/x')],
      ['sagemaker:CreateNotebookInstance', arn('sagemaker', 'notebook-instance/x')],
      ['sagemaker:CreateTrainingJob', arn('sagemaker', 'training-job/own-name')],
      ['sagemaker:CreatePipeline', arn('sagemaker', 'pipeline/x')],
      ['iam:CreateRole', roleArn('x')], ['iam:GetRole', deployed('execution')], ['sts:AssumeRole', deployed('store')],
      ['ecr:PutImage', arn('ecr', 'repository/zenml')],
      ['secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:x')],
    );
  });

  test('row 27: the execution role neither reads nor deletes artifacts', () => {
    denied('execution', ['s3:GetObject', artifact], ['s3:PutObject', artifact], ['s3:DeleteObject', artifact]);
  });

  test('row 28: a build reads contexts only, and writes no object', () => {
    const context = `${template.deployed(scene.ml.bucket!.bucketArn)}/code-build-contexts/x/y.zip`;
    expect(scene.may('build', 's3:GetObject', context)).toBe(true);
    denied('build', ['s3:GetObject', artifact], ['s3:PutObject', context], ['s3:DeleteObject', context]);
  });

  test('row 29: the sessions for artifacts, images and jobs have no action in common', () => {
    const prefixes = (name: RoleName) => (
      new Set(actionsOf(template.of(scene.roles[name])).map((action) => action.split(':')[0]))
    );
    expect([...prefixes('store')]).toEqual(['s3']);
    expect([...prefixes('registry')]).toEqual(['ecr']);
    expect([...prefixes('compute')]).toEqual(['codebuild', 'iam', 'logs', 's3', 'sagemaker', 'scheduler']);
    denied('compute', ['s3:GetObject', artifact], ['s3:ListBucket', template.deployed(scene.ml.bucket!.bucketArn)]);
  });

  test('row 30: no role has secrets, App Runner or a wildcard as action, and no role has a managed policy', () => {
    const actions = NAMES.flatMap((name) => actionsOf(template.of(scene.roles[name])));
    expect(actions.filter((action) => /^(secretsmanager|apprunner):|\*/.test(action))).toEqual([]);
    const roles = Object.values(template.resourcesOf('AWS::IAM::Role'));
    expect(roles.flatMap(({ ManagedPolicyArns }) => listOf(ManagedPolicyArns ?? []))).toEqual([]);
  });

  test('row 32: a stack passes no scheduler role of another stack', () => {
    const other = newScene();
    const target = other.template().deployed(other.roles.scheduler.roleArn).replace(':role/', ':role/other-');
    const toScheduler = { 'iam:PassedToService': 'scheduler.amazonaws.com' };
    expect(scene.may('compute', 'iam:PassRole', target, toScheduler)).toBe(false);
    expect(scene.may('compute', 'iam:PassRole', deployed('scheduler'), toScheduler)).toBe(true);
  });

  test('without schedules and step operators the stack has neither their roles nor their rights', () => {
    const stack = new Stack(new App(), 'Main', { env: { account: ACCOUNT, region: 'eu-west-1' } });
    const { orchestrator } = new AwsZenMLStack(stack, 'ML', { server: newServer(stack), stepOperators: [] });
    const { accessRole } = orchestrator as SageMakerOrchestrator;
    const own = actionsOf(new SynthesizedTemplate(stack).of(accessRole as iam.Role));
    expect(own.filter((action) => /^scheduler:|DescribePipeline$/.test(action))).toEqual([]);
    expect(own).toContain('iam:PassRole');
  });
});
