import { isKnown } from '../private/known';
import { synthError } from '../private/synth-error';
import { invalidProp, validateCount, validatePattern } from '../private/validation';

/** Throws when a list of instance types is empty, or has an entry that is no instance type of SageMaker. */
export function validateInstanceTypes(types: readonly string[] | undefined): void {
  validateCount('allowedInstanceTypes', types, [1, 100], 'so that the policies of the roles stay below IAM\'s limit',
    'use `*` for the sizes of a family, such as "ml.m5.*"');
  for (const type of types ?? []) {
    validatePattern('allowedInstanceTypes', type, /^ml\.[a-z0-9-]+\.[a-z0-9*-]+$/, '"ml.m5.large" or "ml.m5.*"');
  }
}

/**
 * The instance type of a component: the given one, else the first allowed one. ZenML's own default can be a type that
 * is not allowed. Undefined where any type is allowed: ZenML then uses its default.
 */
export function chooseInstanceType(
  given: string | undefined, allowed: readonly string[] | undefined,
): string | undefined {
  validatePattern('instanceType', given, /^ml\.[a-z0-9-]+\.[a-z0-9-]+$/, '"ml.m5.large"');
  if (!allowed) { return given; }
  if (given === undefined) {
    const exact = allowed.find((type) => !type.includes('*'));
    if (exact !== undefined) { return exact; }
    throw synthError('CZ102', '`instanceType` is missing, and `allowedInstanceTypes` of the runtime has only patterns, '
      + `got: ${allowed.join(', ')}: set \`instanceType\` to a type that one of them allows`);
  }
  if (isKnown(given) && !allowed.some((pattern) => !isKnown(pattern) || allows(pattern, given))) {
    throw invalidProp('instanceType', `must be one of \`allowedInstanceTypes\` of the runtime (${allowed.join(', ')})`, given,
      'allow the type, or choose another');
  }
  return given;
}

function allows(pattern: string, type: string): boolean {
  return new RegExp(`^${pattern.replace(/\./g, '\\.').replace(/\*/g, '.*')}$`).test(type);
}
