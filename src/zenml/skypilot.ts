import { Annotations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { IStackComponent } from './stack-component';
import { AuthMethod } from '../contract/auth-methods';

/** Flavor of the orchestrator that runs pipelines on EC2 instances with SkyPilot. */
const VM_AWS = 'vm_aws';

/** A component that this app defines. The flavor and connector of an existing component are unknown at synth. */
interface ComponentOfApp {
  readonly _uses?: { readonly flavor: string; readonly authMethod?: string };
}

/**
 * Warns when a ZenML stack combines SkyPilot with implicit authentication. SkyPilot stores the credentials that it gets
 * and passes those of the registry to its machines. Credentials of `implicit` expire after an hour and cannot be
 * renewed there. ZenML's own deployments of AWS stacks with SkyPilot use keys for that reason, on ZenML Pro as well.
 */
export function warnOfImplicitSkyPilot(scope: Construct, components: readonly IStackComponent[]): void {
  const used = components.map((component) => ({ component, ...(component as ComponentOfApp)._uses }));
  if (!used.some(({ flavor, component }) => flavor === VM_AWS && component.componentType.name === 'orchestrator')) {
    return;
  }
  for (const { component, authMethod } of used) {
    if (authMethod !== AuthMethod.IMPLICIT) { continue; }
    const { path } = component.node;
    Annotations.of(scope).addWarningV2(`cdk-zenml:implicitWithSkyPilot:${path}`, `the orchestrator flavor ${VM_AWS} `
      + `(SkyPilot) does not work with the implicit authentication of ${path}, because its credentials expire after an `
      + `hour. Use ConnectorAuthentication.iamRole(...) for the connector of ${path}`);
  }
}
