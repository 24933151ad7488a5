import { MAX_PROVED_REPOSITORIES, ProvedRepository } from '../../../contract/properties';
import { RefusedProofError, ZenmlError } from '../../errors';
import { quote } from '../../redaction';
import { Judgement, RegistryApi } from '../../registry/registry-api';
import { Retries, SECONDS } from '../../retries';
import { LifecycleContext } from '../context';

/** The exchanges with the registry may take so long in all, waits for IAM excepted, in milliseconds. */
const BUDGET_MS = 20_000;
const QUOTE_MAX_BYTES = 400;

interface Proof {
  readonly connectorId: string;
  /** How messages call the connector: `service connector "x"`. */
  readonly connector: string;
  /** Host of the registry. */
  readonly registry: string;
  readonly repositories: readonly ProvedRepository[];
}

/** What a round over the repositories has shown. */
interface Round {
  /** Repositories that have to be asked again, with what has to be done about the refusal. */
  readonly refused: ReadonlyMap<ProvedRepository, string>;
  readonly proved: number;
  /** Why further repositories were not asked. */
  readonly unproved: readonly string[];
}

/**
 * Proves with the connector's own Docker credentials that pushes to and pulls from the repositories would be let through. ZenML's
 * verification does not: it only lists repositories. A refusal throws, once IAM has had time to know a young policy; what cannot be asked
 * is told in the log.
 */
export async function proveAccess(context: LifecycleContext, proof: Proof): Promise<void> {
  const { clock } = context.ports;
  const retries = new Retries(context, SECONDS, { withinMs: context.propagationSeconds * 1000, endsBeforeDeadline: true });
  let pending = proof.repositories.slice(0, MAX_PROVED_REPOSITORIES);
  const notProved = proof.repositories.slice(MAX_PROVED_REPOSITORIES).map(({ Name }) => Name);
  let proved = 0;
  let leftMs = BUDGET_MS;
  for (let isFirst = true; ; isFirst = false) {
    const began = clock.now();
    const round = await askAll(context, proof, pending, leftMs);
    leftMs -= clock.now() - began;
    proved += round.proved;
    notProved.push(...round.unproved);
    pending = [...round.refused.keys()];
    if (pending.length === 0) { break; }
    const [reason] = round.refused.values();
    if (isFirst && await mayBeRollback(context)) {
      context.warn(`rolled back although the proof of push and pull failed: ${reason}`);
      return;
    }
    if (leftMs <= 0 || !await retries.pause()) { throw new RefusedProofError(`${reason}${others(pending.length - 1)}`); }
  }
  if (proved > 0) { context.log(`proved that push and pull work: ${proved} of ${proof.repositories.length} repositories`); }
  if (notProved.length > 0) { context.log(`push and pull not proved: ${notProved.join(', ')}`); }
}

/** A rollback must not fail over a fault in AWS. Where CloudFormation cannot be asked, an Update counts as one. */
async function mayBeRollback(context: LifecycleContext): Promise<boolean> {
  if (context.event.RequestType !== 'Update') { return false; }
  const phase = await context.phase();
  return phase === 'rollback' || phase === 'unknown';
}

async function askAll(context: LifecycleContext, proof: Proof, repositories: readonly ProvedRepository[], leftMs: number): Promise<Round> {
  const { clock } = context.ports;
  const end = clock.now() + leftMs;
  const refused = new Map<ProvedRepository, string>();
  const unproved: string[] = [];
  let proved = 0;
  const api = await logIn(context, proof);
  if (api instanceof RefusedProofError) {
    return { refused: new Map(repositories.map((repository) => [repository, api.message])), proved, unproved };
  }
  if (typeof api === 'string') {
    context.warn(`push and pull not proved: ${api}`);
    return { refused, proved, unproved };
  }
  for (const [index, repository] of repositories.entries()) {
    const rest = repositories.slice(index).map(({ Name }) => Name);
    if (clock.now() >= end) {
      unproved.push(...rest.map((name) => `${name} (the time for proofs is over)`));
      break;
    }
    const judgement = await api.judge(repository.Name);
    if (judgement.kind === 'allowed') {
      proved++;
    } else if (judgement.kind === 'unknown') {
      const said = quote(context.redactor, judgement.said, QUOTE_MAX_BYTES);
      // The other repositories are on the same host.
      const unasked = judgement.unreachable ? rest : [repository.Name];
      context.warn(`push and pull not proved: ${unasked.join(', ')}: registry ${proof.registry} ${said}`);
      if (judgement.unreachable) { break; }
    } else if (judgement.kind === 'missing' && repository.MayBeMissing === 'true') {
      unproved.push(`${repository.Name} (does not exist: the first push creates it)`);
    } else {
      refused.set(repository, refusalOf(context, proof, repository.Name, judgement));
    }
  }
  return { refused, proved, unproved };
}

/** The registry with the credentials that a pipeline gets; a refusal by AWS, or why ZenML does not hand them out. */
async function logIn(
  context: LifecycleContext, { connectorId, connector, registry }: Proof,
): Promise<RegistryApi | RefusedProofError | string> {
  try {
    const credentials = await context.zenml.connectors.dockerCredentials(connectorId, registry);
    if (!credentials) { return `the answer of ZenML to ${connector}'s Docker credentials has no user name and password`; }
    context.redactor.add(credentials.password);
    return new RegistryApi(context.ports, registry, credentials, context.deadline.signal);
  } catch (error) {
    if (!(error instanceof ZenmlError) || error.isMissing) { throw error; }
    if (error.className === 'AuthorizationException') {
      return new RefusedProofError(`${connector} gets no Docker credentials for registry ${registry}, because AWS refuses it: allow ecr:GetAuthorizationToken on * `
        + 'in the policy of the connector\'s role or user, and let the connector assume that role');
    }
    return `ZenML hands out no Docker credentials of ${connector} (HTTP ${error.status}): allow the API key's account to use the connector`;
  }
}

function refusalOf(
  context: LifecycleContext, { connector, registry }: Proof, name: string, judgement: Exclude<Judgement, { kind: 'allowed' | 'unknown' }>,
): string {
  const repository = `ECR repository "${name}" on ${registry}`;
  if (judgement.kind !== 'refused') { return `${repository} does not exist: create it first, or take it out of the registry's repositories`; }
  const { action, said } = judgement;
  const quoted = quote(context.redactor, said, QUOTE_MAX_BYTES);
  return `${connector} may not ${action === 'ecr:BatchGetImage' ? 'pull from' : 'push to'} ${repository}: ${remedy(action, said)}. ECR said: ${quoted}`;
}

/** AWS names the kind of policy that has decided. */
function remedy(action: string, said: string): string {
  const explicit = /explicit deny/i.test(said);
  if (/resource-based policy/i.test(said)) {
    return explicit ? `remove the statement that denies ${action} from the repository's policy` : `allow ${action} to the connector's role in the repository's policy`;
  }
  const limit = /(service control policy|resource control policy|permissions boundary|session policy|VPC endpoint policy)/i.exec(said)?.[1];
  if (limit) { return `allow ${action} in the ${limit.toLowerCase()}`; }
  if (explicit) { return `remove the statement that denies ${action} from the policy of the connector's role or user`; }
  return `allow ${action} on the repository in the policy of the connector's role or user (a repository of another account also in the repository's policy)`;
}

function others(count: number): string {
  return count > 0 ? ` (and ${count} more ${count === 1 ? 'repository' : 'repositories'})` : '';
}
