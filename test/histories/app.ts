import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ArnPrincipal } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  ComponentType,
  ConnectorAuthentication,
  ConnectorResource,
  ServiceConnector,
  StackComponent,
  UnreachableServerBehavior,
  ZenMLServer,
  ZenMLStack,
  ZenMLStackAttachment,
} from '../../src';
import { Template } from '../simulator/template';

/** What a user writes in one deployment of one stack. */
export interface Spec {
  readonly origin: string;
  /** ARN of the secret with the API key. */
  readonly apiKeyArn: string;
  readonly method: 'iam-role' | 'implicit';
  readonly keySerial: number;
  readonly region: 'eu-west-1' | 'us-east-1';
  /** Explicit names; absent: generated ones. */
  readonly names?: string;
  /** A number in description and labels. */
  readonly text: number;
  readonly component: boolean;
  readonly stack: boolean;
  readonly attach: boolean;
  /** Of component and stack. */
  readonly adopt: boolean;
  /** Of the connector: what a template can say, whatever the constructs let through. */
  readonly adoptConnector: boolean;
  /** The connector has a generated name all the same. */
  readonly ownConnector: boolean;
  /** A step operator too, attached like the registry. */
  readonly operator: boolean;
  /** Environment variables and a secret of components and stack. */
  readonly settings: boolean;
  readonly detach: boolean;
  readonly abandon: boolean;
  readonly retain: boolean;
}

export type Marker = 'none' | 'free' | 'after connector' | 'after component' | 'at the end';

export const ACCOUNT = '111122223333';
/** The stack of other people that attachments go to. */
export const PRODUCTION = 'production';

/** Name of the secret in ZenML that the template's objects have. */
export const SECRET = 'settings';

export const connectorName = (names: string, method: Spec['method'], region: Spec['region']) =>
  `${names}-connector-${method}-${region}`;
export const registryName = (names: string, region: Spec['region']) => `${names}-registry-${region}`;
export const operatorName = (names: string) => `${names}-operator`;
export const stackName = (names: string) => `${names}-stack`;

const cache = new Map<string, string>();
const TEXT = 4711;
const NAMES = 'names-placeholder';

/**
 * The template that the constructs make of it, with a resource of AWS that can be told to fail at one place or another.
 * Synthesis takes longer than a deployment here, so texts, names and flags are put in afterwards; `app.test.ts` shows
 * that this gives the same template.
 */
export function synthesize(spec: Spec, marker: Marker = 'none', version: number = 0): Template {
  const base = {
    ...spec,
    text: TEXT,
    names: spec.names && NAMES,
    adopt: false,
    adoptConnector: false,
    detach: false,
    abandon: false,
  };
  const key = JSON.stringify(base);
  const text = cache.get(key) ?? JSON.stringify(build(base));
  cache.set(key, text);
  const template = JSON.parse(
    text.replaceAll(String(TEXT), String(spec.text)).replaceAll(NAMES, spec.names ?? ''),
  ) as Template;
  for (const { Type, Properties } of custom(template)) {
    const attachment = Type === 'Custom::ZenMLStackAttachment';
    const adopts = Type === 'Custom::ZenMLServiceConnector' ? spec.adoptConnector : spec.adopt;
    Object.assign(Properties!, spec.abandon && { AbandonUnreachable: 'true' });
    if (!attachment) {
      Object.assign(Properties!, adopts && { AdoptExisting: 'true' }, spec.detach && { DetachFromStacks: 'true' });
    }
  }
  return addMarker(template, marker, version);
}

const custom = (template: Template) =>
  Object.values(template.Resources).filter(({ Type }) => Type.startsWith('Custom::'));

function addMarker(template: Template, marker: Marker, version: number): Template {
  const after: Record<Marker, RegExp | undefined> = {
    'none': undefined,
    'free': /^$/,
    'after connector': /^Connector/,
    'after component': /^(Connector|Component)/,
    'at the end': /^(Connector|Component|Whole|Attachment|Operator)/,
  };
  const pattern = after[marker];
  if (!pattern) { return template; }
  const depends = Object.entries(template.Resources)
    .filter(([id, { Type }]) => Type.startsWith('Custom::') && pattern.test(id))
    .map(([id]) => id);
  return {
    ...template,
    Resources: {
      ...template.Resources,
      Marker: { Type: 'AWS::X::Marker', DependsOn: depends, Properties: { Version: version } },
    },
  };
}

/** @internal also for the test that compares */
export function build(spec: Spec): Template {
  // The handler's code is not part of the question: a folder's hash would only cost time.
  const app = new App({
    context: { 'aws:cdk:disable-asset-staging': true, 'aws:cdk:disable-stack-trace': true },
    analyticsReporting: false,
  });
  const stack = new Stack(app, 'S', { env: { account: ACCOUNT, region: 'eu-west-1' } });
  const server = ZenMLServer.selfHosted({
    url: spec.origin,
    apiKey: Secret.fromSecretCompleteArn(stack, 'ApiKey', spec.apiKeyArn),
    ...(spec.method === 'implicit' && { awsIdentity: new ArnPrincipal(`arn:aws:iam::${ACCOUNT}:role/zenml-server`) }),
  });
  const shared = {
    server,
    labels: { text: String(spec.text) },
    detachFromStacks: spec.detach,
    onUnreachableServer: spec.abandon ? UnreachableServerBehavior.ABANDON : UnreachableServerBehavior.FAIL,
    ...(spec.retain && { removalPolicy: RemovalPolicy.RETAIN }),
  };
  const settings = spec.settings
    ? { environment: { TEXT: `text-${spec.text}`, LEVEL: 'template' }, secrets: [SECRET] }
    : {};
  const uri = `${ACCOUNT}.dkr.ecr.${spec.region}.amazonaws.com`;
  const connector = new ServiceConnector(stack, 'Connector', {
    ...shared,
    serviceConnectorName: spec.ownConnector
      ? undefined
      : spec.names && connectorName(spec.names, spec.method, spec.region),
    description: `text ${spec.text}`,
    resource: ConnectorResource.dockerRegistry(uri),
    region: spec.region,
    authentication:
      spec.method === 'implicit'
        ? ConnectorAuthentication.implicit()
        : ConnectorAuthentication.iamRole({ accessKeySerial: spec.keySerial }),
  });
  const production = () => ZenMLStack.fromZenmlStackName(stack, 'Production', server, PRODUCTION);
  const attach = (id: string, component: StackComponent) => new ZenMLStackAttachment(stack, id, {
    zenmlStack: stack.node.tryFindChild('Production') as ZenMLStack | undefined ?? production(),
    component,
    outputs: false,
    onUnreachableServer: shared.onUnreachableServer,
  });
  if (spec.component) {
    const component = new StackComponent(stack, 'Component', {
      ...shared,
      ...settings,
      adoptExisting: spec.adopt,
      stackComponentName: spec.names && registryName(spec.names, spec.region),
      componentType: ComponentType.CONTAINER_REGISTRY,
      flavor: 'aws',
      configuration: { uri, default_repository: `text-${spec.text}` },
      connector,
      connectorResourceId: uri,
    });
    const local = (type: ComponentType) =>
      StackComponent.fromStackComponentName(stack, `Local${type.name}`, server, type, 'default');
    if (spec.stack) {
      new ZenMLStack(stack, 'Whole', {
        ...shared,
        ...settings,
        adoptExisting: spec.adopt,
        zenmlStackName: spec.names && stackName(spec.names),
        description: `text ${spec.text}`,
        outputs: false,
        components: [component, local(ComponentType.ORCHESTRATOR), local(ComponentType.ARTIFACT_STORE)],
      });
    }
    if (spec.attach) { attach('Attachment', component); }
  }
  if (spec.operator) {
    const component = new StackComponent(stack, 'Operator', {
      ...shared,
      ...settings,
      adoptExisting: spec.adopt,
      stackComponentName: spec.names && operatorName(spec.names),
      componentType: ComponentType.STEP_OPERATOR,
      flavor: 'sagemaker',
      configuration: { execution_role: `arn:aws:iam::${ACCOUNT}:role/text-${spec.text}` },
    });
    if (spec.attach) { attach('OperatorAttachment', component); }
  }
  return app.synth().getStackByName('S').template as Template;
}
