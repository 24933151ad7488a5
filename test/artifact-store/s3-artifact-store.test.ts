import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  ComponentType,
  ConnectorAuthentication,
  ConnectorResource,
  S3ArtifactStore,
  S3ArtifactStoreProps,
  ServiceConnector,
  StackComponent,
  ZenMLStack,
} from '../../src';
import { newServer, newStack, only } from '../support/app';
import { actionsOf, permits, PolicyDocument, RequestContext, withoutAction } from '../support/policy-evaluator';
import { SynthesizedTemplate } from '../support/synthesized-template';

const REGION = 'eu-west-1';
const VIA_S3 = { 'kms:ViaService': `s3.${REGION}.amazonaws.com` };
const CONNECTOR = 'Custom::ZenMLServiceConnector';

type Props = Partial<S3ArtifactStoreProps>;

function newStore(props: Props | ((stack: Stack) => Props) = {}, stack = newStack()) {
  const given = typeof props === 'function' ? props(stack) : props;
  return { stack, store: new S3ArtifactStore(stack, 'Store', { server: newServer(stack), ...given }) };
}

/** What the role of the connector may do, and what a session of it may do under the session policy as well. */
function rightsOf({ stack, store }: ReturnType<typeof newStore>) {
  const template = new SynthesizedTemplate(stack);
  const role = template.of(store.accessRole as iam.Role);
  const bucket = template.deployed(store.bucket.bucketArn);
  const session = JSON.parse(
    String(template.deployed(only(stack, CONNECTOR).Properties.SessionPolicy)),
  ) as PolicyDocument;
  const may = (action: string, resource: string, context?: RequestContext) =>
    [role, [session]].every((documents) => permits(documents, { action, resource, context }));
  return { role, session, bucket, may };
}

describe('the bucket of an artifact store', () => {
  test('a new bucket is private, encrypted, refuses plain HTTP and ACLs, aborts unfinished uploads, and is kept', () => {
    const template = Template.fromStack(newStore().stack);
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        LifecycleConfiguration: {
          Rules: [{ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' }],
        },
        VersioningConfiguration: Match.absent(),
      },
    });
    template.hasResource('AWS::S3::BucketPolicy', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        PolicyDocument: {
          Statement: [Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
        },
      },
    });
  });

  test('dataRemovalPolicy, versions and a customer key apply to the new bucket', () => {
    const template = Template.fromStack(newStore((stack) => ({
      dataRemovalPolicy: RemovalPolicy.DESTROY, versioned: true, encryptionKey: new kms.Key(stack, 'Key'),
    })).stack);
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Delete',
      Properties: {
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } },
          ],
        },
      },
    });
  });

  test('an existing bucket is used as it is', () => {
    const { stack, store } = newStore((scope) => ({ bucket: s3.Bucket.fromBucketName(scope, 'Own', 'own-artifacts') }));
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 0);
    expect(store.artifactStorePath).toBe('s3://own-artifacts');
    expect(new SynthesizedTemplate(stack).configurationOf('artifact_store')).toEqual({ path: 's3://own-artifacts' });
  });

  test.each([
    ['/team'], ['team/'], ['team//a'], [''], ['te am'], [' team'], ['x'.repeat(513)],
    ['*'], ['team-?'], ['${aws:username}'], ['team/*/zenml'], ['..'], ['team/../other'], ['./team'], ['team\n'], ['zo\u00eb'],
    ["team'; rm"],
  ])('the prefix %j is refused', (prefix) => {
    expect(() => newStore({ prefix })).toThrow(/^`prefix` must look like .* \[CZ100\]$/);
  });

  test.each([['team'], ['team-a/zenml_1/v1.0'], ['date=2026-01-01/...'], ['user@example.com+x']])(
    'the prefix %j is accepted',
    (prefix) => {
      expect(newStore({ prefix }).store.artifactStorePath).toMatch(new RegExp(`/${prefix.replace(/[.+]/g, '\\$&')}$`));
    },
  );

  test.each<[string, (stack: Stack) => Props, RegExp]>([
    [
      'dataRemovalPolicy with an existing bucket',
      (stack) => ({ bucket: new s3.Bucket(stack, 'Own'), dataRemovalPolicy: RemovalPolicy.DESTROY }),
      /`dataRemovalPolicy` must not be set together with `bucket`/,
    ],
    [
      'another key than that of the bucket',
      (stack) => ({
        bucket: new s3.Bucket(stack, 'Own', { encryptionKey: new kms.Key(stack, 'One') }),
        encryptionKey: new kms.Key(stack, 'Two'),
      }),
      /`encryptionKey` must not be set together with `bucket`.*Main\/Two and Main\/One/,
    ],
    [
      'versioned: false with a bucket that keeps versions',
      (stack) => ({ bucket: new s3.Bucket(stack, 'Own', { versioned: true }), versioned: false }),
      /`versioned` must not be false.*got: Main\/Own/,
    ],
    ['credentials in the configuration', () => ({ configuration: { secret: 'x' } }), /must not have the key "secret"/],
    ['a path in the configuration', () => ({ configuration: { path: 's3://x' } }), /"path", which `bucket` sets/],
  ])('%s is refused', (_, props, message) => {
    expect(() => newStore(props)).toThrow(message);
  });
});

describe('the rights of an artifact store', () => {
  const OBJECTS = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'];

  test('role and session may read, write, delete and abort below the prefix, and list the bucket', () => {
    const { may, bucket } = rightsOf(newStore({ prefix: 'team/zenml' }));
    for (const action of OBJECTS) {
      expect(may(action, `${bucket}/team/zenml/run/data.json`)).toBe(true);
      expect(may(action, `${bucket}/team/other`)).toBe(false);
      expect(may(action, 'arn:aws:s3:::other/team/zenml/x')).toBe(false);
    }
    for (const action of ['s3:ListBucket', 's3:GetBucketVersioning']) {
      expect(may(action, bucket)).toBe(true);
      expect(may(action, 'arn:aws:s3:::other')).toBe(false);
    }
  });

  test('the role has exactly these actions', () => {
    expect(actionsOf(rightsOf(newStore()).role)).toEqual([
      's3:AbortMultipartUpload',
      's3:DeleteObject',
      's3:GetBucketVersioning',
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
    ]);
  });

  test.each<[string, Props | ((stack: Stack) => Props), boolean]>([
    ['a new bucket', {}, false],
    ['a new bucket with versions', { versioned: true }, true],
    [
      'a bucket of the app with versions',
      (stack) => ({ bucket: new s3.Bucket(stack, 'Own', { versioned: true }) }),
      true,
    ],
    ['an imported bucket', (stack) => ({ bucket: s3.Bucket.fromBucketName(stack, 'Own', 'own') }), false],
    [
      'an imported bucket that is said to keep versions',
      (stack) => ({ bucket: s3.Bucket.fromBucketName(stack, 'Own', 'own'), versioned: true }),
      true,
    ],
  ])('rights on versions exist exactly where there are versions: %s', (_, props, expected) => {
    const { may, bucket } = rightsOf(newStore(props));
    expect(may('s3:ListBucketVersions', bucket)).toBe(expected);
    expect(may('s3:DeleteObjectVersion', `${bucket}/x`)).toBe(expected);
  });

  test.each<[string, (stack: Stack) => Props]>([
    ['of the new bucket', (stack) => ({ encryptionKey: new kms.Key(stack, 'Key') })],
    [
      'that a bucket of the app has',
      (stack) => ({ bucket: new s3.Bucket(stack, 'Own', { encryptionKey: new kms.Key(stack, 'Key') }) }),
    ],
    [
      'of an imported bucket',
      (stack) => ({ bucket: s3.Bucket.fromBucketName(stack, 'Own', 'own'), encryptionKey: new kms.Key(stack, 'Key') }),
    ],
  ])('role and session may use the customer key %s, through S3 only', (_, props) => {
    const made = newStore(props);
    const { may } = rightsOf(made);
    const key = new SynthesizedTemplate(made.stack).deployed((made.stack.node.findChild('Key') as kms.Key).keyArn);
    for (const action of ['kms:GenerateDataKey', 'kms:Decrypt']) {
      expect(may(action, key, VIA_S3)).toBe(true);
      expect(may(action, key, { 'kms:ViaService': `sqs.${REGION}.amazonaws.com` })).toBe(false);
      expect(may(action, `${key}x`, VIA_S3)).toBe(false);
    }
    expect(may('kms:CreateGrant', key, VIA_S3)).toBe(false);
  });

  test('without a customer key there is no right on keys', () => {
    const { role, session } = rightsOf(newStore());
    expect(JSON.stringify([role, session])).not.toContain('kms:');
  });

  test('each right that is taken away denies its call and no other', () => {
    const { role, bucket } = rightsOf(newStore());
    const calls = [
      ...OBJECTS.map((action) => [action, `${bucket}/x`]),
      ['s3:ListBucket', bucket],
      ['s3:GetBucketVersioning', bucket],
    ] as const;
    for (const [missing] of calls) {
      const rest = role.map((document) => withoutAction(document, missing));
      const denied = calls
        .filter(([action, resource]) => !permits(rest, { action, resource }))
        .map(([action]) => action);
      expect(denied).toEqual([missing]);
    }
  });

  test('the session policy ends at the prefix by itself, because nothing else limits a federation token', () => {
    const { session, bucket } = rightsOf(newStore({ prefix: 'team/ml' }));
    const may = (key: string) => permits([session], { action: 's3:PutObject', resource: `${bucket}/${key}` });
    expect([may('team/ml/x'), may('team/x'), may('team/mlx')]).toEqual([true, false, false]);
    expect(permits([session], { action: 's3:ListBucket', resource: bucket })).toBe(true);
  });

  test('the session policy names the partition of the stack', () => {
    const stack = newStack({ env: { account: '111122223333', region: 'us-gov-west-1' } });
    const { Properties } = only(newStore({}, stack).stack, CONNECTOR);
    expect(JSON.stringify(Properties.SessionPolicy)).toContain('AWS::Partition');
    expect(JSON.stringify(Properties.SessionPolicy)).not.toContain('arn:aws:');
  });

  test('the session policy fits into the limit of AWS with the longest names', () => {
    const stack = newStack();
    newStore((scope) => ({
      bucket: s3.Bucket.fromBucketName(scope, 'Own', 'b'.repeat(63)),
      encryptionKey: kms.Key.fromKeyArn(scope, 'Key', `arn:aws:kms:${REGION}:111122223333:key/mrk-${'0'.repeat(32)}`),
      prefix: 'p'.repeat(512),
    }), stack);
    const text = String(new SynthesizedTemplate(stack).deployed(only(stack, CONNECTOR).Properties.SessionPolicy));
    expect(text.length).toBeLessThan(2048);
  });

  test('readers get the rights to list and to read, and nothing else', () => {
    const { stack, store } = newStore({ prefix: 'zenml' });
    const reader = new iam.Role(stack, 'Reader', { assumedBy: new iam.AnyPrincipal() });
    store.grantRead(reader);
    expect(actionsOf(new SynthesizedTemplate(stack).of(reader))).toEqual(['s3:GetObject', 's3:ListBucket']);
  });
});

describe('the connector of an artifact store', () => {
  test('the connector gives access to the bucket, and the component refers to it', () => {
    const { stack } = newStore((scope) => ({ bucket: s3.Bucket.fromBucketName(scope, 'Own', 'own'), prefix: 'zenml' }));
    expect(only(stack, CONNECTOR).Properties).toMatchObject({ ResourceType: 's3-bucket', ResourceId: 's3://own' });
    expect(only(stack, 'Custom::ZenMLStackComponent').Properties).toMatchObject({
      ComponentType: 'artifact_store',
      Flavor: 's3',
      ConnectorResourceId: 's3://own',
      Configuration: JSON.stringify({ path: 's3://own/zenml' }),
    });
  });

  test.each([
    ['implicit', ConnectorAuthentication.implicit(), 'implicit'],
    ['iamRole', ConnectorAuthentication.iamRole(), 'iam-role'],
  ])('the method %s works as for a registry', (_, authentication, method) => {
    const stack = newStack();
    const server = newServer(stack, {
      implicitAuthentication: true, awsIdentity: new iam.ArnPrincipal('arn:aws:iam::111122223333:role/zenml-server'),
    });
    newStore({ server, authentication }, stack);
    expect(only(stack, CONNECTOR).Properties).toMatchObject({ AuthMethod: method, SessionPolicy: expect.anything() });
  });

  test('the connector is in the Region of the bucket', () => {
    const { stack } = newStore((scope) => ({
      bucket: s3.Bucket.fromBucketAttributes(scope, 'Own', { bucketName: 'own', region: 'us-east-1' }),
    }));
    expect(only(stack, CONNECTOR).Properties.Region).toBe('us-east-1');
  });

  test('an existing connector is used, and an identity that this app does not know gets its rights by hand', () => {
    const { stack } = newStore((scope) => ({
      connector: ServiceConnector.fromServiceConnectorName(scope, 'Existing', newServer(scope), 'shared'),
    }));
    Template.fromStack(stack).resourceCountIs(CONNECTOR, 0);
    Annotations.fromStack(stack).hasInfo(
      '/Main/Store',
      Match.stringLikeRegexp('s3:PutObject.*Grant them with the method'),
    );
  });

  test('a connector of another resource type is refused', () => {
    expect(() => newStore((stack) => ({
      connector: new ServiceConnector(stack, 'Generic', {
        server: newServer(stack), resource: ConnectorResource.awsGeneric(),
      }),
    }))).toThrow(/must give access to s3-bucket.*\[CZ150\]$/);
  });
});

test('an artifact store is a component of a ZenML stack', () => {
  const { stack, store } = newStore();
  const server = newServer(stack);
  const orchestrator = StackComponent.fromStackComponentName(
    stack,
    'Local',
    server,
    ComponentType.ORCHESTRATOR,
    'default',
  );
  new ZenMLStack(stack, 'Stack', { server: store.server, components: [store, orchestrator] });
  expect(JSON.stringify(only(stack, 'Custom::ZenMLStack').Properties.Components)).toContain('artifact_store');
});

test('outputs tell the path and the commands for the next steps, or are left out', () => {
  const outputs = Template.fromStack(newStore().stack).findOutputs('*');
  expect(Object.keys(outputs).map((id) => id.replace(/^Store|[0-9A-F]{8}$/g, '')).sort()).toEqual([
    'AccessRoleArn', 'ArtifactStoreId', 'ArtifactStoreName', 'ArtifactStorePath', 'IntegrationInstallCommand',
    'ServiceConnectorId', 'VerifyCommand',
  ]);
  expect(Template.fromStack(newStore({ outputs: false }).stack).findOutputs('*')).toEqual({});
});
