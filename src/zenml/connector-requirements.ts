import { ComponentType } from './component-type';
import { synthError } from '../private/synth-error';

/**
 * The resource type that a flavor requires of its connector, by component type and flavor. Source:
 * `service_connector_requirements` of ZenML 0.98.0. The server accepts any connector, and the component then fails when
 * it is used. Flavors that are not listed, such as custom flavors, are not checked.
 */
const REQUIRED: Record<string, string> = {
  'artifact_store:azure': 'blob-container',
  'artifact_store:gcp': 'gcs-bucket',
  'artifact_store:s3': 's3-bucket',
  'deployer:aws': 'aws-generic',
  'deployer:kubernetes': 'kubernetes-cluster',
  'image_builder:aws': 'aws-generic',
  'image_builder:gcp': 'gcp-generic',
  'model_deployer:seldon': 'kubernetes-cluster',
  'orchestrator:azureml': 'azure-generic',
  'orchestrator:kubeflow': 'kubernetes-cluster',
  'orchestrator:kubernetes': 'kubernetes-cluster',
  'orchestrator:sagemaker': 'aws-generic',
  'orchestrator:tekton': 'kubernetes-cluster',
  'orchestrator:vertex': 'gcp-generic',
  'orchestrator:vm_aws': 'aws-generic',
  'orchestrator:vm_azure': 'azure-generic',
  'orchestrator:vm_gcp': 'gcp-generic',
  'orchestrator:vm_kubernetes': 'kubernetes-cluster',
  'sandbox:kubernetes': 'kubernetes-cluster',
  'step_operator:azureml': 'azure-generic',
  'step_operator:kubernetes': 'kubernetes-cluster',
  'step_operator:sagemaker': 'aws-generic',
  'step_operator:vertex': 'gcp-generic',
};

/** The method of `ConnectorResource` for each resource type. */
const FACTORIES: Record<string, string> = {
  'aws-generic': 'awsGeneric()',
  'docker-registry': 'dockerRegistry(...)',
  'kubernetes-cluster': 'kubernetesCluster(...)',
  's3-bucket': 's3Bucket(...)',
};

/** The resource type that every flavor of container registry requires. */
const REQUIRED_BY_REGISTRIES = 'docker-registry';

/** A connector that this app defines. The resource type of an existing connector is unknown at synth. */
interface ConnectorOfApp {
  readonly _resourceType?: string;
}

/** Throws when a connector that this app defines gives access to a resource that the component cannot use. */
export function validateConnector(connector: object, componentType: ComponentType, flavor: string): void {
  const given = (connector as ConnectorOfApp)._resourceType;
  const isRegistry = componentType.name === ComponentType.CONTAINER_REGISTRY.name;
  const wanted = isRegistry ? REQUIRED_BY_REGISTRIES : REQUIRED[`${componentType.name}:${flavor}`];
  if (given === undefined || wanted === undefined || given === wanted) { return; }
  const factory = FACTORIES[wanted];
  const remedy = factory
    ? `define a ServiceConnector with ConnectorResource.${factory}`
    : 'create a connector of that cloud in ZenML and refer to it by ServiceConnector.fromServiceConnectorName(...)';
  throw synthError(
    'CZ150',
    `\`connector\` must give access to ${wanted} for a component of type ${componentType.name} and `
      + `flavor ${flavor}, got: ${given}: ${remedy}`,
  );
}
