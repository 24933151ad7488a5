import { CfnOutput } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { IServiceConnector } from '../zenml';

/** The attributes of an artifact store that its outputs contain. */
interface OutputValues {
  readonly artifactStorePath: string;
  readonly stackComponentId: string;
  readonly stackComponentName: string;
  readonly accessRole?: iam.IRole;
  readonly connector: IServiceConnector;
}

/** Adds outputs for the next steps after a deploy. */
export function artifactStoreOutputs(store: Construct & OutputValues): void {
  const output = (id: string, value: string, description: string) => {
    new CfnOutput(store, id, { value, description });
  };
  output('ArtifactStorePath', store.artifactStorePath, 'Path of the artifact store in ZenML');
  output('ArtifactStoreId', store.stackComponentId, 'UUID of the artifact store in ZenML');
  output('ArtifactStoreName', store.stackComponentName, 'Name of the artifact store in ZenML');
  if (store.accessRole) {
    output('AccessRoleArn', store.accessRole.roleArn, 'Role that the service connector assumes');
  }
  const id = store.connector.serviceConnectorNameOrId;
  output('ServiceConnectorId', id, 'UUID of the service connector in ZenML');
  output('VerifyCommand', `zenml service-connector verify ${id} --resource-type s3-bucket`,
    'Command that verifies that the ZenML server reaches the bucket through the service connector');
  output('IntegrationInstallCommand', 'zenml integration install s3',
    'Command that installs what a machine needs to use the artifact store');
}
