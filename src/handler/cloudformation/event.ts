import * as v from 'valibot';

/**
 * The outer part of an event. Properties are read per resource type, since a Delete must not fail on one that it does
 * not need.
 */
const EventSchema = v.object({
  RequestType: v.picklist(['Create', 'Update', 'Delete']),
  RequestId: v.pipe(v.string(), v.minLength(1)),
  ResponseURL: v.string(),
  ResourceType: v.string(),
  LogicalResourceId: v.pipe(v.string(), v.minLength(1)),
  StackId: v.pipe(v.string(), v.minLength(1)),
  PhysicalResourceId: v.optional(v.string()),
  ResourceProperties: v.optional(v.record(v.string(), v.unknown()), {}),
  OldResourceProperties: v.optional(v.record(v.string(), v.unknown()), {}),
});

export type CloudFormationEvent = v.InferOutput<typeof EventSchema>;

/** What is needed to answer at all; everything else may be broken and is then said in the answer. */
const EnvelopeSchema = v.object({
  RequestType: v.optional(v.string(), 'Create'),
  RequestId: v.string(),
  ResponseURL: v.string(),
  ResourceType: v.optional(v.string(), ''),
  LogicalResourceId: v.string(),
  StackId: v.string(),
  PhysicalResourceId: v.optional(v.string()),
});

export type Envelope = v.InferOutput<typeof EnvelopeSchema>;

/** Undefined when there is nobody to answer. */
export function readEnvelope(raw: unknown): Envelope | undefined {
  const result = v.safeParse(EnvelopeSchema, raw);
  return result.success ? result.output : undefined;
}

/** The whole event, or the names of the fields that are wrong (never their values). */
export function readEvent(raw: unknown): CloudFormationEvent | string {
  const result = v.safeParse(EventSchema, raw);
  if (result.success) { return result.output; }
  return [...new Set(result.issues.map((issue) => v.getDotPath(issue) ?? 'event'))].join(', ');
}
