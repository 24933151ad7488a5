import { Annotations, Aspects, CfnDeletionPolicy, CfnResource, RemovalPolicy } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** Before aws-cdk's own aspects that set removal policies (200 and more). */
const EARLY = { priority: 100 };

/** Whether CloudFormation leaves a resource of this policy alone when it leaves the stack. */
export function isKept(policy: RemovalPolicy | undefined): policy is RemovalPolicy {
  return policy === RemovalPolicy.RETAIN || policy === RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
}

/**
 * The policy that CloudFormation gets. RETAIN keeps an object when it is removed or replaced; a create that fails still deletes what it created
 * and gives back what it adopted, or a half-made object would stay behind.
 */
export function effectivePolicy(policy: RemovalPolicy | undefined): RemovalPolicy {
  if (isKept(policy)) { return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE; }
  return policy ?? RemovalPolicy.DESTROY;
}

/**
 * One fate for a registration and what it lives from: an object that stays in ZenML is dead without its role, user, key and rights. Always
 * explicit, so that `MissingRemovalPolicies.of(scope)` treats all of them alike: a key that is kept without its user helps nobody.
 */
export function shareFate(policy: RemovalPolicy | undefined, ...constructs: IConstruct[]): void {
  for (const construct of constructs) {
    const child = CfnResource.isCfnResource(construct) ? construct : construct.node.defaultChild;
    // None where `iam.Role.customizeRoles` replaces what is made here by references.
    if (child && CfnResource.isCfnResource(child)) { child.applyRemovalPolicy(isKept(policy) ? effectivePolicy(policy) : RemovalPolicy.DESTROY); }
  }
}

/** The same for what comes below later: the policy that a role gets with the first grant. */
export function shareFateBelow(policy: RemovalPolicy | undefined, scope: IConstruct): void {
  Aspects.of(scope).add({
    visit: (node) => {
      if (CfnResource.isCfnResource(node) && node.cfnOptions.deletionPolicy === undefined) { shareFate(policy, node); }
    },
  }, EARLY);
}

/** Warns at synth about what CloudFormation deletes although a registration that it keeps needs it. */
export function warnOfLostNeeds(scope: IConstruct, registration: IConstruct, needs: ReadonlySet<IConstruct>): void {
  if (!staysInStack(registration)) { return; }
  const lost = [...new Set([...needs].flatMap(cfnResources))].filter((resource) => !stays(resource)).map(describe);
  if (lost.length === 0) { return; }
  Annotations.of(scope).addWarningV2('cdk-zenml:keptWithoutWhatItNeeds', 'the object stays in ZenML (`removalPolicy`), but CloudFormation deletes what it needs: '
    + `${lost.slice(0, 5).join(', ')}${lost.length > 5 ? ` and ${lost.length - 5} more` : ''}; give them the same removal policy`);
}

/** Whether CloudFormation leaves a registration alone, as the template finally says it. */
export function staysInStack(registration: IConstruct): boolean {
  return cfnResources(registration).some(stays);
}

function cfnResources(construct: IConstruct): CfnResource[] {
  return construct.node.findAll().filter(CfnResource.isCfnResource);
}

function stays(resource: CfnResource): boolean {
  const { deletionPolicy } = resource.cfnOptions;
  return deletionPolicy === CfnDeletionPolicy.RETAIN || deletionPolicy === CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE;
}

function describe(resource: CfnResource): string {
  const { path } = resource.node;
  return path.replace(/(\/(Resource|Default))+$/, '');
}
