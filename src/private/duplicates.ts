import { IConstruct } from 'constructs';
import { isUnknown } from './known';
import { topmostStack } from './topmost-stack';

interface Claim { readonly holder: IConstruct; readonly conflicts: (other: IConstruct) => boolean }

/** Claims of the constructs by app and key. Weak keys, so that the map keeps no app in memory. */
const claims = new WeakMap<IConstruct, Map<string, Claim[]>>();

/**
 * Makes synth fail when two constructs of one app claim the same thing, because the deployment of the second would fail
 * or displace the first.
 *
 * @param key identifies the claimed thing; two keys with tokens are equal only if the tokens are the same
 * @param message the error, given the path of the other construct
 * @param conflicts whether another holder is known to claim the same thing; by default always
 */
export function claimAlone(
  holder: IConstruct, key: string, message: (otherPath: string) => string,
  conflicts: (other: IConstruct) => boolean = () => true,
): void {
  const ofApp = claims.get(holder.node.root) ?? new Map<string, Claim[]>();
  claims.set(holder.node.root, ofApp);
  const same = ofApp.get(key) ?? [];
  ofApp.set(key, same);
  if (same.some((claim) => claim.holder === holder)) { return; }
  same.push({ holder, conflicts });
  holder.node.addValidation({
    validate: () => same
      // A construct that was removed from the tree claims nothing.
      .filter((other) => other.holder !== holder && isInTree(other.holder) && conflicts(other.holder))
      .map((other) => message(other.holder.node.path)),
  });
}

function isInTree(construct: IConstruct): boolean {
  const { scope, id } = construct.node;
  return scope === undefined || (scope.node.tryFindChild(id) === construct && isInTree(scope));
}

/**
 * Whether two constructs are known to be deployed to one account and Region. Two environment-agnostic stacks can be
 * deployed to different environments, so only constructs of one such stack are in the same environment.
 */
export function isSameEnvironment(one: IConstruct, other: IConstruct): boolean {
  const [a, b] = [topmostStack(one), topmostStack(other)];
  if (a === b) { return true; }
  const known = [a.account, a.region, b.account, b.region].every((value) => !isUnknown(value));
  return known && a.account === b.account && a.region === b.region;
}
