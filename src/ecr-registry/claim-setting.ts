import { CfnResource, Stack } from 'aws-cdk-lib';
import { isSameEnvironment } from '../private/duplicates';

/**
 * Makes synth fail when the app defines a setting of a registry twice, with this library or with the L1 class. A
 * registry exists once per account and Region, and so does each of its settings: a second resource would overwrite the
 * first, and deleting one of the two would reset the setting.
 *
 * @param resource the resource that defines the setting
 * @param key CloudFormation property that distinguishes settings of one type, such as a prefix; absent for a setting
 * that exists once per registry
 */
export function claimSetting(resource: CfnResource, key?: string): void {
  resource.node.addValidation({
    validate: () => {
      const others = sameSetting(resource, key);
      if (others.length === 0) { return []; }
      const setting = key
        ? `${resource.cfnResourceType} for ${JSON.stringify(keyOf(resource, key))}`
        : resource.cfnResourceType;
      return [`${setting} must be defined once per account and Region, got: a second definition in `
        + `${others.map((other) => other.node.path).join(', ')}, which would overwrite this one: remove one of them`];
    },
  });
}

function sameSetting(resource: CfnResource, key: string | undefined): CfnResource[] {
  return resource.node.root.node.findAll().filter((node): node is CfnResource => node !== resource
    && CfnResource.isCfnResource(node)
    && node.cfnResourceType === resource.cfnResourceType
    && isSameEnvironment(node, resource)
    && (key === undefined || keyOf(node, key) === keyOf(resource, key)));
}

interface RenderedResource { readonly Properties?: Record<string, unknown> }

/** The value of the key. Two values that are unknown at synth are equal if they resolve to the same expression. */
function keyOf(resource: CfnResource, key: string): unknown {
  const stack = Stack.of(resource);
  const rendered = (resource as unknown as { _toCloudFormation(): object })._toCloudFormation();
  const { Resources: resources } = stack.resolve(rendered) as { Resources: Record<string, RenderedResource> };
  const value = Object.values(resources)[0]?.Properties?.[key];
  return typeof value === 'string' ? value : JSON.stringify(value);
}
