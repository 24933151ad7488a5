import * as v from 'valibot';
import { optional, Uuid } from './objects';

/** What ZenML sets in the environment of steps that run on a component or stack. Servers before 0.90.0 have none. */
export interface RuntimeSettings {
  readonly environment: Readonly<Record<string, string>>;
  /** UUIDs of the secrets whose values ZenML sets as environment variables. */
  readonly secretIds: readonly string[];
}

/** The settings in a request. ZenML leaves alone what a PUT omits. */
export interface RuntimeSettingsBody {
  readonly environment?: Readonly<Record<string, string>>;
  /** Of a POST only. */
  readonly secrets?: readonly string[];
  /**
   * Of a PUT only. Never secrets that the object has already: ZenML then answers as if all was well and drops the other
   * changes of the PUT (seen with 0.98.0).
   */
  readonly add_secrets?: readonly string[];
  /** Of a PUT only. */
  readonly remove_secrets?: readonly string[];
}

export const runtimeSettingsEntries = {
  environment: optional(v.record(v.string(), v.string())),
  secrets: optional(v.array(Uuid)),
};

export function runtimeSettingsOf(
  metadata: { environment?: Record<string, string> | null; secrets?: string[] | null } | null | undefined,
): RuntimeSettings {
  return { environment: metadata?.environment ?? {}, secretIds: metadata?.secrets ?? [] };
}
