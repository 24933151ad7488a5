import { CfnOutput } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ArtifactStore } from './artifact-store-choice';
import { AwsZenMLStackProps } from './aws-zenml-stack-props';
import { ContainerRegistry } from './container-registry-choice';
import { ImageBuilder } from './image-builder-choice';
import { Orchestrator } from './orchestrator-choice';
import { Parts } from './parts';
import { warnOfSharedBucket } from './shared-bucket';
import { StepOperator } from './step-operator-choice';
import { S3ArtifactStore } from '../artifact-store';
import { EcrContainerRegistry } from '../container-registry';
import { synthError } from '../private/synth-error';
import { SageMakerRuntime } from '../sagemaker';
import { RegistrationOptions, ZenMLServer } from '../server';
import { pickRegistrationOptions } from '../server/pick-registration-options';
import {
  ConnectorAuthentication, ConnectorResource, ConnectorUser, IServiceConnector, IStackComponent, IZenMLStack,
  ServiceConnector, ZenMLStack,
} from '../zenml';

/**
 * A complete ZenML stack on AWS: artifact store, container registry, orchestrator, step operator and image builder,
 * with a role for each service connector that has exactly the rights of its components. Each part is a choice: made
 * here, existing, the default of the server, or none.
 *
 * @see https://docs.zenml.io/stacks
 *
 * @example
 * declare const server: ZenMLServer;
 *
 * new AwsZenMLStack(this, 'ML', { server: server });
 *
 * // Pipelines run on the machine that starts them; artifacts and images are in AWS.
 * new AwsZenMLStack(this, 'Development', {
 *   server: server,
 *   orchestrator: Orchestrator.serverDefault(),
 * });
 */
export class AwsZenMLStack extends Construct implements IZenMLStack {
  /** The stack in ZenML. */
  public readonly zenmlStack: ZenMLStack;
  /** UUID of the stack in ZenML. */
  public readonly zenmlStackNameOrId: string;
  /** The ZenML server that the stack is registered with. */
  public readonly server: ZenMLServer;
  /** The artifact store of the stack. */
  public readonly artifactStore: IStackComponent;
  /** The orchestrator of the stack. */
  public readonly orchestrator: IStackComponent;
  /** The step operators of the stack; the first one is the default. */
  public readonly stepOperators: IStackComponent[];
  /** The container registry of the stack; undefined with `ContainerRegistry.none()`. */
  public readonly containerRegistry?: IStackComponent;
  /** The image builder of the stack; undefined with `ImageBuilder.none()`. */
  public readonly imageBuilder?: IStackComponent;
  /** The bucket that holds the artifacts; undefined if the artifact store is not an `S3ArtifactStore`. */
  public readonly bucket?: s3.IBucket;
  /** The container registry as a construct, for grants; undefined if it is not an `EcrContainerRegistry`. */
  public readonly registry?: EcrContainerRegistry;

  /** @internal */
  public readonly _definedInApp = true;

  private readonly props: AwsZenMLStackProps;
  private sageMakerRuntime?: SageMakerRuntime;
  private sharedConnector?: IServiceConnector;
  private readonly authentication: ConnectorAuthentication;

  /** @throws when an option of a part is invalid, or a part needs another one that was not chosen */
  public constructor(scope: Construct, id: string, props: AwsZenMLStackProps) {
    super(scope, id);
    this.props = props;
    this.server = props.server;
    this.authentication = props.authentication ?? this.defaultAuthentication();
    const orchestrator = props.orchestrator ?? Orchestrator.sageMaker();
    const isInSageMaker = orchestrator._runsInSageMaker;

    this.artifactStore = (props.artifactStore ?? ArtifactStore.s3())._bind(this.parts)!;
    this.bucket = this.artifactStore instanceof S3ArtifactStore ? this.artifactStore.bucket : undefined;
    this.containerRegistry = (props.containerRegistry ?? ContainerRegistry.ecr())._bind(this.parts);
    this.registry = this.containerRegistry instanceof EcrContainerRegistry ? this.containerRegistry : undefined;
    if (isInSageMaker && !this.containerRegistry) { throw missingRegistry(); }
    this.orchestrator = orchestrator._bind(this.parts)!;
    const stepOperators = props.stepOperators ?? (isInSageMaker ? [StepOperator.sageMaker()] : []);
    this.stepOperators = stepOperators.map((operator) => operator._bind(this.parts)!);
    this.imageBuilder = (props.imageBuilder ?? this.defaultImageBuilder(isInSageMaker))._bind(this.parts);

    if (this.sageMakerRuntime) { warnOfSharedBucket(this, this.bucket, this.sageMakerRuntime.bucket); }
    this.zenmlStack = this.defineStack();
    this.zenmlStackNameOrId = this.zenmlStack.zenmlStackNameOrId;
    if (props.outputs ?? true) { this.defineOutputs(); }
  }

  /**
   * Adds a component of another type to the stack, such as an experiment tracker.
   *
   * @throws when the stack has a component of a type of which it can have only one
   */
  public addComponent(component: IStackComponent): void {
    this.zenmlStack.addComponent(component);
  }

  /** @internal */
  public get _reference() {
    return this.zenmlStack._reference;
  }

  /** What the choices share, as far as it is chosen. */
  private get parts(): Parts {
    return {
      scope: this,
      registration: (name) => this.registration(name),
      authentication: this.authentication,
      dataRemovalPolicy: this.props.dataRemovalPolicy,
      artifactStore: this.artifactStore instanceof S3ArtifactStore ? this.artifactStore : undefined,
      artifactKey: this.props.artifactStore?._encryptionKey,
      registry: this.registry,
      runtime: () => this.runtime(),
      computeConnector: () => this.computeConnector(),
    };
  }

  private registration(name: string | undefined): RegistrationOptions {
    const options = pickRegistrationOptions(this.props);
    return name === undefined ? { ...options, adoptExisting: undefined } : options;
  }

  private runtime(): SageMakerRuntime {
    this.sageMakerRuntime ??= this.props.runtime ?? new SageMakerRuntime(this, 'Runtime', {
      registries: this.registry && [this.registry],
      dataRemovalPolicy: this.props.dataRemovalPolicy,
      removalPolicy: this.props.removalPolicy,
    });
    return this.sageMakerRuntime;
  }

  private computeConnector(): IServiceConnector {
    this.sharedConnector ??= new ServiceConnector(this, 'ComputeConnector', {
      ...this.registration(undefined),
      authentication: this.authentication,
      resource: ConnectorResource.awsGeneric(),
    });
    return this.sharedConnector;
  }

  private defaultAuthentication(): ConnectorAuthentication {
    const { implicit, identity } = this.props.server._settings;
    if (implicit && identity) { return ConnectorAuthentication.implicit(); }
    const { accessKeySerial, removalPolicy } = this.props;
    return ConnectorAuthentication.iamRole({
      user: new ConnectorUser(this, 'User', { accessKeySerial, removalPolicy }),
    });
  }

  private defaultImageBuilder(isInSageMaker: boolean): ImageBuilder {
    if (isInSageMaker) { return ImageBuilder.codeBuild(); }
    return this.containerRegistry ? ImageBuilder.local() : ImageBuilder.none();
  }

  private defineStack(): ZenMLStack {
    const { zenmlStackName, description, environment, secrets, additionalComponents = [] } = this.props;
    const chosen = [
      this.artifactStore, this.orchestrator, this.containerRegistry, this.imageBuilder, ...this.stepOperators,
    ];
    return new ZenMLStack(this, 'Stack', {
      ...this.registration(zenmlStackName),
      zenmlStackName,
      description,
      environment,
      secrets,
      components: [...chosen.filter((component) => component !== undefined), ...additionalComponents],
      outputs: this.props.outputs,
    });
  }

  private defineOutputs(): void {
    const output = (id: string, value: string, description: string) => {
      new CfnOutput(this, id, { value, description });
    };
    if (this.artifactStore instanceof S3ArtifactStore) {
      output('ArtifactStorePath', this.artifactStore.artifactStorePath, 'Path of the artifact store in ZenML');
    }
    if (this.registry) {
      output('RegistryUri', this.registry.registryUri, 'Host of the container registry');
    }
    const integrations = [
      ...(this.sageMakerRuntime || this.registry ? ['aws'] : []),
      ...(this.bucket ? ['s3'] : []),
    ];
    if (integrations.length > 0) {
      output('IntegrationInstallCommand', `zenml integration install ${integrations.join(' ')}`,
        'Command that installs what a machine needs to use the stack');
    }
  }
}

function missingRegistry(): Error {
  return synthError('CZ102', '`containerRegistry` must not be ContainerRegistry.none() with a SageMaker orchestrator, '
    + 'whose jobs run in containers: use ContainerRegistry.ecr(), or another orchestrator');
}
