import { Annotations, Aspects, CfnDeletionPolicy, CfnResource, RemovalPolicy } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** Runs before aws-cdk's own aspects that set removal policies (priority 200 and more). */
const EARLY = { priority: 100 };

/** A warning names at most this many resources. */
const NAMED_RESOURCES = 5;

/** Whether CloudFormation retains a resource with this policy when the resource leaves the stack. */
export function isRetained(policy: RemovalPolicy | undefined): policy is RemovalPolicy {
  return policy === RemovalPolicy.RETAIN || policy === RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
}

/**
 * The removal policy for CloudFormation. RETAIN becomes RETAIN_ON_UPDATE_OR_DELETE: a create that fails still deletes
 * what it created and restores what it adopted. Otherwise an incomplete object would remain.
 */
export function effectivePolicy(policy: RemovalPolicy | undefined): RemovalPolicy {
  if (isRetained(policy)) { return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE; }
  return policy ?? RemovalPolicy.DESTROY;
}

/**
 * Gives the resources that a registered object needs the object's removal policy: an object that is retained in ZenML
 * does not work without its role, user, key and policies. The policy is always explicit, so that
 * `MissingRemovalPolicies.of(scope)` treats all of them alike.
 */
export function applySharedPolicy(policy: RemovalPolicy | undefined, ...constructs: IConstruct[]): void {
  for (const construct of constructs) {
    const child = CfnResource.isCfnResource(construct) ? construct : construct.node.defaultChild;
    // There is no child where `iam.Role.customizeRoles` replaces new roles by imported ones.
    if (child && CfnResource.isCfnResource(child)) {
      child.applyRemovalPolicy(isRetained(policy) ? effectivePolicy(policy) : RemovalPolicy.DESTROY);
    }
  }
}

/**
 * Applies the policy to children that are added later as well, such as the default policy that a role gets with the
 * first grant.
 */
export function applySharedPolicyBelow(policy: RemovalPolicy | undefined, scope: IConstruct): void {
  Aspects.of(scope).add({
    visit: (node) => {
      if (CfnResource.isCfnResource(node) && node.cfnOptions.deletionPolicy === undefined) {
        applySharedPolicy(policy, node);
      }
    },
  }, EARLY);
}

/** Warns at synth about resources that a retained registration needs, but that CloudFormation deletes. */
export function warnOfDeletedNeeds(scope: IConstruct, registration: IConstruct, needs: ReadonlySet<IConstruct>): void {
  if (!isRetainedInTemplate(registration)) { return; }
  const needed = [...new Set([...needs].flatMap(cfnResources))];
  const deleted = needed.filter((resource) => !isRetainedResource(resource)).map(describe);
  if (deleted.length === 0) { return; }
  const more = deleted.length > NAMED_RESOURCES ? ` and ${deleted.length - NAMED_RESOURCES} more` : '';
  Annotations.of(scope).addWarningV2('cdk-zenml:keptWithoutWhatItNeeds', '`removalPolicy` retains the object in ZenML, '
    + 'but CloudFormation deletes resources that the object needs: '
    + `${deleted.slice(0, NAMED_RESOURCES).join(', ')}${more}. Give these resources the same removal policy`);
}

/** Whether the final template retains a registration. */
export function isRetainedInTemplate(registration: IConstruct): boolean {
  return cfnResources(registration).some(isRetainedResource);
}

function cfnResources(construct: IConstruct): CfnResource[] {
  return construct.node.findAll().filter(CfnResource.isCfnResource);
}

function isRetainedResource(resource: CfnResource): boolean {
  const { deletionPolicy } = resource.cfnOptions;
  return deletionPolicy === CfnDeletionPolicy.RETAIN || deletionPolicy === CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE;
}

function describe(resource: CfnResource): string {
  return resource.node.path.replace(/(\/(Resource|Default))+$/, '');
}
