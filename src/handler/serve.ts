import { Deadline } from './cloudformation/deadline';
import { CloudFormationEvent } from './cloudformation/event';
import { issuedAt } from './cloudformation/issued-at';
import { DeadlineError, UnreachableError, UserError, ZenmlError } from './errors';
import { Served } from './lifecycle';
import { nameOf } from './lifecycle/naming';
import { differOnlyInBehaviour, isTrue, secondsOf, textOf } from './lifecycle/properties';
import { Outcome, Work } from './lifecycle/work';
import { Ports } from './ports';
import { Redactor } from './redaction';
import { LoginCache, openSession } from './server/session';
import { Untouched } from './untouched';
import { ZenmlClient } from './zenml/client';
import { ServiceConnectors } from './zenml/service-connectors';
import { StackComponents } from './zenml/stack-components';
import { Stacks } from './zenml/stacks';
import { parseFailedId, parsePhysicalId } from '../contract/physical-id';
import { normalizeServerUrl } from '../contract/rules';

const DEFAULT_PROPAGATION_SECONDS = 60;
/** On a Delete a policy is old, or gone for good. */
const DELETE_PROPAGATION_SECONDS = 10;
/** What follows a failure that changed nothing has most likely nothing to do: no long waiting for the server that made it fail. */
const BRIEF_PATIENCE_MS = 15_000;
/** Who gave up on the server in advance does not want to wait five minutes for each object, but no restart may look like the end. */
const ABANDON_PATIENCE_MS = 60_000;

/** What lives as long as the process. */
export interface Memory {
  readonly logins: LoginCache;
  readonly displaced: Map<string, string>;
  readonly untouched: Untouched;
}

/** One invocation: what `serve` is given, and tells back even when it throws. */
export interface Invocation {
  readonly event: CloudFormationEvent;
  readonly served: Served;
  readonly ports: Ports;
  readonly deadline: Deadline;
  readonly redactor: Redactor;
  readonly memory: Memory;
  readonly notes: string[];
  readonly clients: ZenmlClient[];
  /** The physical id of an object that exists now. */
  made?: string;
}

/** Serves one event; undefined is a Delete's outcome. */
export async function serve(invocation: Invocation): Promise<Outcome | undefined> {
  const { event, served } = invocation;
  if (event.RequestType === 'Delete') {
    await remove(invocation);
    return undefined;
  }
  if (event.RequestType === 'Create') {
    return served.lifecycle.create(await work(invocation));
  }
  return change(invocation);
}

async function change(invocation: Invocation): Promise<Outcome> {
  const { event, served, memory, ports, notes } = invocation;
  const asItWas = told(invocation);
  // Nothing but behaviour asks nothing of the server: or nobody could opt in to what helps when the server is gone.
  if (asItWas && differOnlyInBehaviour(event.OldResourceProperties, event.ResourceProperties)) { return asItWas; }
  const rollback = memory.untouched.isRollback(event, ports.clock.now()) ? asItWas : undefined;
  try {
    return await served.lifecycle.update(await work(invocation, { rollback: rollback !== undefined }));
  } catch (error) {
    // The Update that this takes back wrote nothing: a server that is still down must not lock the CloudFormation stack.
    if (!rollback || !(error instanceof UnreachableError)) { throw error; }
    notes.push(`as it was, though not checked: ${error.message}`);
    return rollback;
  }
}

/** What can be answered without asking: all of it stands in the id and the properties. */
function told({ event, served }: Invocation): Outcome | undefined {
  const id = parsePhysicalId(event.PhysicalResourceId);
  if (id?.kind !== served.kind) { return undefined; }
  const properties = { Name: textOf(event.ResourceProperties, 'Name'), NamePrefix: textOf(event.ResourceProperties, 'NamePrefix') };
  const name = id.kind === 'stack-attachment' ? id.tail : nameOf(properties, id.tail);
  return { physicalId: event.PhysicalResourceId!, id: id.uuid, name };
}

async function remove(invocation: Invocation): Promise<void> {
  const { event, served, notes } = invocation;
  const isNamed = parsePhysicalId(event.PhysicalResourceId) !== undefined;
  let session: Work | undefined;
  try {
    session = await work(invocation);
  } catch (error) {
    return excuse(error);
  }
  try {
    await served.lifecycle.delete(session);
  } catch (error) {
    return excuse(error);
  }

  function excuse(error: unknown): void {
    if (!(error instanceof UserError)) { throw error; }
    const refused = error instanceof ZenmlError && error.status === 401;
    const unreachable = !session || refused || error instanceof UnreachableError || error instanceof DeadlineError;
    if (!isNamed && unreachable) {
      notes.push(`nothing to look at: ${error.message}`);
      return;
    }
    if (unreachable && isTrue(event.ResourceProperties, 'AbandonUnreachable')) {
      notes.push(`abandoned: ${error.message}`);
      return;
    }
    if (unreachable) {
      throw new UserError(`${error.message}. To delete this resource without the server, update it with unreachableServer ABANDON first, `
        + 'or delete the stack again and retain this resource');
    }
    throw error;
  }
}

function patienceMs(event: CloudFormationEvent, rollback: boolean | undefined): number | undefined {
  if (rollback) { return BRIEF_PATIENCE_MS; }
  if (event.RequestType !== 'Delete') { return undefined; }
  if (parseFailedId(event.PhysicalResourceId) !== undefined) { return BRIEF_PATIENCE_MS; }
  return isTrue(event.ResourceProperties, 'AbandonUnreachable') ? ABANDON_PATIENCE_MS : undefined;
}

/** A Delete's properties need not be whole, but where they name the server they must name the binding's: its key goes nowhere else. */
function expectedUrl({ RequestType, ResourceProperties }: CloudFormationEvent): string | undefined {
  const url = textOf(ResourceProperties, 'ServerUrl');
  return url === undefined && RequestType === 'Delete' ? undefined : normalizeServerUrl(url ?? '');
}

/** Opens the server; from the event nothing but the name of its binding is used to find that. */
async function work(invocation: Invocation, { other, rollback }: { other?: string; rollback?: boolean } = {}): Promise<Work> {
  const { event, ports, deadline, redactor, memory, notes } = invocation;
  const isDelete = event.RequestType === 'Delete';
  const bindingName = other ?? textOf(event.ResourceProperties, 'ServerBinding');
  if (!bindingName) { throw new UserError('property ServerBinding is missing: deploy with one version of the library throughout'); }
  const propagationSeconds = isDelete
    ? DELETE_PROPAGATION_SECONDS : secondsOf(event.ResourceProperties, 'PropagationSeconds', DEFAULT_PROPAGATION_SECONDS);
  const session = await openSession({
    ports,
    deadline,
    redactor,
    cache: memory.logins,
    bindingName,
    propagationSeconds,
    patienceMs: patienceMs(event, rollback),
    requestType: event.RequestType,
    expectedUrl: other !== undefined ? undefined : expectedUrl(event),
    opened: (client) => { invocation.clients.push(client); },
  });
  const { client } = session;
  return {
    event,
    ports,
    deadline,
    redactor,
    session,
    zenml: { connectors: new ServiceConnectors(client), components: new StackComponents(client), stacks: new Stacks(client) },
    issuedAt: issuedAt(event.ResponseURL),
    propagationSeconds,
    followsNoChange: rollback === true,
    displaced: memory.displaced,
    on: async (name) => work(invocation, { other: name }),
    made: (physicalId) => { invocation.made = physicalId; },
    note: (text) => { notes.push(text); },
  };
}
