import { connectorDifferences } from './connector-differences';
import { HealthCheckDocument, HealthMetric } from '../../contract/health-check';
import { UserError, withCode } from '../errors';
import { LifecycleContext } from '../lifecycle/context';
import { AccessProofContext, proveAccess } from '../lifecycle/kinds/proof-of-access';
import { verified } from '../lifecycle/kinds/verification';
import { isEqual } from '../lifecycle/properties';
import { ServiceConnector } from '../zenml/service-connectors';
import { holds } from '../zenml/stacks';

export type HealthContext = Pick<
  LifecycleContext,
  'ports' | 'deadline' | 'redactor' | 'session' | 'zenml' | 'propagationSeconds' | 'log' | 'warn'
>;

/** What differs from the deployment, one text each. Undefined: the check does not apply. */
type Check = () => Promise<readonly string[] | undefined>;

export type Findings = ReadonlyMap<string, readonly string[]>;

/** Runs all checks; each metric has what is wrong, and nothing where all is well. */
export async function runChecks(context: HealthContext, document: HealthCheckDocument): Promise<Findings> {
  const checks = new HealthChecks(context, document);
  const findings = new Map<string, readonly string[]>();
  const all: [string, Check][] = [
    [HealthMetric.SERVICE_CONNECTOR, async () => checks.serviceConnector()],
    [HealthMetric.STACK_COMPONENT, async () => checks.stackComponent()],
    [HealthMetric.STACKS, async () => checks.stacks()],
    [HealthMetric.ACCESS, async () => checks.access()],
  ];
  for (const [metric, check] of all) {
    const found = await check();
    if (found !== undefined) { findings.set(metric, found); }
  }
  return findings;
}

class HealthChecks {
  private connector?: ServiceConnector;

  public constructor(private readonly context: HealthContext, private readonly document: HealthCheckDocument) {}

  public async serviceConnector(): Promise<readonly string[] | undefined> {
    const { connector: reference, component: { configuration } } = this.document;
    if (!reference) { return undefined; }
    const { connectors } = this.context.zenml;
    this.connector =
      reference.Id === undefined ? (await connectors.byName(reference.Name!))[0] : await connectors.get(reference.Id);
    if (!this.connector) {
      return [withCode('CZ501', `service connector ${reference.Id ?? `"${reference.Name}"`} does not exist`)];
    }
    const { id, name } = this.connector;
    const expectation = {
      what: `service connector "${name}"`,
      registry: String(configuration.uri),
      singleAttempt: true,
    };
    const edited = reference.Deployed ? connectorDifferences(this.connector, reference.Deployed) : [];
    return [
      ...(edited.length > 0
        ? [withCode('CZ502', `service connector "${name}" differs from the deployment: ${edited.join(', ')}`)]
        : []),
      ...(await complaintsOf(async () =>
        verified(this.context, expectation, async () => connectors.verifyStored(id, 'docker-registry')),
      )),
    ];
  }

  public async stackComponent(): Promise<readonly string[]> {
    const { id, configuration } = this.document.component;
    const component = await this.context.zenml.components.get(id);
    if (!component) { return [withCode('CZ501', `stack component ${id} does not exist`)]; }
    const keys = new Set([...Object.keys(configuration), ...Object.keys(component.configuration)]);
    // Only the names: a value that somebody has written there may be a secret.
    const edited = [...keys].filter(
      (key) => !isEqual(configuration[key] ?? null, component.configuration[key] ?? null),
    );
    return [
      ...(edited.length > 0
        ? [withCode('CZ502', `the configuration of stack component "${component.name}" differs: ${edited.join(', ')}`)]
        : []),
      ...(component.connectorId === this.connector?.id
        ? []
        : [withCode('CZ502', `stack component "${component.name}" has another service connector than the deployment`)]),
    ];
  }

  public async stacks(): Promise<readonly string[] | undefined> {
    const { stacks, component } = this.document;
    if (stacks.length === 0) { return undefined; }
    const found: string[] = [];
    for (const id of stacks) {
      const stack = await this.context.zenml.stacks.get(id);
      if (!stack) {
        found.push(withCode('CZ501', `ZenML stack ${id} does not exist`));
      } else if (!holds(stack, component.id)) {
        found.push(withCode('CZ503', `ZenML stack "${stack.name}" does not contain the registry`));
      }
    }
    return found;
  }

  /** Without a connector there are no credentials to prove with: the check of the connector says so. */
  public async access(): Promise<readonly string[] | undefined> {
    const { repositories, component: { configuration } } = this.document;
    if (repositories.length === 0 || !this.connector) { return undefined; }
    const { id, name } = this.connector;
    const warnings: [code: string, text: string][] = [];
    const context: AccessProofContext = {
      ...this.context,
      event: { RequestType: 'Create' },
      phase: async () => 'forward',
      warn: (code, text) => {
        warnings.push([code, text]);
      },
    };
    const refused = await complaintsOf(async () => proveAccess(context, {
      connectorId: id, connector: `service connector "${name}"`, registry: String(configuration.uri), repositories,
    }));
    // What could not be asked is unknown, not unhealthy.
    for (const [code, text] of warnings) { this.context.warn(code, text); }
    return refused.length === 0 && warnings.length > 0 ? undefined : refused;
  }
}

async function complaintsOf(work: () => Promise<void>): Promise<readonly string[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) { throw error; }
    return [withCode(error.code, error.message)];
  }
}
