import * as v from 'valibot';
import { HealthCheckDocument } from '../../contract/health-check';
import { isUuid } from '../../contract/physical-id';
import { UserError } from '../errors';
import { parseJson } from '../zenml/answers';

const text = v.pipe(v.string(), v.minLength(1));
const uuid = v.pipe(v.string(), v.check((value: string) => isUuid(value), 'a UUID'));

const DocumentSchema = v.object({
  kind: v.literal('health-check'),
  serverBinding: text,
  component: v.object({ id: uuid, configuration: v.record(v.string(), v.unknown()) }),
  connector: v.optional(v.object({
    Id: v.optional(uuid),
    Name: v.optional(text),
    Deployed: v.optional(v.object({
      AuthMethod: text, ResourceType: text, ResourceId: v.optional(text), Region: text, RoleArn: v.optional(text),
    })),
  })),
  repositories: v.array(v.object({ Name: text, MayBeMissing: v.optional(v.string()) })),
  stacks: v.array(uuid),
  namespace: text,
  registry: text,
}) satisfies v.GenericSchema<unknown, HealthCheckDocument>;

/** The document that the deployment has written. Throws for a text that no deployment writes. */
export function parseDocument(name: string, value: string): HealthCheckDocument {
  const parsed = v.safeParse(DocumentSchema, parseJson(value));
  if (!parsed.success) {
    throw new UserError('CZ332', `SSM parameter ${name} does not describe a health check: deploy again`);
  }
  return parsed.output;
}
