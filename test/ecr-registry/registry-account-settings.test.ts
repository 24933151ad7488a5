import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import * as client from '@aws-sdk/client-ecr';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  BasicScanVersion,
  RegistryAccountSettings,
  RegistryAccountSettingsProps,
  RegistryPolicyScope,
} from '../../src/ecr-registry';

const ALL: RegistryAccountSettingsProps = {
  blobMounting: true,
  policyScope: RegistryPolicyScope.V2,
  basicScanVersion: BasicScanVersion.AWS_NATIVE,
};

function stackWith(...props: RegistryAccountSettingsProps[]): Stack {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
  props.forEach((one, index) => new RegistryAccountSettings(stack, `Settings${index}`, one));
  return stack;
}

const callsOf = (stack: Stack) =>
  Object.entries(Template.fromStack(stack).toJSON().Resources as Record<string, any>)
    .filter(([, { Type }]) => Type.startsWith('Custom::ECR'))
    .map(([, { Type, Properties, DeletionPolicy }]) => ({
      Type,
      DeletionPolicy,
      Create: JSON.parse(Properties.Create),
      Update: JSON.parse(Properties.Update),
      Delete: Properties.Delete,
    }));

describe('RegistryAccountSettings', () => {
  test('each account setting is one call, repeated when the setting changes, and not reverted on delete', () => {
    const call = (name: string, value: string) => ({
      service: 'ECR',
      action: 'PutAccountSetting',
      parameters: { name, value },
      physicalResourceId: { id: name },
    });
    expect(callsOf(stackWith(ALL))).toEqual(
      [
        ['BlobMounting', call('BLOB_MOUNTING', 'ENABLED')],
        ['PolicyScope', call('REGISTRY_POLICY_SCOPE', 'V2')],
        ['BasicScanVersion', call('BASIC_SCAN_TYPE_VERSION', 'AWS_NATIVE')],
      ].map(([id, made]) => ({
        Type: `Custom::ECR${String(id)}`,
        DeletionPolicy: 'Delete',
        Create: made,
        Update: made,
        Delete: undefined,
      })),
    );
    expect(callsOf(stackWith({ blobMounting: false }))[0]!.Create.parameters).toEqual({
      name: 'BLOB_MOUNTING',
      value: 'DISABLED',
    });
  });

  test('the permission to write a setting covers only that setting', () => {
    Template.fromStack(stackWith({ blobMounting: true })).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'ecr:PutAccountSetting',
            Resource: '*',
            Condition: { StringEquals: { 'ecr:AccountSetting': 'BLOB_MOUNTING' } },
          },
        ],
      },
    });
  });

  test('all account settings of a stack share one function', () => {
    Template.fromStack(stackWith(ALL)).resourceCountIs('AWS::Lambda::Function', 1);
  });

  test('an empty list of settings and a repeated setting are refused', () => {
    expect(() => stackWith({})).toThrow(
      'must have at least one setting: set `blobMounting`, `policyScope` or `basicScanVersion`',
    );
    expect(() => Template.fromStack(stackWith({ blobMounting: true }, { blobMounting: false }))).toThrow(
      /Custom::ECRBlobMounting must be defined once per account and Region/,
    );
    expect(callsOf(stackWith({ blobMounting: true }, { policyScope: RegistryPolicyScope.V2 }))).toHaveLength(2);
  });

  // The local AWS does not know the call: the client of the AWS SDK stands for it.
  test('the AWS SDK knows the call by this name and sends these parameters', async () => {
    const received: { target?: string; body?: unknown }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => { body += chunk.toString(); }).on('end', () => {
        received.push({ target: String(request.headers['x-amz-target']), body: JSON.parse(body) });
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const ecr = new client.ECRClient({
      region: 'eu-west-1',
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    });
    const calls = callsOf(stackWith(ALL)).map(({ Create }) => Create);
    for (const { action, parameters } of calls) {
      const Command = (client as unknown as Record<string, new (input: object) => client.PutAccountSettingCommand>)[
        `${action}Command`
      ]!;
      await ecr.send(new Command(parameters));
    }
    ecr.destroy();
    await new Promise((resolve) => server.close(resolve));
    expect(received).toEqual(
      calls.map(({ parameters }) => ({
        target: 'AmazonEC2ContainerRegistry_V20150921.PutAccountSetting',
        body: parameters,
      })),
    );
  });
});
