import { CloudFormationEvent } from './cloudformation/event';
import { issuedAt } from './cloudformation/issued-at';
import { readIdsOfDeployment, readStackHistory } from './cloudformation/stack-history';
import { UserError, withCode } from './errors';
import { Invocation, stackHistory } from './invocation';
import { LifecycleContext } from './lifecycle/context';
import { isTrue, secondsOf, textOf } from './lifecycle/properties';
import { Ports } from './ports';
import { ReadAhead } from './server/read-ahead';
import { openSession, Session } from './server/session';
import { Secrets } from './zenml/secrets';
import { ServiceConnectors } from './zenml/service-connectors';
import { StackComponents } from './zenml/stack-components';
import { Stacks } from './zenml/stacks';
import { parseFailedId, parsePhysicalId } from '../contract/physical-id';
import { normalizeServerUrl } from '../contract/rules';
import { DEFAULT_PROPAGATION_SECONDS } from '../contract/timing';

/** On a Delete a policy is old, or gone for good. */
const DELETE_PROPAGATION_SECONDS = 10;
/**
 * After a failure that changed nothing there is usually nothing to do, so the handler does not wait long for the server
 * that caused it.
 */
const BRIEF_PATIENCE_MS = 15_000;
/**
 * With ABANDON the handler gives up after a minute per object instead of the whole timeout, but long enough to ride out
 * a server restart.
 */
const ABANDON_PATIENCE_MS = 60_000;

/**
 * Opens the server; nothing but the name of its binding is taken from the event to find it. `otherBinding`: opens
 * another server than the event's.
 */
export async function openContext(invocation: Invocation, otherBinding?: string): Promise<LifecycleContext> {
  const { event, deadline, redactor, cache, notes, warnings } = invocation;
  const ahead = new ReadAhead(invocation.ports.aws);
  const ports = { ...invocation.ports, aws: ahead.aws };
  const keysBinding = event.RequestType === 'Delete' ? undefined : textOf(event.ResourceProperties, 'KeysBinding');
  const bindingName = otherBinding ?? bindingNameOf(event);
  if (keysBinding) { ahead.begin(keysBinding, deadline.signal); }
  const session = await sessionOf(invocation, ports, bindingName, otherBinding !== undefined);
  const { client } = session;
  if (session.note) { notes.push(session.note); }
  return {
    event,
    ports,
    deadline,
    redactor,
    session,
    zenml: {
      connectors: new ServiceConnectors(client),
      components: new StackComponents(client),
      stacks: new Stacks(client),
      secrets: new Secrets(client),
    },
    issuedAt: issuedAt(event.ResponseURL),
    propagationSeconds: propagationSecondsOf(event),
    revertsEndedUpdate: invocation.revertedUpdate !== undefined,
    displacedComponents: cache.displacedComponents,
    onServerOf: async (name) => openContext(invocation, name),
    ...questionsToCloudFormation(invocation, ports),
    reportCreated: (physicalId) => {
      invocation.createdPhysicalId = physicalId;
    },
    reportFound: (found) => {
      invocation.found = found;
      invocation.foundAt = invocation.ports.clock.now();
    },
    log: (text) => {
      notes.push(text);
    },
    warn: (code, text) => {
      warnings.push(withCode(code, text));
    },
  };
}

function bindingNameOf({ ResourceProperties, OldResourceProperties }: CloudFormationEvent): string {
  // A rollback to a template of an older library may lack it.
  const name = textOf(ResourceProperties, 'ServerBinding') ?? textOf(OldResourceProperties, 'ServerBinding');
  if (!name) {
    throw new UserError(
      'CZ371',
      'property ServerBinding is missing: deploy with one version of the library throughout',
    );
  }
  return name;
}

function propagationSecondsOf({ RequestType, ResourceProperties }: CloudFormationEvent): number {
  return RequestType === 'Delete'
    ? DELETE_PROPAGATION_SECONDS
    : secondsOf(ResourceProperties, 'PropagationSeconds', DEFAULT_PROPAGATION_SECONDS);
}

async function sessionOf(
  invocation: Invocation,
  ports: Ports,
  bindingName: string,
  isOtherServer: boolean,
): Promise<Session> {
  const { event, deadline, redactor, cache } = invocation;
  return openSession({
    ports,
    deadline,
    redactor,
    cache: cache.logins,
    bindingName,
    propagationSeconds: propagationSecondsOf(event),
    patienceMs: unreachableTimeoutMs(invocation),
    requestType: event.RequestType,
    // Only the id: whether the object is on this server is for the lifecycle to say.
    knownServerId:
      event.RequestType === 'Create' || isOtherServer ? undefined : parsePhysicalId(event.PhysicalResourceId)?.serverId,
    expectedUrl: isOtherServer ? undefined : expectedUrl(event),
    opened: (client) => {
      invocation.clients.push(client);
    },
  });
}

/** What a lifecycle can ask CloudFormation. */
function questionsToCloudFormation(
  invocation: Invocation,
  ports: Ports,
): Pick<
    LifecycleContext,
  'phase' | 'physicalIdBefore' | 'idsOfDeployment' | 'mayRevertedUpdateRun' | 'isRemoval' | 'isCancelled'
  > {
  const { event } = invocation;
  return {
    phase: async () => (await stackHistory(invocation)).phase,
    physicalIdBefore: async () => (await stackHistory(invocation)).physicalIdBefore,
    idsOfDeployment: async () => readIdsOfDeployment(ports, event),
    mayRevertedUpdateRun: async () => {
      if (invocation.revertedUpdate) {
        return false;
      }
      const { phase, hasAnswered } = await stackHistory(invocation);
      return phase === 'unknown' ? undefined : phase === 'rollback' && !hasAnswered;
    },
    isRemoval: async () => {
      const { phase, isRemoval } = await stackHistory(invocation);
      return phase === 'unknown' ? undefined : isRemoval === true;
    },
    // Asked anew each time: the question is what has happened during a wait.
    isCancelled: async () => (await readStackHistory(ports, event)).phase === 'cancelled',
  };
}

function unreachableTimeoutMs({ event, revertedUpdate }: Invocation): number | undefined {
  if (revertedUpdate && !revertedUpdate.hasWritten) { return BRIEF_PATIENCE_MS; }
  if (event.RequestType !== 'Delete') { return undefined; }
  if (parseFailedId(event.PhysicalResourceId) !== undefined) { return BRIEF_PATIENCE_MS; }
  return isTrue(event.ResourceProperties, 'AbandonUnreachable') ? ABANDON_PATIENCE_MS : undefined;
}

/**
 * A Delete's properties need not be complete, but where they name the server, it must be the binding's: its key is sent
 * nowhere else.
 */
function expectedUrl({
  RequestType,
  ResourceProperties,
  OldResourceProperties,
}: CloudFormationEvent): string | undefined {
  const url = textOf(ResourceProperties, 'ServerUrl') ?? textOf(OldResourceProperties, 'ServerUrl');
  return url === undefined && RequestType === 'Delete' ? undefined : normalizeServerUrl(url ?? '');
}
