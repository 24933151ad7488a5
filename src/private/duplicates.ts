import { IConstruct } from 'constructs';
import { isUnknown } from './known';
import { topmostStack } from './topmost-stack';

interface Claim { readonly holder: IConstruct; readonly conflicts: (other: IConstruct) => boolean }

/** What the constructs of an app claim, by app, weakly: it holds no app alive. */
const claims = new WeakMap<IConstruct, Map<string, Claim[]>>();

/**
 * Makes it a synth error that two constructs of one app claim the same thing: the second would fail at its deploy, or displace the first.
 *
 * @param key tells things apart; may hold tokens, which are the same only if they are one
 * @param message given the path of the other one
 * @param conflicts whether the other one is known to claim the same; by default it is
 */
export function claimAlone(
  holder: IConstruct, key: string, message: (otherPath: string) => string, conflicts: (other: IConstruct) => boolean = () => true,
): void {
  const ofApp = claims.get(holder.node.root) ?? new Map<string, Claim[]>();
  claims.set(holder.node.root, ofApp);
  const same = ofApp.get(key) ?? [];
  ofApp.set(key, same);
  if (same.some((claim) => claim.holder === holder)) { return; }
  same.push({ holder, conflicts });
  holder.node.addValidation({
    validate: () => same
      // One that was taken out of the tree claims nothing.
      .filter((other) => other.holder !== holder && isInTree(other.holder) && conflicts(other.holder))
      .map((other) => message(other.holder.node.path)),
  });
}

function isInTree(construct: IConstruct): boolean {
  const { scope, id } = construct.node;
  return scope === undefined || (scope.node.tryFindChild(id) === construct && isInTree(scope));
}

/** Whether two constructs are known to be deployed to one account and Region: environment-agnostic stacks may go anywhere. */
export function isSameEnvironment(one: IConstruct, other: IConstruct): boolean {
  const [a, b] = [topmostStack(one), topmostStack(other)];
  if (a === b) { return true; }
  return [a.account, a.region, b.account, b.region].every((value) => !isUnknown(value)) && a.account === b.account && a.region === b.region;
}
