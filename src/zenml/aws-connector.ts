import { Annotations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ComputeConnectorOptions } from './compute-connector-options';
import { ConnectorResource } from './connector-resource';
import { IServiceConnector, ServiceConnector } from './service-connector';
import { AuthMethod } from '../contract/auth-methods';
import { synthError } from '../private/synth-error';
import { invalidProp } from '../private/validation';
import { pickRegistrationOptions } from '../server/pick-registration-options';
import { RegistrationOptions } from '../server/registration-options';

/** The service connector of a component, and the role that gets the rights of the component. */
export interface AwsConnector {
  readonly connector: IServiceConnector;
  /** Undefined for a connector without a role, and for a connector that this app does not define. */
  readonly accessRole?: iam.IRole;
}

/** The connector that the options name, or a new one. */
export function awsConnector(
  scope: Construct,
  options: RegistrationOptions & ComputeConnectorOptions,
  resource: ConnectorResource = ConnectorResource.awsGeneric(),
  region?: string,
): AwsConnector {
  const { connector, authentication, serviceConnectorName } = options;
  if (connector) {
    if (authentication) {
      throw synthError(
        'CZ101',
        '`authentication` must not be set together with `connector`, because it belongs to the connector that this construct '
          + 'creates: set it on that connector',
      );
    }
    if (serviceConnectorName !== undefined) {
      throw invalidProp(
        'serviceConnectorName',
        'must not be set together with `connector`',
        serviceConnectorName,
        'set it on that connector',
      );
    }
    return { connector, accessRole: (connector as Partial<ServiceConnector>).accessRole };
  }
  if (authentication?.method === AuthMethod.FEDERATION_TOKEN && resource.resourceType === 'aws-generic') {
    Annotations.of(scope).addWarningV2(
      'cdk-zenml:federationWithoutRights',
      'ZenML adds no session policy to federation tokens of type '
        + 'aws-generic, and a federation token without one permits nothing: pass a `sessionPolicy` that allows what the component calls, '
        + 'or use ConnectorAuthentication.iamRole(...)',
    );
  }
  const made = new ServiceConnector(scope, 'Connector', {
    ...pickRegistrationOptions(options),
    // Connectors are never adopted.
    adoptExisting: undefined,
    serviceConnectorName,
    authentication,
    resource,
    region,
  });
  return { connector: made, accessRole: made.accessRole };
}
