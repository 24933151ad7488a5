import { Annotations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { IStackComponent } from './stack-component';
import { AuthMethod } from '../contract/auth-methods';

/** Flavor of ZenML's orchestrator that runs pipelines on EC2 instances by SkyPilot. */
const VM_AWS = 'vm_aws';

/** Components of this app know what they are and use; of one that exists nothing is known at synth. */
interface KnowsWhatItUses {
  readonly _uses?: { readonly flavor: string; readonly authMethod?: string };
}

/**
 * SkyPilot keeps the credentials that it is given and hands the registry's to its machines. Those of `implicit` end after an hour and cannot be
 * renewed there; ZenML's own deployments of AWS stacks give keys to a stack with SkyPilot for that reason, also on ZenML Pro.
 */
export function warnOfImplicitSkyPilot(scope: Construct, components: readonly IStackComponent[]): void {
  const used = components.map((component) => ({ component, ...(component as KnowsWhatItUses)._uses }));
  if (!used.some(({ flavor, component }) => flavor === VM_AWS && component.componentType.name === 'orchestrator')) { return; }
  for (const { component, authMethod } of used) {
    if (authMethod !== AuthMethod.IMPLICIT) { continue; }
    Annotations.of(scope).addWarningV2(`cdk-zenml:implicitWithSkyPilot:${component.node.path}`, `the orchestrator is of flavor ${VM_AWS} (SkyPilot), which does not work with the `
      + `implicit authentication of ${component.node.path}: its credentials end after an hour. Give its connector ConnectorAuthentication.iamRole(...)`);
  }
}
