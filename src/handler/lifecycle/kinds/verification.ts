import { UserError, ZenmlError } from '../../errors';
import { quote } from '../../redaction';
import { Retries, SECONDS } from '../../retries';
import { Verified } from '../../zenml/service-connectors';
import { LifecycleContext } from '../context';

/**
 * What a role, key or policy that AWS does not know everywhere yet can cause; anything else stays wrong however long
 * one waits.
 */
const MAY_PASS =
  /AccessDenied|not authorized|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidAccessKeyId|security token|failed to assume|no ECR repositor|authorization failure/i;
const NEVER_PASSES = /implicit authentication methods? .*disabled|could not connect to the endpoint/i;

const QUOTE_MAX_BYTES = 700;

type VerificationContext = Pick<LifecycleContext, 'ports' | 'deadline' | 'redactor' | 'session' | 'propagationSeconds'>;

interface Expectation {
  /** How the check is called in messages: `service connector "x"`. */
  readonly what: string;
  /** ZenML does not compare: credentials of another account verify just as well. */
  readonly registry?: string;
  readonly singleAttempt: boolean;
}

/** Runs a verification until AWS accepts, what it says is final, or the time for young roles is over. */
export async function verified(
  context: VerificationContext,
  expected: Expectation,
  run: () => Promise<Verified>,
): Promise<void> {
  const retries = new Retries(context, SECONDS, {
    withinMs: context.propagationSeconds * 1000,
    endsBeforeDeadline: true,
  });
  for (;;) {
    const complaint = await attemptOnce(context, expected, run);
    if (!complaint) {
      return;
    }
    if (expected.singleAttempt || complaint.final || !(await retries.pause())) {
      throw new UserError('CZ361', complaint.text);
    }
  }
}

async function attemptOnce(
  context: VerificationContext, expected: Expectation, run: () => Promise<Verified>,
): Promise<{ text: string; final: boolean } | undefined> {
  let answer: Verified;
  try {
    answer = await run();
  } catch (error) {
    if (error instanceof ZenmlError && error.status === 501) {
      throw new UserError(
        'CZ362',
        `ZenML at ${context.session.url} cannot use AWS: the server lacks its AWS packages: pip install 'zenml[connectors-aws]' there`,
      );
    }
    throw error;
  }
  if (answer.error) {
    const said = quote(context.redactor, answer.error, QUOTE_MAX_BYTES);
    return {
      text: `${expected.what} was refused when ZenML tried it: ${said}`,
      final: NEVER_PASSES.test(answer.error) || !MAY_PASS.test(answer.error),
    };
  }
  const registry = expected.registry?.replace(/^https:\/\//, '');
  const reached = answer.resources.get('docker-registry');
  if (registry && !reached?.includes(registry)) {
    const others = quote(context.redactor, (reached ?? []).join(', '), 200) || 'no registry';
    return {
      text: `${expected.what}: its credentials reach ${others}, not ${registry}: correct the account, the Region or the credentials`,
      final: true,
    };
  }
  return undefined;
}
