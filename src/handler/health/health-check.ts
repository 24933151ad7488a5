import { Findings, HealthContext, runChecks } from './checks';
import { parseDocument } from './document';
import { readOnly } from './read-only';
import { healthReport } from './report';
import { HEALTH_CHECK_PARAMETER_VARIABLE, HealthCheckDocument } from '../../contract/health-check';
import { startDeadline } from '../cloudformation/deadline';
import { UserError, withCode } from '../errors';
import { Ports } from '../ports';
import { Redactor } from '../redaction';
import { fetchParameter } from '../server/bindings';
import { LoginCache, openSession, parameterReader } from '../server/session';
import { Secrets } from '../zenml/secrets';
import { ServiceConnectors } from '../zenml/service-connectors';
import { StackComponents } from '../zenml/stack-components';
import { Stacks } from '../zenml/stacks';

/** A policy that is denied to an old role stays denied, so a health check does not wait long. */
const PROPAGATION_SECONDS = 5;
/** A server that restarts is waited for, in milliseconds. */
const PATIENCE_MS = 30_000;

/** One line of the log: CloudWatch Logs reads the metrics from it. */
export type WriteReport = (report: object) => void;

/**
 * The Lambda's handler of a health check. It looks at the registry as the deployment has described it, changes nothing,
 * and takes nothing from the event. A check that cannot run at all is an error of the function, which CloudWatch
 * counts.
 */
export function makeHealthCheck(
  ports: Ports,
  write: WriteReport,
): (event?: unknown, context?: unknown) => Promise<void> {
  const logins: LoginCache = new Map();
  return async (_, lambdaContext) => {
    const started = ports.clock.now();
    const deadline = startDeadline(ports.clock, lambdaContext, false);
    const request = { ports: readOnly(ports), deadline, propagationSeconds: PROPAGATION_SECONDS };
    const redactor = new Redactor();
    try {
      const name = ports.env[HEALTH_CHECK_PARAMETER_VARIABLE] ?? '';
      const document = parseDocument(
        name,
        await fetchParameter(name, 'describes the health check', parameterReader(request)),
      );
      const warnings: string[] = [];
      const result = await look({ ...request, redactor, logins, document, warnings });
      const redacted = warnings.map((text) => redactor.redact(text));
      write(
        healthReport(document, {
          ...result,
          warnings: redacted,
          at: started,
          milliseconds: ports.clock.now() - started,
        }),
      );
    } finally {
      deadline.cancel();
    }
  };
}

interface Look extends Pick<HealthContext, 'ports' | 'deadline' | 'redactor' | 'propagationSeconds'> {
  readonly logins: LoginCache;
  readonly document: HealthCheckDocument;
  readonly warnings: string[];
}

/** The findings, or why ZenML could not be asked. */
async function look(request: Look): Promise<{ findings: Findings; unreachable?: string }> {
  const { ports, deadline, redactor, propagationSeconds, logins, document, warnings } = request;
  try {
    const session = await openSession({
      ports,
      deadline,
      redactor,
      propagationSeconds,
      cache: logins,
      bindingName: document.serverBinding,
      requestType: 'Update',
      patienceMs: PATIENCE_MS,
      opened: () => {},
    });
    const { client } = session;
    const zenml = {
      connectors: new ServiceConnectors(client),
      components: new StackComponents(client),
      stacks: new Stacks(client),
      secrets: new Secrets(client),
    };
    const context: HealthContext = {
      ports,
      deadline,
      redactor,
      session,
      zenml,
      propagationSeconds,
      log: () => {},
      warn: (code, text) => {
        warnings.push(withCode(code, text));
      },
    };
    const findings = await runChecks(context, document);
    return {
      findings: new Map([...findings].map(([metric, texts]) => [metric, texts.map((text) => redactor.redact(text))])),
    };
  } catch (error) {
    if (!(error instanceof UserError)) { throw error; }
    return { findings: new Map(), unreachable: redactor.redact(withCode(error.code, error.message)) };
  }
}
