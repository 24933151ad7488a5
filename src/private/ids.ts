import { IConstruct } from 'constructs';

/** Throws where aws-cdk would only say that there is already a construct of that name: ids are compared after `/` has become `--`. */
export function requireFreeId(scope: IConstruct, id: string, what: string, remedy: string): void {
  const taken = scope.node.tryFindChild(id);
  if (!taken) { return; }
  throw new Error(`${what} has the construct id "${taken.node.id}", which is taken in ${scope.node.path}: ${remedy}`);
}
