import { quote } from '../../redaction';
import { Judgement } from '../../registry/registry-api';
import { LifecycleContext } from '../context';

const QUOTE_MAX_BYTES = 400;

/** What to do about a repository that refuses a push or pull, or does not exist. */
export function refusalOf(
  context: Pick<LifecycleContext, 'redactor'>,
  { connector, registry }: { readonly connector: string; readonly registry: string },
  name: string,
  judgement: Exclude<Judgement, { kind: 'allowed' | 'unknown' }>,
): string {
  const repository = `ECR repository "${name}" on ${registry}`;
  if (judgement.kind !== 'refused') {
    return `${repository} does not exist: create it first, or take it out of the registry's repositories`;
  }
  const { action, said } = judgement;
  const quoted = quote(context.redactor, said, QUOTE_MAX_BYTES);
  return `${connector} may not ${action === 'ecr:BatchGetImage' ? 'pull from' : 'push to'} ${repository}: ${remedy(action, said)}. ECR said: ${quoted}`;
}

/** AWS names the kind of policy that has decided. */
function remedy(action: string, said: string): string {
  const explicit = /explicit deny/i.test(said);
  if (/resource-based policy/i.test(said)) {
    return explicit
      ? `remove the statement that denies ${action} from the repository's policy`
      : `allow ${action} to the connector's role in the repository's policy`;
  }
  const limit =
    /(service control policy|resource control policy|permissions boundary|session policy|VPC endpoint policy)/i.exec(
      said,
    )?.[1];
  if (limit) { return `allow ${action} in the ${limit.toLowerCase()}`; }
  if (explicit) { return `remove the statement that denies ${action} from the policy of the connector's role or user`; }
  return `allow ${action} on the repository in the policy of the connector's role or user (a repository of another account also in the repository's policy)`;
}
