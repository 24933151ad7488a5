import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { attempt, Outcome } from './support/attempt';
import { DeployedStack } from './support/deployed-stack';
import { Identities, NamedPolicy } from './support/identities';
import { LiveScene } from './support/live-scene';
import { neededCalls, OTHER_S3_CALLS, S3Caller } from './support/s3-calls';
import { Credentials } from '../../local/services/aws';
import { ConnectorAuthentication, S3ArtifactStore } from '../../src';
import { actionsOf, permits, withoutAction } from '../support/policy-evaluator';

/*
 * What the role of an artifact store's connector may do in S3, tried with the credentials that ZenML hands out, and
 * with a session of the role without ZenML's session policy. The bucket keeps versions and has a customer key. The role
 * gets a right on another bucket besides, which the session policy does not let through.
 */
const OTHER = 'permissions-store-other';
const PREFIX = 'team/zenml';
const INSIDE = `${PREFIX}/x`;

let scene: LiveScene;
let identities: Identities;
let bucket: string;
let roleName: string;
/** Of the construct, without the one that the test adds. */
let policies: NamedPolicy[];
let admin: S3Caller;
let calls: ReturnType<typeof neededCalls>;
let connected: S3Caller;
let assumed: S3Caller;

function build(scope: Stack): void {
  const store = new S3ArtifactStore(scope, 'Store', {
    server: scene.server(scope),
    prefix: PREFIX,
    versioned: true,
    encryptionKey: new kms.Key(scope, 'Key', { removalPolicy: RemovalPolicy.DESTROY }),
    authentication: ConnectorAuthentication.iamRole(),
  });
  const other = new s3.Bucket(scope, 'Other', { bucketName: OTHER, removalPolicy: RemovalPolicy.DESTROY });
  new iam.Policy(scope, 'More', {
    roles: [store.accessRole!],
    statements: [new iam.PolicyStatement({ actions: ['s3:PutObject'], resources: [other.arnForObjects('*')] })],
  });
}

const outcomesOf = async (s3Caller: S3Caller, key: string = INSIDE): Promise<Record<string, Outcome>> => {
  const outcomes: Record<string, Outcome> = {};
  for (const [action, call] of Object.entries(calls)) {
    outcomes[action] = await attempt(async () => call(s3Caller, bucket, key));
  }
  return outcomes;
};
const allAllowed = () => Object.fromEntries(Object.keys(calls).map((action) => [action, 'allowed']));
const isOfBucket = (action: string) => /:(ListBucket|GetBucket|ListBucketVersions)/.test(action);

/** What ZenML gives to a client of the connector. */
async function handedOut(): Promise<Credentials> {
  const { connectors } = await scene.inZenml();
  const path = `/service_connectors/${connectors[0]!.id}/client?resource_type=s3-bucket&resource_id=s3://${bucket}`;
  const { metadata } = await scene.cloud.zenml.admin.call<{ metadata: { configuration: Record<string, string> } }>(
    'GET', path);
  const { aws_access_key_id, aws_secret_access_key, aws_session_token } = metadata.configuration;
  return { accessKeyId: aws_access_key_id!, secretAccessKey: aws_secret_access_key!, sessionToken: aws_session_token! };
}

beforeAll(async () => {
  scene = await LiveScene.open('PermissionsStore');
  const { aws } = scene.cloud;
  identities = new Identities(aws);
  expect(await scene.deploy(build)).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  const deployed = await DeployedStack.of(aws, scene.stack.driver.stackId);
  bucket = deployed.one('AWS::S3::Bucket', /Store/);
  roleName = deployed.one('AWS::IAM::Role', /AccessRole/);
  policies = (await identities.rolePolicies(roleName))
    .filter(({ document }) => !JSON.stringify(document).includes(OTHER));
  admin = new S3Caller(aws, { accessKeyId: 'test', secretAccessKey: 'test' });
  calls = neededCalls(admin);
  connected = new S3Caller(aws, await handedOut());
  const user = await identities.keysIn(deployed.one('AWS::SecretsManager::Secret'));
  const { arn } = await identities.role(roleName);
  assumed = new S3Caller(aws, await identities.assume(user, { RoleArn: arn, RoleSessionName: 'zenml-connector-x' }));
});
afterAll(async () => scene.close());

test('the connector\'s credentials allow each call that ZenML makes, below the prefix only', async () => {
  expect(await outcomesOf(connected)).toEqual(allAllowed());
  expect(await outcomesOf(connected, 'team/x')).toEqual(
    Object.fromEntries(Object.keys(calls).map((action) => [action, isOfBucket(action) ? 'allowed' : 'denied'])),
  );
});

test('the session policy takes away what the role may do in another bucket', async () => {
  const put = async (as: S3Caller) => attempt(async () => calls['s3:PutObject']!(as, OTHER, INSIDE));
  expect(await put(assumed)).toBe('allowed');
  expect(await put(connected)).toBe('denied');
});

test.each(Object.keys(OTHER_S3_CALLS))('%s is denied', async (action) => {
  expect(await attempt(async () => OTHER_S3_CALLS[action]!(connected, bucket, INSIDE))).toBe('denied');
});

test('the role has exactly the actions that are tried, and the use of the key through S3', () => {
  const own = policies.map(({ document }) => document);
  expect(actionsOf(own)).toEqual([...Object.keys(calls), 'kms:Decrypt', 'kms:GenerateDataKey'].sort());
  const resource = /arn:aws:kms:[^"]+/.exec(JSON.stringify(own))![0];
  const request = { action: 'kms:GenerateDataKey', resource };
  const through = (service: string) => ({ 'kms:ViaService': `${service}.${scene.cloud.aws.region}.amazonaws.com` });
  expect(permits(own, { ...request, context: through('s3') })).toBe(true);
  expect(permits(own, { ...request, context: through('secretsmanager') })).toBe(false);
  expect(permits(own, request)).toBe(false);
});

test.each(Object.keys(neededCalls(undefined as never)))('without %s exactly this action is denied', async (action) => {
  try {
    for (const policy of policies) {
      await identities.putRolePolicy(roleName, { ...policy, document: withoutAction(policy.document, action) });
    }
    expect(await outcomesOf(connected)).toEqual({ ...allAllowed(), [action]: 'denied' });
  } finally {
    for (const policy of policies) { await identities.putRolePolicy(roleName, policy); }
  }
});

test('a destroy keeps the bucket with its artifacts', async () => {
  await admin.call('PUT', `${bucket}/${PREFIX}/kept`, {}, 'artifact');
  expect(await scene.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  expect(await admin.call('GET', `${bucket}/${PREFIX}/kept`)).toBe('artifact');
});
