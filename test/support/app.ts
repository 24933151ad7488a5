import { App, Stack, StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { SelfHostedServerOptions, ZenMLServer } from '../../src';

export const URL = 'https://zenml.example.com';
export const WORKSPACE_ID = '0d8f3a52-1c1f-4f0e-9a51-6b8f0c1d2e3f';
export const UUID = '11111111-2222-4333-8444-555555555555';

/** A stack of a new app; with an environment unless told otherwise. */
export function newStack(
  props: StackProps = { env: { account: '111122223333', region: 'eu-west-1' } },
  id = 'Main',
): Stack {
  return new Stack(new App(), id, props);
}

/** A self-hosted server whose key stands in a referenced secret. */
export function newServer(stack: Stack, props: Partial<SelfHostedServerOptions> = {}): ZenMLServer {
  return ZenMLServer.selfHosted({ url: URL, apiKey: apiKey(stack), ...props });
}

export function apiKey(stack: Stack) {
  return (
    (stack.node.tryFindChild('ApiKey') as Secret | undefined)
    ?? Secret.fromSecretNameV2(stack, 'ApiKey', 'zenml/api-key')
  );
}

/** Properties of the only resource of the type. */
export function only(stack: Stack, type: string): any {
  const found = Object.values(Template.fromStack(stack).findResources(type));
  if (found.length !== 1) { throw new Error(`expected one ${type}, got ${found.length}`); }
  return found[0]!;
}

/** The JSON documents of the stack's bindings, with CloudFormation's functions flattened to readable text. */
export function bindings(stack: Stack): any[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::SSM::Parameter'))
    .map((parameter: any) => JSON.parse(flat(parameter.Properties.Value)));
}

/** Text of a value with references written as `<Name>`. */
export function flat(value: any): string {
  if (typeof value === 'string') { return value; }
  if (value['Fn::Join']) { return value['Fn::Join'][1].map(flat).join(value['Fn::Join'][0]); }
  if (value.Ref) { return `<${value.Ref}>`; }
  if (value['Fn::GetAtt']) { return `<${value['Fn::GetAtt'].join('.')}>`; }
  return JSON.stringify(value).replace(/"/g, '\'');
}
