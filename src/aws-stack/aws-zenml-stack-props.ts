import { RemovalPolicy } from 'aws-cdk-lib';
import { ArtifactStore } from './artifact-store-choice';
import { ContainerRegistry } from './container-registry-choice';
import { ImageBuilder } from './image-builder-choice';
import { Orchestrator } from './orchestrator-choice';
import { StepOperator } from './step-operator-choice';
import { SageMakerRuntime } from '../sagemaker';
import { RegistrationOptions } from '../server';
import { ConnectorAuthentication, IStackComponent, RuntimeOptions } from '../zenml';

/** Properties of `AwsZenMLStack`. */
export interface AwsZenMLStackProps extends RegistrationOptions, RuntimeOptions {
  /**
   * Name of the stack in ZenML, unique on the server, at most 255 characters (ZenML's limit).
   *
   * @default - the construct's path and six hex digits
   */
  readonly zenmlStackName?: string;
  /**
   * Description of the stack in ZenML, at most 255 characters (ZenML's limit).
   *
   * @default - none
   */
  readonly description?: string;
  /**
   * Where artifacts are kept.
   *
   * @default ArtifactStore.s3()
   */
  readonly artifactStore?: ArtifactStore;
  /**
   * Where images are kept.
   *
   * @default ContainerRegistry.ecr()
   */
  readonly containerRegistry?: ContainerRegistry;
  /**
   * What runs pipelines.
   *
   * @default Orchestrator.sageMaker()
   */
  readonly orchestrator?: Orchestrator;
  /**
   * What runs single steps apart from their pipeline. The first one is the default. Several need ZenML 0.94.3 or newer.
   *
   * @default - StepOperator.sageMaker() with a SageMaker orchestrator, else none
   */
  readonly stepOperators?: StepOperator[];
  /**
   * What builds images.
   *
   * @default - ImageBuilder.codeBuild() with a SageMaker orchestrator; ImageBuilder.local() with another one and a
   * container registry; else none
   */
  readonly imageBuilder?: ImageBuilder;
  /**
   * Components of other types, such as an experiment tracker or an alerter.
   *
   * @default - none
   */
  readonly additionalComponents?: IStackComponent[];
  /**
   * Role, bucket and limits of SageMaker jobs.
   *
   * @default - a new runtime whose jobs pull from the container registry of this stack, if something runs in SageMaker
   */
  readonly runtime?: SageMakerRuntime;
  /**
   * How the service connectors authenticate to AWS. Each connector assumes a role of its own.
   *
   * @default - `implicit` for ZenML Pro and for a server whose AWS identity is known; else one IAM user with one key,
   * which all connectors share
   */
  readonly authentication?: ConnectorAuthentication;
  /**
   * Serial number of the access key that the connectors share. Increase it to rotate the key.
   *
   * @default 0
   */
  readonly accessKeySerial?: number;
  /**
   * What happens to the new bucket and the new repositories when the construct leaves the CloudFormation stack.
   * CloudFormation cannot delete a bucket or a repository that is not empty.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly dataRemovalPolicy?: RemovalPolicy;
  /**
   * Whether to add stack outputs with the commands for the next steps.
   *
   * @default true
   */
  readonly outputs?: boolean;
}
