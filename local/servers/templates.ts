import { Aspects, CfnResource, Stack } from 'aws-cdk-lib';
import { ComponentType, IStackComponent, StackComponent, ZenMLServer } from '../../src';

/** Orchestrator and artifact store that every server comes with. */
export function defaults(scope: Stack, server: ZenMLServer): IStackComponent[] {
  return [ComponentType.ORCHESTRATOR, ComponentType.ARTIFACT_STORE].map((type) =>
    StackComponent.fromStackComponentName(scope, type.name, server, type, 'default'),
  );
}

/** The local IAM has no propagation delay, so a refusal need not be tried for a minute. */
export function shortenWaits(scope: Stack): void {
  Aspects.of(scope).add({
    visit: (node) => {
      if (
        node instanceof CfnResource
        && /^Custom::ZenML(ServiceConnector|StackComponent)$/.test(node.cfnResourceType)
      ) {
        node.addPropertyOverride('PropagationSeconds', '3');
      }
    },
  });
}

/** Labels that are as long as can be, of so many characters as JSON in ASCII. */
export function labelsOfCharacters(total: number): Record<string, string> {
  const labels: Record<string, string> = {};
  const size = () => JSON.stringify(labels).length;
  for (let index = 0; size() < total - 100; index++) {
    labels[`label-${index}`] = 'v'.repeat(Math.min(4000, total - size() - 30));
  }
  return labels;
}
