import { DeployedConnector } from '../../contract/health-check';
import { isEqual } from '../lifecycle/properties';
import { ServiceConnector } from '../zenml/service-connectors';

/** Names of the fields in which a connector differs from the deployment. */
export function connectorDifferences(found: ServiceConnector, deployed: DeployedConnector): string[] {
  const fields: [string, unknown, unknown][] = [
    ['authentication method', found.authMethod, deployed.AuthMethod],
    ['resource types', found.resourceTypes, [deployed.ResourceType]],
    ['resource id', found.resourceId, deployed.ResourceId],
    ['region', found.region, deployed.Region],
    ['role_arn', found.roleArn, deployed.RoleArn],
  ];
  return fields.filter(([, is, wanted]) => !isEqual(is ?? null, wanted ?? null)).map(([name]) => name);
}
