/**
 * Physical ids: `zenml:<kind>:<server id>:<uuid>:<tail>`. The server id is `/info.id`, so a server that gets another host name is still
 * the same one. For a named object the tail is six hex digits of its creation (they end a generated name, which can so be told without
 * calling the server), after `adopted-` where the object existed before and was adopted: CloudFormation keeps this fact where nobody can
 * edit it. For an attachment the tail is the uuid of the component that was displaced, `none`, or `present` where the component already was in the
 * stack; the uuid of the attached component follows, as it was at the creation.
 */
export const KINDS = ['service-connector', 'stack-component', 'stack', 'stack-attachment'] as const;
export type Kind = (typeof KINDS)[number];

export interface PhysicalId {
  readonly kind: Kind;
  readonly serverId: string;
  /** The connector's, component's or stack's own id; for an attachment the stack's. */
  readonly uuid: string;
  readonly tail: string;
  /** Whether the object existed before this resource and was adopted. */
  readonly adopted?: boolean;
  /** Of an attachment: the component that was attached first. */
  readonly component?: string;
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const UUID_ALONE = new RegExp(`^${UUID}$`);
const NAMED = new RegExp(`^zenml:(service-connector|stack-component|stack):(${UUID}):(${UUID}):(adopted-)?([0-9a-f]{6})$`);
const ATTACHMENT = new RegExp(`^zenml:(stack-attachment):(${UUID}):(${UUID}):()(${UUID}|none|present)(?::(${UUID}))?$`);
const FAILED = /^zenml:create-failed:([A-Za-z0-9-]{1,128})$/;

/** Whether the text is a UUID in lower case, as ZenML writes it. */
export function isUuid(text: unknown): text is string {
  return typeof text === 'string' && UUID_ALONE.test(text);
}

export function formatPhysicalId(id: PhysicalId): string {
  return `zenml:${id.kind}:${id.serverId}:${id.uuid}:${id.adopted ? 'adopted-' : ''}${id.tail}${id.component ? `:${id.component}` : ''}`;
}

/** The parts, or undefined for any text that the handler did not write (CloudFormation's own ids, markers, garbage). */
export function parsePhysicalId(text: string | undefined): PhysicalId | undefined {
  const match = NAMED.exec(text ?? '') ?? ATTACHMENT.exec(text ?? '');
  if (!match) { return undefined; }
  const [, kind, serverId, uuid, adopted, tail, component] = match;
  return { kind: kind as Kind, serverId: serverId!, uuid: uuid!, tail: tail!, ...(adopted && { adopted: true }), ...(component && { component }) };
}

/** The id of a Create that failed before it had an object. */
export function formatFailedId(requestId: string): string {
  return `zenml:create-failed:${requestId}`;
}

/** The request of a failed Create, or undefined when the text is no such id. */
export function parseFailedId(text: string | undefined): string | undefined {
  return FAILED.exec(text ?? '')?.[1];
}
