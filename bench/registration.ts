import { CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ArnPrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { RegistryStack } from '../local/clients/registry-stack';
import { StackResult } from '../local/clients/stack-driver';
import {
  CertificateAuthority,
  ComponentType,
  ConnectorAuthentication,
  EcrContainerRegistry,
  RegistryAuthentication,
  StackComponent,
  ZenMLServer,
  ZenMLStack,
} from '../src';

/** What the template of the bench varies in. */
export interface Wish {
  readonly description?: string;
  /** Another number is another access key. */
  readonly serial?: number;
  readonly implicit?: boolean;
  /** Orchestrator and artifact store of this app: five objects instead of three. */
  readonly five?: boolean;
  /** A component that ZenML refuses, created after all others. */
  readonly refused?: boolean;
}

export interface ServerAddress {
  readonly url: string;
  readonly secretArn: string;
  readonly identityArn: string;
  /** PEM text that signs the certificate of the server. */
  readonly certificate?: string;
}

/** Connector, container registry and ZenML stack, deployed step by step. */
export class Registration {
  private sandboxes = 0;
  private wish: Wish = {};

  /** @param proveAccess prop of the registry */
  public constructor(
    private readonly stack: RegistryStack,
    private readonly address: ServerAddress,
    private readonly proveAccess: boolean = true,
  ) {}

  public async deploy(wish: Wish): Promise<StackResult> {
    this.wish = wish;
    return this.stack.deploy((scope) => {
      this.build(scope);
    });
  }

  /** The template that is in force, after a deployment that was rolled back. */
  public isRolledBackTo(wish: Wish): void {
    this.wish = wish;
  }

  public async destroy(): Promise<StackResult> {
    return this.stack.destroy();
  }

  /**
   * A new sandbox: Lambda ends the old one when a setting of the function changes. Nothing of the registration changes,
   * so no event is sent.
   */
  public async recycle(): Promise<void> {
    this.sandboxes++;
    const { status } = await this.deploy(this.wish);
    if (status !== 'UPDATE_COMPLETE') {
      throw new Error(`the function could not be recycled: ${status}`);
    }
  }

  private build(scope: Stack): void {
    const { description, serial, implicit, five, refused } = this.wish;
    const { url, secretArn, identityArn, certificate } = this.address;
    const server = ZenMLServer.selfHosted({
      url,
      apiKey: Secret.fromSecretCompleteArn(scope, 'ApiKey', secretArn),
      awsIdentity: new ArnPrincipal(identityArn),
      implicitAuthentication: true,
      ...(certificate && { certificateAuthority: CertificateAuthority.fromPem(certificate) }),
    });
    const registry = new EcrContainerRegistry(scope, 'Registry', {
      server,
      proveAccess: this.proveAccess,
      repositoryNames: [this.stack.name.toLowerCase()],
      repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
      authentication: RegistryAuthentication.connector(
        implicit ? ConnectorAuthentication.implicit() : ConnectorAuthentication.iamRole({ accessKeySerial: serial }),
      ),
    });
    const types = [ComponentType.ORCHESTRATOR, ComponentType.ARTIFACT_STORE];
    const others = types.map((componentType) =>
      five
        ? new StackComponent(scope, componentType.name, { server, componentType, flavor: 'local' })
        : StackComponent.fromStackComponentName(scope, componentType.name, server, componentType, 'default'),
    );
    const stack = new ZenMLStack(scope, 'Stack', { server, description, components: [registry, ...others] });
    if (refused) {
      const last = new StackComponent(scope, 'Refused', {
        server,
        componentType: ComponentType.IMAGE_BUILDER,
        flavor: 'no-such-flavor',
      });
      last.node.addDependency(stack);
    }
    for (const node of scope.node.findAll()) {
      // The local IAM knows every change at once, so a refusal need not be tried for a minute.
      if (
        node instanceof CfnResource
        && /^Custom::ZenML(ServiceConnector|StackComponent)$/.test(node.cfnResourceType)
      ) {
        node.addPropertyOverride('PropagationSeconds', '3');
      }
      if (node instanceof CfnFunction) {
        node.addPropertyOverride('Description', `sandbox ${this.sandboxes}`);
      }
    }
  }
}
