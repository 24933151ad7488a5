import { refusalOf } from './refused-access';
import { MAX_PROVED_REPOSITORIES, ProvedRepository } from '../../../contract/properties';
import { RefusedProofError, ZenmlError } from '../../errors';
import { quote } from '../../redaction';
import { RegistryApi } from '../../registry/registry-api';
import { Retries, SECONDS } from '../../retries';
import { LifecycleContext } from '../context';

/** The exchanges with the registry may take so long in all, waits for IAM excepted, in milliseconds. */
const BUDGET_MS = 20_000;
const QUOTE_MAX_BYTES = 400;

/** What a proof uses of an event's context; a health check has no event of CloudFormation. */
export type AccessProofContext = Pick<
  LifecycleContext,
  'ports' | 'deadline' | 'redactor' | 'zenml' | 'propagationSeconds' | 'phase' | 'log' | 'warn'
> & { readonly event: Pick<LifecycleContext['event'], 'RequestType'> };

interface Proof {
  readonly connectorId: string;
  /** How messages call the connector: `service connector "x"`. */
  readonly connector: string;
  /** Host of the registry. */
  readonly registry: string;
  readonly repositories: readonly ProvedRepository[];
}

/**
 * Proves with the connector's own Docker credentials that pushes to and pulls from the repositories would be let
 * through. ZenML's verification does not: it only lists repositories. A refusal throws, once IAM has had time to know a
 * young policy; what cannot be asked is told in the log.
 */
export async function proveAccess(context: AccessProofContext, proof: Proof): Promise<void> {
  await new AccessProof(context, proof).run();
}

class AccessProof {
  private proved = 0;
  private readonly notProved: string[] = [];
  /** Time that is left for exchanges with the registry. */
  private leftMs = BUDGET_MS;
  /** Repositories that were refused, with what has to be done about it. */
  private refused = new Map<ProvedRepository, string>();

  public constructor(private readonly context: AccessProofContext, private readonly proof: Proof) {}

  public async run(): Promise<void> {
    const { context, proof } = this;
    const retries = new Retries(context, SECONDS, {
      withinMs: context.propagationSeconds * 1000,
      endsBeforeDeadline: true,
    });
    this.notProved.push(...proof.repositories.slice(MAX_PROVED_REPOSITORIES).map(({ Name }) => Name));
    await this.askAll(proof.repositories.slice(0, MAX_PROVED_REPOSITORIES));
    if (this.refused.size > 0 && await mayBeRollback(context)) {
      context.warn('CZ401', `rolled back although the proof of push and pull failed: ${this.firstRefusal}`);
      return;
    }
    while (this.refused.size > 0) {
      if (this.leftMs <= 0 || !(await retries.pause())) {
        throw new RefusedProofError('CZ363', `${this.firstRefusal}${others(this.refused.size - 1)}`);
      }
      await this.askAll([...this.refused.keys()]);
    }
    if (this.proved > 0) {
      context.log(`proved that push and pull work: ${this.proved} of ${proof.repositories.length} repositories`);
    }
    if (this.notProved.length > 0) { context.log(`push and pull not proved: ${this.notProved.join(', ')}`); }
  }

  private get firstRefusal(): string {
    return [...this.refused.values()][0]!;
  }

  /** One round: asks for each repository, with credentials of its own. */
  private async askAll(repositories: readonly ProvedRepository[]): Promise<void> {
    const { clock } = this.context.ports;
    const began = clock.now();
    this.refused = new Map();
    const api = await logIn(this.context, this.proof);
    if (api instanceof RefusedProofError) {
      this.refused = new Map(repositories.map((repository) => [repository, api.message]));
    } else if (typeof api === 'string') {
      this.context.warn('CZ402', `push and pull not proved: ${api}`);
    } else {
      await this.askEach(api, repositories, began + this.leftMs);
    }
    this.leftMs -= clock.now() - began;
  }

  private async askEach(api: RegistryApi, repositories: readonly ProvedRepository[], endMs: number): Promise<void> {
    const { context, proof } = this;
    for (const [index, repository] of repositories.entries()) {
      const rest = repositories.slice(index).map(({ Name }) => Name);
      if (context.ports.clock.now() >= endMs) {
        this.notProved.push(...rest.map((name) => `${name} (the time for proofs is over)`));
        return;
      }
      const judgement = await api.judge(repository.Name);
      if (judgement.kind === 'allowed') {
        this.proved++;
      } else if (judgement.kind === 'unknown') {
        const said = quote(context.redactor, judgement.said, QUOTE_MAX_BYTES);
        // The other repositories are on the same host.
        const unasked = judgement.unreachable ? rest : [repository.Name];
        context.warn('CZ402', `push and pull not proved: ${unasked.join(', ')}: registry ${proof.registry} ${said}`);
        if (judgement.unreachable) { return; }
      } else if (judgement.kind === 'missing' && repository.MayBeMissing === 'true') {
        this.notProved.push(`${repository.Name} (does not exist: the first push creates it)`);
      } else {
        this.refused.set(repository, refusalOf(context, proof, repository.Name, judgement));
      }
    }
  }
}

/** A rollback must not fail over a fault in AWS. Where CloudFormation cannot be asked, an Update counts as one. */
async function mayBeRollback(context: AccessProofContext): Promise<boolean> {
  if (context.event.RequestType !== 'Update') { return false; }
  const phase = await context.phase();
  return phase === 'rollback' || phase === 'unknown';
}

/** The registry with the credentials that a pipeline gets; a refusal by AWS, or why ZenML does not hand them out. */
async function logIn(
  context: AccessProofContext, { connectorId, connector, registry }: Proof,
): Promise<RegistryApi | RefusedProofError | string> {
  try {
    const credentials = await context.zenml.connectors.dockerCredentials(connectorId, registry);
    if (!credentials) {
      return `the answer of ZenML to ${connector}'s Docker credentials has no user name and password`;
    }
    context.redactor.add(credentials.password);
    return new RegistryApi(context.ports, registry, credentials, context.deadline.signal);
  } catch (error) {
    if (!(error instanceof ZenmlError) || error.isMissing) { throw error; }
    if (error.className === 'AuthorizationException') {
      return new RefusedProofError(
        'CZ364',
        `${connector} gets no Docker credentials for registry ${registry}, because AWS refuses it: allow ecr:GetAuthorizationToken on * `
          + "in the policy of the connector's role or user, and let the connector assume that role",
      );
    }
    return `ZenML hands out no Docker credentials of ${connector} (HTTP ${error.status}): allow the API key's account to use the connector`;
  }
}

function others(count: number): string {
  return count > 0 ? ` (and ${count} more ${count === 1 ? 'repository' : 'repositories'})` : '';
}
