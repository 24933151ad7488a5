import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ArnPrincipal } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ACCOUNT } from './app';
import { ORIGINS, Scene } from './scene';
import { EcrContainerRegistry, ZenMLServer } from '../../src';
import { Template } from '../simulator/template';

interface RegistryOptions {
  readonly removalPolicy?: 'retain';
  readonly method?: 'iam-role' | 'implicit';
  readonly serviceConnectorName?: string;
  readonly stackComponentName?: string;
  readonly adoptExisting?: boolean;
}

/** The template of a registry as the README makes it: repositories, rights, connector and component. */
export function registryTemplate(scene: Scene, options: RegistryOptions = {}): Template {
  const { method, removalPolicy, ...names } = options;
  const app = new App({
    context: { 'aws:cdk:disable-asset-staging': true, 'aws:cdk:disable-stack-trace': true },
    analyticsReporting: false,
  });
  const stack = new Stack(app, 'S', { env: { account: ACCOUNT, region: 'eu-west-1' } });
  const server = ZenMLServer.selfHosted({
    url: ORIGINS.a,
    apiKey: Secret.fromSecretCompleteArn(stack, 'ApiKey', scene.apiKeyArn(ORIGINS.a, 'One')),
    ...(method === 'implicit' && { awsIdentity: new ArnPrincipal(`arn:aws:iam::${ACCOUNT}:role/zenml-server`) }),
  });
  new EcrContainerRegistry(stack, 'R', {
    server, repositoryNames: ['zenml'], ...names, ...(removalPolicy && { removalPolicy: RemovalPolicy.RETAIN }),
  });
  return app.synth().getStackByName('S').template as Template;
}
