import { StackResult } from '../clients/stack-driver';
import { ZenmlObject } from '../services/zenml-api';
import { assertThat } from '../steps';

export function succeeded(result: StackResult, status: string): void {
  // The events of a delete that follows a failed create at once still show why that has failed.
  const failures = result.failures.filter(
    (failure) => status !== 'DELETE_COMPLETE' || failure.includes(' DELETE_FAILED: '),
  );
  assertThat(
    result.status === status && failures.length === 0,
    `expected ${status}, got ${result.status}: ${failures.join('; ')}`,
  );
}

export function refused(result: StackResult, word: string): void {
  const reason = result.failures.join('; ');
  expectEqual(result.status, 'ROLLBACK_COMPLETE', 'status of the deploy');
  assertThat(reason.includes(word), `the reason must contain "${word}", got: ${reason}`);
}

/** Refused because the server has the release `version`, and what the template uses exists from release `since` on. */
export function refusedFor(version: string, result: StackResult, since: string): void {
  refused(result, since);
  refused(result, version);
}

export function expectEqual(found: unknown, wanted: unknown, what: string): void {
  const difference = firstDifference(found, wanted, '');
  assertThat(difference === undefined, `${what}: ${difference}`);
}

/** Only the first place at which two values differ: a whole object of ZenML has pages of text. */
function firstDifference(found: unknown, wanted: unknown, path: string): string | undefined {
  if (typeof found === 'object' && found !== null && typeof wanted === 'object' && wanted !== null) {
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
      const inner = firstDifference(
        (found as Record<string, unknown>)[key],
        (wanted as Record<string, unknown>)[key],
        `${path}.${key}`,
      );
      if (inner) { return inner; }
    }
    return undefined;
  }
  const brief = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 200);
  return found === wanted
    ? undefined
    : `${path ? `at ${path.slice(1)} ` : ''}expected ${brief(wanted)}, got ${brief(found)}`;
}

export function body(object: ZenmlObject): Record<string, unknown> {
  return object.body as Record<string, unknown>;
}

export function metadata(object: ZenmlObject): Record<string, unknown> {
  return object.metadata as Record<string, unknown>;
}

export function registriesOf(stack: ZenmlObject): string[] {
  return (
    (metadata(stack).components as Record<string, ZenmlObject[]>).container_registry?.map((component) => component.id)
    ?? []
  );
}

/** Objects field by field, but for what each write changes: times, and the library's own labels. */
export function comparable(objects: readonly ZenmlObject[]): unknown {
  return JSON.parse(JSON.stringify(objects, (key, value: unknown) => {
    // Each PUT stores the keys in a new secret. The description of the connector type never changes.
    if (key === 'updated' || key === 'secret_id' || key === 'connector_type' || key.startsWith('cdk-zenml:')) {
      return undefined;
    }
    // A PUT turns "no labels" (null) into an empty set of labels.
    return key === 'labels' ? value ?? {} : value;
  })) as unknown;
}
