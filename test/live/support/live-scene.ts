import { Aspects, CfnResource, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { live, Live } from './live';
import { RegistryStack } from '../../../local/clients/registry-stack';
import { StackResult } from '../../../local/clients/stack-driver';
import { storeSecret } from '../../../local/services/local-cloud';
import { RecordingProxy } from '../../../local/services/recording-proxy';
import { ZenmlObject } from '../../../local/services/zenml-api';
import {
  ComponentType,
  EcrContainerRegistry,
  EcrContainerRegistryProps,
  SelfHostedServerOptions,
  StackComponent,
  ZenMLServer,
  ZenMLStack,
  ZenMLStackProps,
} from '../../../src';

/**
 * What one test file has for itself: a CloudFormation stack, a proxy that counts (and can break) the calls to the
 * shared ZenML server, and a secret with the API key. Names of stacks must be unlike in all files: they run side by
 * side.
 */
export class LiveScene {
  public static async open(name: string): Promise<LiveScene> {
    const cloud = await live();
    const proxy = await RecordingProxy.start({ target: cloud.zenml.url });
    const secretArn = await storeSecret(cloud.aws, `live/${name}`, cloud.apiKey);
    return new LiveScene(cloud, proxy, cloud.stack(name), secretArn);
  }

  private constructor(
    public readonly cloud: Live,
    public proxy: RecordingProxy,
    public readonly stack: RegistryStack,
    /** Of the secret with the API key. */
    public readonly secretArn: string,
  ) {}

  /**
   * Deploy what the function builds. The local IAM has no propagation delay, so waiting a minute for one would only
   * slow down the tests of refusals.
   */
  public async deploy(build: (scope: Stack) => void): Promise<StackResult> {
    return this.stack.deploy((scope) => {
      build(scope);
      Aspects.of(scope).add({
        visit: (node) => {
          if (
            node instanceof CfnResource
            && /^Custom::ZenML(ServiceConnector|StackComponent)$/.test(node.cfnResourceType)
          ) {
            node.addPropertyOverride('PropagationSeconds', '3');
          }
        },
      });
    });
  }

  public server(scope: Stack, options: Partial<SelfHostedServerOptions> = {}): ZenMLServer {
    return ZenMLServer.selfHosted({
      url: this.proxy.url,
      apiKey: Secret.fromSecretCompleteArn(scope, 'ApiKey', this.secretArn),
      ...options,
    });
  }

  /** A registry in a ZenML stack beside ZenML's own orchestrator and artifact store: what most people want. */
  public registryInStack(
    scope: Stack,
    server: ZenMLServer,
    registry: Partial<EcrContainerRegistryProps> = {},
    stack: Partial<ZenMLStackProps> = {},
  ): EcrContainerRegistry {
    const made = new EcrContainerRegistry(scope, 'Registry', {
      server,
      repositoryNames: [this.repositoryName],
      ...registry,
    });
    const own = (type: ComponentType) =>
      StackComponent.fromStackComponentName(scope, type.name, server, type, 'default');
    new ZenMLStack(scope, 'Stack', {
      server,
      components: [made, own(ComponentType.ORCHESTRATOR), own(ComponentType.ARTIFACT_STORE)],
      ...stack,
    });
    return made;
  }

  /** Nothing listens at the server's URL until the function that this gives is called. */
  public async killProxy(): Promise<() => Promise<void>> {
    const port = Number(new URL(this.proxy.url).port);
    await this.proxy.stop();
    return async () => {
      this.proxy = await RecordingProxy.start({ target: this.cloud.zenml.url, port });
    };
  }

  public get repositoryName(): string {
    return this.stack.name.toLowerCase();
  }

  /** What this stack has in ZenML, by kind. */
  public async inZenml(): Promise<{ connectors: ZenmlObject[]; components: ZenmlObject[]; stacks: ZenmlObject[] }> {
    const mine = (objects: ZenmlObject[]) =>
      objects.filter((object) => JSON.stringify(object.metadata).includes(`:stack/${this.stack.name}/`));
    const { admin } = this.cloud.zenml;
    return {
      connectors: mine(await admin.list('service_connectors')),
      components: mine(await admin.list('components')),
      stacks: mine(await admin.list('stacks')),
    };
  }

  /** The same as ids, for comparing. */
  public async idsInZenml(): Promise<string[]> {
    const { connectors, components, stacks } = await this.inZenml();
    return [...connectors, ...components, ...stacks].map((object) => object.id);
  }

  /** What is there in AWS that carries the stack's name. */
  public async inAws(): Promise<string[]> {
    const mine = (line: string) =>
      line.toLowerCase().includes(this.stack.name.toLowerCase()) && !line.startsWith('secret live/');
    return (await this.cloud.aws.inventory(this.cloud.folder)).filter(mine);
  }

  public async close(): Promise<void> {
    this.proxy.intervene = undefined;
    await this.stack.destroy();
    await this.proxy.stop();
  }
}
