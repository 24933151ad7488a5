import { ComponentType } from './component-type';

/**
 * The resource type that ZenML's flavors ask of their connector (`service_connector_requirements`, ZenML 0.98.0). The server accepts any
 * connector, and the component fails when it is used. Flavors that are not listed, custom ones among them, are not judged.
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

/** What makes a connector of each type here. */
const FACTORIES: Record<string, string> = {
  'aws-generic': 'awsGeneric()',
  'docker-registry': 'dockerRegistry(...)',
  'kubernetes-cluster': 'kubernetesCluster(...)',
  's3-bucket': 's3Bucket(...)',
};

/** Every flavor of a container registry asks for it. */
const OF_REGISTRIES = 'docker-registry';

/** Connectors of this app know what they give access to; of one that exists nothing is known at synth. */
interface KnowsItsResource {
  readonly _resourceType?: string;
}

/** @throws when a connector of this app gives access to something that the component cannot use */
export function requireFitConnector(connector: object, componentType: ComponentType, flavor: string): void {
  const given = (connector as KnowsItsResource)._resourceType;
  const wanted = componentType.name === ComponentType.CONTAINER_REGISTRY.name ? OF_REGISTRIES : REQUIRED[`${componentType.name}:${flavor}`];
  if (given === undefined || wanted === undefined || given === wanted) { return; }
  const factory = FACTORIES[wanted];
  throw new Error(`\`connector\` gives access to ${given}, but a component of type ${componentType.name} and flavor ${flavor} needs ${wanted}: `
    + (factory ? `make a ServiceConnector with ConnectorResource.${factory} for it` : 'give one of that cloud, made in ZenML, by ServiceConnector.fromServiceConnectorName(...)'));
}
