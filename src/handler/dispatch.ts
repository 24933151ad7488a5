import { Deadline } from './cloudformation/deadline';
import { CloudFormationEvent } from './cloudformation/event';
import { issuedAt } from './cloudformation/issued-at';
import { readIdsOfDeployment, readStackHistory, StackHistory } from './cloudformation/stack-history';
import { DeadlineError, UnreachableError, UserError, ZenmlError } from './errors';
import { EndedUpdate, FailedUpdates } from './failed-updates';
import { ResourceHandler } from './lifecycle';
import { Found, LifecycleContext, Outcome } from './lifecycle/context';
import { outcomeFromEvent } from './lifecycle/failed-update';
import { differOnlyInBehaviour, isTrue, secondsOf, textOf } from './lifecycle/properties';
import { Ports } from './ports';
import { Redactor } from './redaction';
import { ReadAhead } from './server/read-ahead';
import { LoginCache, openSession } from './server/session';
import { ZenmlClient } from './zenml/client';
import { ServiceConnectors } from './zenml/service-connectors';
import { StackComponents } from './zenml/stack-components';
import { Stacks } from './zenml/stacks';
import { parseFailedId, parsePhysicalId } from '../contract/physical-id';
import { normalizeServerUrl } from '../contract/rules';
import { DEFAULT_PROPAGATION_SECONDS } from '../contract/timing';

/** On a Delete a policy is old, or gone for good. */
const DELETE_PROPAGATION_SECONDS = 10;
/** After a failure that changed nothing there is usually nothing to do, so the handler does not wait long for the server that caused it. */
const BRIEF_PATIENCE_MS = 15_000;
/** With ABANDON the handler gives up after a minute per object instead of the whole timeout, but long enough to ride out a server restart. */
const ABANDON_PATIENCE_MS = 60_000;

/** What lives as long as the process. */
export interface ProcessCache {
  readonly logins: LoginCache;
  readonly displacedComponents: Map<string, string>;
  readonly failedUpdates: FailedUpdates;
}

/** One invocation: what `dispatch` is given, and reports back even when it throws. */
export interface Invocation {
  readonly event: CloudFormationEvent;
  readonly handler: ResourceHandler;
  readonly ports: Ports;
  readonly deadline: Deadline;
  readonly redactor: Redactor;
  readonly cache: ProcessCache;
  readonly notes: string[];
  readonly warnings: string[];
  readonly clients: ZenmlClient[];
  /** The Update that this event takes back, where this process has served it. */
  readonly revertedUpdate?: EndedUpdate;
  /** The physical id of an object that exists now. */
  createdPhysicalId?: string;
  /** What an Update has found of its object. */
  found?: Found;
  /** What CloudFormation has answered; asked at most once. */
  history?: Promise<StackHistory>;
}

/** Serves one event; undefined is a Delete's outcome. */
export async function dispatch(invocation: Invocation): Promise<Outcome | undefined> {
  const { event, handler } = invocation;
  switch (event.RequestType) {
    case 'Create': return handler.lifecycle.create(await openContext(invocation));
    case 'Update': return update(invocation);
    case 'Delete': await deleteObject(invocation); return undefined;
  }
}

/** What CloudFormation itself says of its operation at work. */
export async function stackHistory(invocation: Invocation): Promise<StackHistory> {
  invocation.history ??= readStackHistory(invocation.ports, invocation.event);
  return invocation.history;
}

async function update(invocation: Invocation): Promise<Outcome> {
  const { event, handler } = invocation;
  // A change to delete behaviour only must not call the server. Otherwise it could not be deployed once the server is gone, which is when it is needed.
  const unchanged = outcomeFromEvent(handler.kind, event);
  if (unchanged && differOnlyInBehaviour(event.OldResourceProperties, event.ResourceProperties)) { return unchanged; }
  return handler.lifecycle.update(await openContext(invocation));
}

async function deleteObject(invocation: Invocation): Promise<void> {
  const { event, handler, notes, warnings } = invocation;
  let context: LifecycleContext | undefined;
  try {
    context = await openContext(invocation);
    await handler.lifecycle.delete(context);
  } catch (error) {
    // Before the server is open, whatever goes wrong is about reaching it: a fault here must not make the resource undeletable.
    if (!(error instanceof UserError) && context) { throw error; }
    const reason = error instanceof UserError ? error.message : 'unexpected failure on the way to the server';
    // That Create has answered that it had created nothing: there is most likely nothing to delete, and a failure would lock the rollback.
    if (!context && parseFailedId(event.PhysicalResourceId) !== undefined) {
      warnings.push(`not looked for: the Create had created nothing, but a second delivery of it could have: ${reason}`);
      return;
    }
    const isRefused = error instanceof ZenmlError && error.status === 401;
    if (context && !isRefused && !(error instanceof UnreachableError) && !(error instanceof DeadlineError)) { throw error; }
    if (isTrue(event.ResourceProperties, 'AbandonUnreachable')) {
      notes.push(`abandoned: ${reason}`);
      return;
    }
    const object = parsePhysicalId(event.PhysicalResourceId) ? '' : ' An object of this resource may exist in ZenML.';
    throw new UserError(`${reason}.${object} To delete this resource without the server, update it with onUnreachableServer ABANDON first, `
      + 'or delete the stack again and retain this resource');
  }
}

function unreachableTimeoutMs({ event, revertedUpdate }: Invocation): number | undefined {
  if (revertedUpdate && !revertedUpdate.hasWritten) { return BRIEF_PATIENCE_MS; }
  if (event.RequestType !== 'Delete') { return undefined; }
  if (parseFailedId(event.PhysicalResourceId) !== undefined) { return BRIEF_PATIENCE_MS; }
  return isTrue(event.ResourceProperties, 'AbandonUnreachable') ? ABANDON_PATIENCE_MS : undefined;
}

/** A Delete's properties need not be complete, but where they name the server, it must be the binding's: its key is sent nowhere else. */
function expectedUrl({ RequestType, ResourceProperties, OldResourceProperties }: CloudFormationEvent): string | undefined {
  const url = textOf(ResourceProperties, 'ServerUrl') ?? textOf(OldResourceProperties, 'ServerUrl');
  return url === undefined && RequestType === 'Delete' ? undefined : normalizeServerUrl(url ?? '');
}

/** Opens the server; nothing but the name of its binding is taken from the event to find it. */
async function openContext(invocation: Invocation, otherBinding?: string): Promise<LifecycleContext> {
  const { event, deadline, redactor, cache, notes, warnings } = invocation;
  const ahead = new ReadAhead(invocation.ports.aws);
  const ports = { ...invocation.ports, aws: ahead.aws };
  const isDelete = event.RequestType === 'Delete';
  // A rollback to a template of an older library may lack it.
  const bindingName = otherBinding ?? textOf(event.ResourceProperties, 'ServerBinding') ?? textOf(event.OldResourceProperties, 'ServerBinding');
  if (!bindingName) { throw new UserError('property ServerBinding is missing: deploy with one version of the library throughout'); }
  const propagationSeconds = isDelete
    ? DELETE_PROPAGATION_SECONDS : secondsOf(event.ResourceProperties, 'PropagationSeconds', DEFAULT_PROPAGATION_SECONDS);
  const keysBinding = isDelete ? undefined : textOf(event.ResourceProperties, 'KeysBinding');
  if (keysBinding) { ahead.begin(keysBinding, deadline.signal); }
  const session = await openSession({
    ports,
    deadline,
    redactor,
    cache: cache.logins,
    bindingName,
    propagationSeconds,
    patienceMs: unreachableTimeoutMs(invocation),
    requestType: event.RequestType,
    // Only the id: whether the object is on this server is for the lifecycle to say.
    knownServerId: event.RequestType === 'Create' || otherBinding !== undefined ? undefined : parsePhysicalId(event.PhysicalResourceId)?.serverId,
    expectedUrl: otherBinding === undefined ? expectedUrl(event) : undefined,
    opened: (client) => { invocation.clients.push(client); },
  });
  const { client } = session;
  if (session.note) { notes.push(session.note); }
  return {
    event,
    ports,
    deadline,
    redactor,
    session,
    zenml: { connectors: new ServiceConnectors(client), components: new StackComponents(client), stacks: new Stacks(client) },
    issuedAt: issuedAt(event.ResponseURL),
    propagationSeconds,
    revertsEndedUpdate: invocation.revertedUpdate !== undefined,
    displacedComponents: cache.displacedComponents,
    onServerOf: async (name) => openContext(invocation, name),
    phase: async () => (await stackHistory(invocation)).phase,
    physicalIdBefore: async () => (await stackHistory(invocation)).physicalIdBefore,
    idsOfDeployment: async () => readIdsOfDeployment(ports, event),
    mayRevertedUpdateRun: async () => {
      if (invocation.revertedUpdate) { return false; }
      const { phase, hasAnswered } = await stackHistory(invocation);
      return phase === 'unknown' ? undefined : phase === 'rollback' && !hasAnswered;
    },
    isRemoval: async () => {
      const { phase, isRemoval } = await stackHistory(invocation);
      return phase === 'unknown' ? undefined : isRemoval === true;
    },
    // Asked anew each time: the question is what has happened during a wait.
    isCancelled: async () => (await readStackHistory(ports, event)).phase === 'cancelled',
    reportCreated: (physicalId) => { invocation.createdPhysicalId = physicalId; },
    reportFound: (found) => { invocation.found = found; },
    log: (text) => { notes.push(text); },
    warn: (text) => { warnings.push(text); },
  };
}
