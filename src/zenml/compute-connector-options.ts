import { ConnectorAuthentication } from './authentication';
import { IServiceConnector } from './service-connector';

/** How a component that starts jobs or builds in AWS reaches AWS. */
export interface ComputeConnectorOptions {
  /**
   * A service connector of resource type `aws-generic` that several components share. The component grants rights to
   * the role of a connector that this app defines. For any other connector, grant them to its role with the method
   * `grant...` of the component.
   *
   * @default - a new service connector with a role of its own
   */
  readonly connector?: IServiceConnector;
  /**
   * How the new service connector authenticates to AWS.
   *
   * @default ConnectorAuthentication.automatic()
   */
  readonly authentication?: ConnectorAuthentication;
  /**
   * Name of the new service connector in ZenML, at most 240 characters, or 255 for a connector that stores no keys
   * (ZenML's limits).
   *
   * @default - the construct's path and six hex digits
   */
  readonly serviceConnectorName?: string;
}
