import { CfnOutput, Lazy, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { repositoryUriList } from './repository-uris';
import { IServiceConnector } from '../zenml';

/** The attributes of a registry that its outputs contain. */
interface OutputValues {
  readonly registryUri: string;
  /** All repositories. Read at synth, because repositories can be added until then. */
  readonly repositories: ecr.IRepository[];
  readonly defaultRepository: ecr.IRepository;
  readonly dockerLoginCommand: string;
  readonly stackComponentId: string;
  readonly stackComponentName: string;
  readonly accessRole?: iam.IRole;
  readonly connector?: IServiceConnector;
}

/**
 * Adds outputs for the next steps after a deploy. Few, because a template has at most 200 outputs. Without export
 * names, because an exported value can no longer change.
 */
export function registryOutputs(registry: Construct & OutputValues): void {
  registry.node.addValidation({ validate: () => tooManyOutputs(registry) });
  const output = (id: string, value: string, description: string) => {
    new CfnOutput(registry, id, { value, description });
  };
  output(
    'RegistryUri',
    registry.registryUri,
    'Host of the registry, the value of --uri of the container registry in ZenML',
  );
  const repositoryUris = () => {
    return repositoryUriList(registry.registryUri, registry.repositories, registry.defaultRepository);
  };
  output(
    'RepositoryUris',
    Lazy.string({ produce: repositoryUris }),
    'URIs of the repositories, the default repository first',
  );
  output(
    'DockerLoginCommand',
    registry.dockerLoginCommand,
    'Command that logs Docker in with your own AWS credentials',
  );
  output('ContainerRegistryId', registry.stackComponentId, 'UUID of the container registry in ZenML');
  output('ContainerRegistryName', registry.stackComponentName, 'Name of the container registry in ZenML');
  if (registry.accessRole) {
    output('AccessRoleArn', registry.accessRole.roleArn, 'Role that the service connector assumes');
  }
  const connector = registry.connector;
  if (connector) {
    const id = connector.serviceConnectorNameOrId;
    output('ServiceConnectorId', id, 'UUID of the service connector in ZenML');
    output('VerifyCommand', `zenml service-connector verify ${id} --resource-type docker-registry`,
      'Command that verifies that the ZenML server reaches the registry through the service connector');
  }
}

/** CloudFormation's limit for the outputs of a template. */
const MAX_OUTPUTS = 200;

function tooManyOutputs(registry: Construct): string[] {
  const stack = Stack.of(registry);
  const isOutput = (construct: IConstruct) => construct instanceof CfnOutput && Stack.of(construct) === stack;
  const count = stack.node.findAll().filter(isOutput).length;
  if (count <= MAX_OUTPUTS) { return []; }
  return [`a template must have at most ${MAX_OUTPUTS} outputs (CloudFormation's limit), got: ${count}: `
    + 'set `outputs: false` on some registries'];
}
