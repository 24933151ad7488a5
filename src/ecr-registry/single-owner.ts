import { CfnResource, Stack, Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { isUnknown } from '../private/known';

/**
 * A registry is one for each account and Region, and each of its settings is one, too: a second resource overwrites the first, and whichever
 * is deleted resets the setting for both. This makes a second owner in the app a synth error, also one that uses the L1 class.
 *
 * @param resource the resource that owns the setting
 * @param key CloudFormation property that tells settings of one kind apart (a prefix); none for a setting that exists once
 */
export function assertSingleOwner(resource: CfnResource, key?: string): void {
  resource.node.addValidation({
    validate: () => {
      const others = sameSetting(resource, key);
      if (others.length === 0) { return []; }
      const what = key ? `for ${JSON.stringify(keyOf(resource, key))} ` : '';
      return [`${resource.cfnResourceType} ${what}exists once per account and Region, and ${others.map((other) => other.node.path).join(', ')} `
        + 'sets it too: they would overwrite each other; keep one of them'];
    },
  });
}

function sameSetting(resource: CfnResource, key: string | undefined): CfnResource[] {
  return resource.node.root.node.findAll().filter((node): node is CfnResource => node !== resource
    && CfnResource.isCfnResource(node)
    && node.cfnResourceType === resource.cfnResourceType
    && sameRegistry(node, resource)
    && (key === undefined || keyOf(node, key) === keyOf(resource, key)));
}

/** Environment-agnostic stacks of one stage are deployed together; those of different stages may go anywhere. */
function sameRegistry(one: IConstruct, other: IConstruct): boolean {
  const [a, b] = [Stack.of(one), Stack.of(other)];
  if (a === b) { return true; }
  const known = [a.account, a.region, b.account, b.region].every((value) => !isUnknown(value));
  return a.account === b.account && a.region === b.region && (known || Stage.of(a) === Stage.of(b));
}

/** Two values that only CloudFormation knows are the same if they resolve to the same expression. */
function keyOf(resource: CfnResource, key: string): unknown {
  const stack = Stack.of(resource);
  const template: unknown = stack.resolve((resource as unknown as { _toCloudFormation(): object })._toCloudFormation());
  const properties = Object.values((template as { Resources: Record<string, { Properties?: Record<string, unknown> }> }).Resources)[0]?.Properties;
  const value = properties?.[key];
  return typeof value === 'string' ? value : JSON.stringify(value);
}
