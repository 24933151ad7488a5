import { Stack } from 'aws-cdk-lib';
import { StackDescription } from '../../../../local/clients/recorder';
import { SynthesizedTemplate } from '../../../support/synthesized-template';

/** The parts of the only ZenML stack in a template, as they would be registered in ZenML. */
export function describeStack(stack: Stack): StackDescription {
  const template = new SynthesizedTemplate(stack);
  const buckets = Object.entries(template.resourcesOf('AWS::S3::Bucket'))
    .map(([id, { VersioningConfiguration }]) => [id.toLowerCase(), VersioningConfiguration?.Status === 'Enabled']);
  const found = Object.entries(template.resourcesOf('Custom::ZenMLServiceConnector'));
  const connectors = found.map(([id, properties]) => [id, {
    authMethod: properties.AuthMethod,
    resourceType: properties.ResourceType,
    resourceId: properties.ResourceId,
    region: properties.Region,
    roleArn: properties.RoleArn,
    sessionPolicy: properties.SessionPolicy,
  }]);
  const components = Object.entries(template.resourcesOf('Custom::ZenMLStackComponent')).map(([id, properties]) => ({
    name: id,
    type: properties.ComponentType,
    flavor: properties.Flavor,
    configuration: JSON.parse(properties.Configuration),
    connector: properties.Connector?.Id,
    connectorResourceId: properties.ConnectorResourceId,
  }));
  return {
    account: stack.account,
    buckets: Object.fromEntries(buckets),
    connectors: Object.fromEntries(connectors),
    components,
  };
}
