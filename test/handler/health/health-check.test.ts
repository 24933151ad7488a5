import { HEALTH_CHECK_PARAMETER_VARIABLE, HealthCheckDocument } from '../../../src/contract/health-check';
import { makeHealthCheck } from '../../../src/handler/health/health-check';
import { Ports } from '../../../src/handler/ports';
import { Harness } from '../support/harness';
import { denied, PASSWORD, ScriptedRegistry } from '../support/scripted-registry';
import { API_KEY, error, REGISTRY, Thing, verifiedReply } from '../support/scripted-server';

const CONFIGURATION = { uri: REGISTRY, default_repository: 'zenml' };

let h: Harness;
let registry: ScriptedRegistry;
const ROLE = 'arn:aws:iam::111122223333:role/access';
const DEPLOYED = {
  AuthMethod: 'iam-role', ResourceType: 'docker-registry', ResourceId: REGISTRY, Region: 'eu-west-1', RoleArn: ROLE,
};
let connector: Thing;
let component: Thing;
let stack: Thing;
let reports: Record<string, unknown>[];
let document: HealthCheckDocument;

beforeEach(async () => {
  h = await Harness.start();
  registry = new ScriptedRegistry();
  connector = h.zenml.add('service_connectors', 'c', {
    auth_method: 'iam-role',
    resource_types: ['docker-registry'],
    resource_id: REGISTRY,
    configuration: { region: 'eu-west-1', role_arn: ROLE },
  });
  component = h.zenml.add('components', 'r', {
    type: 'container_registry',
    flavor: 'aws',
    configuration: CONFIGURATION,
    connector: connector.id,
  });
  stack = h.zenml.add('stacks', 'prod', { components: { container_registry: [component.id] } });
  h.zenml.script(
    /^GET .*\/client$/,
    { status: 200, body: { metadata: { configuration: { username: 'AWS', password: PASSWORD } } } },
    1_000,
  );
  h.zenml.verification = () => verifiedReply([REGISTRY]);
  reports = [];
  document = {
    kind: 'health-check',
    serverBinding: '/server',
    component: { id: component.id, configuration: CONFIGURATION },
    connector: { Id: connector.id, Deployed: DEPLOYED },
    repositories: [{ Name: 'zenml' }],
    stacks: [stack.id],
    namespace: 'CdkZenML',
    registry: 'App/Registry',
  };
});
afterEach(async () => h.stop());

/** One run; what it has reported. */
async function run(
  event: unknown = {},
  env: Ports['env'] = { [HEALTH_CHECK_PARAMETER_VARIABLE]: '/health' },
): Promise<Record<string, unknown>> {
  h.parameters.set('/health', JSON.stringify(document));
  const transport = registry.transport(h.ports.transport);
  const write = (report: object) => {
    reports.push(report as Record<string, unknown>);
  };
  await makeHealthCheck({ ...h.ports, transport, env: { ...h.ports.env, ...env } }, write)(event);
  return reports.at(-1)!;
}

const writes = () =>
  h.zenml.received.filter(({ method, path }) => method !== 'GET' && path !== '/login' && !path.endsWith('/verify'));

test('a registry as it was deployed is healthy in every check, and nothing is written', async () => {
  const report = await run();
  expect(report).toMatchObject({
    level: 'INFO',
    Registry: 'App/Registry',
    Healthy: 1,
    ServiceConnectorHealthy: 1,
    AccessHealthy: 1,
    StackComponentHealthy: 1,
    StacksHealthy: 1,
    differences: [],
    warnings: [],
  });
  expect(writes()).toEqual([]);
});

test("the log line has the metrics in CloudWatch's embedded format, with the registry as the only dimension", async () => {
  const { _aws } = (await run()) as { _aws: { Timestamp: number; CloudWatchMetrics: unknown[] } };
  expect(_aws.Timestamp).toBe(h.clock.now());
  expect(_aws.CloudWatchMetrics).toEqual([
    {
      Namespace: 'CdkZenML',
      Dimensions: [['Registry']],
      Metrics: ['Healthy', 'ServiceConnectorHealthy', 'StackComponentHealthy', 'StacksHealthy', 'AccessHealthy'].map(
        (Name) => ({ Name }),
      ),
    },
  ]);
});

test.each<[string, () => void, string, RegExp]>([
  ...Object.entries({
    'authentication method': { auth_method: 'secret-key' },
    'resource types': { resource_types: ['docker-registry', 's3-bucket'] },
    'resource id': { resource_id: null },
    'region': { configuration: { region: 'us-east-1', role_arn: ROLE } },
    'role_arn': { configuration: { region: 'eu-west-1', role_arn: `${ROLE}-other`, aws_secret_access_key: 'hunter2' } },
  }).map(([field, edit]): [string, () => void, string, RegExp] => [
    `a connector with another ${field}, which ZenML still verifies`,
    () => Object.assign(connector.fields, edit),
    'ServiceConnectorHealthy',
    new RegExp(`^service connector "c" differs from the deployment: ${field}$`),
  ]),
  [
    'a connector that was deleted',
    () => h.zenml.things.service_connectors.clear(),
    'ServiceConnectorHealthy',
    /^service connector .* does not exist$/,
  ],
  [
    'a connector that AWS refuses',
    () => {
      h.zenml.verification = () => verifiedReply([], 'An error occurred (InvalidClientTokenId)');
    },
    'ServiceConnectorHealthy',
    /InvalidClientTokenId/,
  ],
  [
    'a connector of another registry',
    () => {
      h.zenml.verification = () => verifiedReply(['999999999999.dkr.ecr.eu-west-1.amazonaws.com']);
    },
    'ServiceConnectorHealthy',
    /not 111122223333/,
  ],
  [
    'a component that was deleted',
    () => h.zenml.things.components.clear(),
    'StackComponentHealthy',
    /^stack component .* does not exist$/,
  ],
  [
    'an edited configuration',
    () => {
      component.fields.configuration = { ...CONFIGURATION, default_repository: 'other' };
    },
    'StackComponentHealthy',
    /differs: default_repository$/,
  ],
  [
    'an added value in the configuration',
    () => {
      component.fields.configuration = { ...CONFIGURATION, token: 'hunter2' };
    },
    'StackComponentHealthy',
    /differs: token$/,
  ],
  [
    'a component with another connector',
    () => {
      component.fields.connector = undefined;
    },
    'StackComponentHealthy',
    /another service connector/,
  ],
  [
    'a ZenML stack that was deleted',
    () => h.zenml.things.stacks.clear(),
    'StacksHealthy',
    /^ZenML stack .* does not exist$/,
  ],
  [
    'a ZenML stack without the registry',
    () => {
      stack.fields.components = {};
    },
    'StacksHealthy',
    /"prod" does not contain the registry/,
  ],
  [
    'a push that ECR refuses',
    () => {
      registry.reply('POST', 'zenml', denied('ecr:InitiateLayerUpload'));
    },
    'AccessHealthy',
    /allow ecr:InitiateLayerUpload/,
  ],
])('%s is reported by its metric and by name, and nothing is written', async (_, change, metric, difference) => {
  change();
  const report = await run();
  expect(report).toMatchObject({ level: 'ERROR', Healthy: 0, [metric]: 0 });
  const code = / \[CZ\d{3}\]$/;
  const differences = report.differences as string[];
  expect(differences.filter((text) => !code.test(text))).toEqual([]);
  expect(differences.some((text) => difference.test(text.replace(code, '')))).toBe(true);
  expect(writes()).toEqual([]);
  expect(JSON.stringify(report)).not.toContain('hunter2');
});

test('a registry that gives no answer is unknown, not unhealthy: its metric has no data point, and the line warns', async () => {
  registry.reply('GET', 'zenml', { status: 500 });
  const report = await run();
  expect(report).toMatchObject({ level: 'INFO', Healthy: 1, warnings: [expect.stringContaining('not proved')] });
  expect(report).not.toHaveProperty('AccessHealthy');
});

test.each<[string, () => void, RegExp]>([
  [
    'a server that is down',
    () => {
      h.zenml.script(/./, { status: 503, body: 'down' }, 10_000);
    },
    /503/,
  ],
  [
    'an API key that is refused',
    () => {
      h.zenml.script(/^POST \/login$/, error(401, 'CredentialsNotValid', 'no'), 100);
    },
    /refuses the API key/,
  ],
  [
    'a secret that was deleted',
    () => {
      h.secrets.clear();
    },
    /secret/i,
  ],
])('%s is unhealthy as a whole, with the reason, and without data points of the checks', async (_, change, reason) => {
  change();
  const report = await run();
  expect(report).toMatchObject({ level: 'ERROR', Healthy: 0, differences: [expect.stringMatching(reason)] });
  expect(report).not.toHaveProperty('StackComponentHealthy');
});

test('an event that somebody has made up changes neither the server nor what is looked at', async () => {
  await run({
    serverBinding: '/evil',
    RequestType: 'Delete',
    ResourceProperties: { ServerBinding: '/evil' },
    component: { id: 'x' },
  });
  expect(reports.at(-1)).toMatchObject({ Healthy: 1 });
  expect(writes()).toEqual([]);
});

test('no secret is in the report, whatever the server quotes', async () => {
  h.zenml.verification = () => verifiedReply([], `refused ${API_KEY} and ${PASSWORD}`);
  const report = JSON.stringify(await run());
  expect(report).not.toContain(API_KEY);
  expect(report).not.toContain(PASSWORD.slice(0, 20));
});

test('a registry without a connector is checked for its component and its stacks only', async () => {
  component.fields.connector = undefined;
  document = { ...document, connector: undefined, repositories: [] };
  const report = await run();
  expect(report).toMatchObject({ Healthy: 1, StackComponentHealthy: 1, StacksHealthy: 1 });
  expect(report).not.toHaveProperty('ServiceConnectorHealthy');
  expect(report).not.toHaveProperty('AccessHealthy');
});

test('a connector that is referenced by name is found by its name', async () => {
  document = { ...document, connector: { Name: 'c' } };
  expect(await run()).toMatchObject({ Healthy: 1, ServiceConnectorHealthy: 1 });
});

test('a parameter that describes no health check is an error of the function, which CloudWatch counts', async () => {
  h.parameters.set('/other', '{}');
  await expect(run({}, { [HEALTH_CHECK_PARAMETER_VARIABLE]: '/other' })).rejects.toThrow(
    'SSM parameter /other does not describe a health check: deploy again',
  );
  expect(reports).toEqual([]);
});
