import { RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { S3ArtifactStore } from '../artifact-store';
import { EcrContainerRegistry } from '../container-registry';
import { SageMakerRuntime } from '../sagemaker';
import { RegistrationOptions } from '../server';
import { ComponentType, ConnectorAuthentication, IServiceConnector, IStackComponent, StackComponent } from '../zenml';

/** What the choices of an `AwsZenMLStack` share. */
export interface Parts {
  /** Scope of what a choice defines. */
  readonly scope: Construct;
  /** Options of the registration of a component; only a component with an explicit name can be adopted. */
  readonly registration: (name: string | undefined) => RegistrationOptions;
  readonly authentication: ConnectorAuthentication;
  readonly dataRemovalPolicy?: RemovalPolicy;
  /** The artifact store of this library, if one was chosen. */
  readonly artifactStore?: S3ArtifactStore;
  /** The key of the artifact store's bucket, if the app named one for the artifact store. */
  readonly artifactKey?: kms.IKey;
  /** The container registry of this library, if one was chosen. */
  readonly registry?: EcrContainerRegistry;
  /** Role and bucket of SageMaker jobs; the first call defines them. */
  readonly runtime: () => SageMakerRuntime;
  /** The connector of everything that starts jobs or builds; the first call defines it. */
  readonly computeConnector: () => IServiceConnector;
}

/** One choice for a part of the stack; undefined: the stack has no such part. */
export type Choice = (parts: Parts) => IStackComponent | undefined;

/** The component of a type that every ZenML server has. */
export function serverDefault(componentType: ComponentType, id: string): Choice {
  return ({ scope, registration }) =>
    StackComponent.fromStackComponentName(scope, id, registration(undefined).server, componentType, 'default');
}
