/** The kinds of objects that the handler registers. */
export type Kind = 'service-connector' | 'stack-component' | 'stack' | 'stack-attachment';

/**
 * The parts of a physical id, `zenml:<kind>:<server id>:<uuid>:<tail>`.
 *
 * For a named object the tail is six hex digits of the Create. A generated name ends with them, so the name is known
 * without a call of the server. The prefix `adopted-` before the digits marks an object that existed before and was
 * adopted: nobody can edit this fact in CloudFormation.
 *
 * For an attachment the tail is the UUID of the displaced component, `none`, or `present` where the component was in
 * the stack already. The UUID that the attached component had at the Create follows.
 */
export interface PhysicalId {
  readonly kind: Kind;
  /** `/info.id` of the server: a server with a new host name is still the same server. */
  readonly serverId: string;
  /** UUID of the connector, component or stack; for an attachment, of the stack. */
  readonly uuid: string;
  readonly tail: string;
  /** Whether the object existed before this resource and was adopted. */
  readonly adopted?: boolean;
  /** UUID of the component that an attachment attached at its Create. */
  readonly component?: string;
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const UUID_ALONE = new RegExp(`^${UUID}$`);
const NAMED = new RegExp(
  `^zenml:(service-connector|stack-component|stack):(${UUID}):(${UUID}):(adopted-)?([0-9a-f]{6})$`,
);
const ATTACHMENT = new RegExp(`^zenml:(stack-attachment):(${UUID}):(${UUID}):()(${UUID}|none|present)(?::(${UUID}))?$`);
const FAILED = /^zenml:create-failed:([A-Za-z0-9-]{1,128})$/;

/** Whether the text is a UUID in lower case, as ZenML writes it. */
export function isUuid(text: unknown): text is string {
  return typeof text === 'string' && UUID_ALONE.test(text);
}

/** The physical id as CloudFormation stores it. */
export function formatPhysicalId(id: PhysicalId): string {
  return `zenml:${id.kind}:${id.serverId}:${id.uuid}:${id.adopted ? 'adopted-' : ''}${id.tail}${id.component ? `:${id.component}` : ''}`;
}

/**
 * The parts of a physical id; undefined for a text that the handler did not write, such as an id that CloudFormation
 * generated.
 */
export function parsePhysicalId(text: string | undefined): PhysicalId | undefined {
  const match = NAMED.exec(text ?? '') ?? ATTACHMENT.exec(text ?? '');
  if (!match) { return undefined; }
  const [, kind, serverId, uuid, adopted, tail, component] = match;
  return {
    kind: kind as Kind,
    serverId: serverId!,
    uuid: uuid!,
    tail: tail!,
    ...(adopted && { adopted: true }),
    ...(component && { component }),
  };
}

/** The physical id of a Create that failed before it created an object. */
export function formatFailedId(requestId: string): string {
  return `zenml:create-failed:${requestId}`;
}

/** The request id of a failed Create; undefined for any other text. */
export function parseFailedId(text: string | undefined): string | undefined {
  return FAILED.exec(text ?? '')?.[1];
}
