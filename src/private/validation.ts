import { Duration } from 'aws-cdk-lib';
import { isKnown, isUnknown } from './known';
import { validateStoredSize } from './limits';
import { LABEL_PREFIX } from '../contract/labels';
import { brokenNameRule, containsDynamicReference } from '../contract/rules';

/** Throws when a known name breaks ZenML's rules. */
export function validateName(prop: string, name: string | undefined): void {
  if (!isKnown(name)) { return; }
  const broken = brokenNameRule(name);
  if (broken) { throw new Error(`\`${prop}\`: ${broken}, got: ${JSON.stringify(name)}`); }
}

/** Throws when something is to be taken over, but nobody said what. */
export function requireNameToAdopt(prop: string, name: string | undefined, adoptExisting: boolean | undefined): void {
  if (adoptExisting && name === undefined) {
    throw new Error(`\`adoptExisting\` takes over an object by its name: give \`${prop}\` too`);
  }
}

/** Throws for a text that CloudFormation would not resolve in a custom resource. */
export function refuseDynamicReference(prop: string, value: unknown): void {
  if (containsDynamicReference(value)) {
    throw new Error(`\`${prop}\` holds a dynamic reference ({{resolve:...}}), which CloudFormation does not resolve in a custom resource: `
      + 'pass the secret as secretsmanager.ISecret where the construct takes one');
  }
}

/** Throws for labels that ZenML or this library keep to themselves. */
export function validateLabels(labels: Record<string, string> | undefined): void {
  validateStoredSize('labels', labels);
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (key.trim() === '') { throw new Error(`\`labels\`: a key must not be blank, got: "${key}"; give it a name or leave it out`); }
    if (key.startsWith(LABEL_PREFIX) || key.startsWith('zenml:')) {
      throw new Error(`\`labels\`: keys that start with "${LABEL_PREFIX}" or "zenml:" are reserved, got: "${key}"`);
    }
    if (typeof value !== 'string') { throw new Error(`\`labels\`: values are strings, got: ${JSON.stringify(value)} for "${key}"`); }
    if (!isUnknown(value) && value.length > 4000) {
      throw new Error(`\`labels\`: a value has at most 4000 characters (ZenML on MySQL), got ${value.length} for "${key}"`);
    }
    refuseDynamicReference('labels', value);
  }
}

/** Throws when a known duration lies outside of the bounds, in seconds. */
export function validateDuration(prop: string, value: Duration | undefined, minSeconds: number, maxSeconds: number, source: string): void {
  if (value === undefined || value.isUnresolved()) { return; }
  const seconds = value.toSeconds();
  if (seconds < minSeconds || seconds > maxSeconds) {
    throw new Error(`\`${prop}\` must be between ${minSeconds} and ${maxSeconds} seconds (${source}), got: ${seconds} seconds`);
  }
}

/** Throws when a known text does not match; `example` shows one that does. */
export function validatePattern(prop: string, value: string | undefined, pattern: RegExp, example: string): void {
  if (isKnown(value) && !pattern.test(value)) { throw new Error(`\`${prop}\` must look like ${example}, got: "${value}"`); }
}
