import { RuntimeProperties } from '../contract/properties';
import { ENVIRONMENT_VARIABLE } from '../contract/rules';
import { isKnown } from '../private/known';
import { synthError } from '../private/synth-error';
import {
  invalidProp,
  quoted,
  validateName,
  validateNoDynamicReference,
  validateStoredSize,
} from '../private/validation';

/**
 * What ZenML sets in the environment of pipeline steps that run on a component or a ZenML stack.
 *
 * @see https://docs.zenml.io/concepts/environment-variables
 */
export interface RuntimeOptions {
  /**
   * Environment variables of the steps, such as `{ TOKENIZERS_PARALLELISM: 'false' }`: names of letters, digits and
   * underscores, at most 48,000 characters as JSON (ZenML's limit on MySQL). They must not contain secrets, because
   * they are in the template and every user of the ZenML server sees them. ZenML 0.90.0 or newer. Variables that
   * people add in ZenML stay.
   *
   * @default - none
   */
  readonly environment?: Record<string, string>;
  /**
   * Names of secrets in ZenML (`zenml secret create`) whose values ZenML sets as environment variables of the steps.
   * The secrets must exist at the deploy, and must not be private. ZenML 0.90.0 or newer. Secrets that people add in
   * ZenML stay.
   *
   * @default - none
   */
  readonly secrets?: string[];
}

/** Throws when a variable has an invalid name or value, or a secret is named twice or has an invalid name. */
export function validateRuntimeOptions({ environment, secrets }: RuntimeOptions): void {
  validateStoredSize('environment', environment);
  for (const [name, value] of Object.entries(environment ?? {})) {
    if (!ENVIRONMENT_VARIABLE.test(name)) {
      throw invalidProp(
        'environment',
        'must have names of at most 255 letters, digits and underscores that do not start with a digit',
        name,
        'rename the variable',
      );
    }
    if (typeof value !== 'string') {
      throw synthError(
        'CZ100',
        `\`environment\` must have text values, got: ${quoted(value)} for ${name}: write the value as text`,
      );
    }
    validateNoDynamicReference('environment', value);
  }
  for (const [index, secret] of (secrets ?? []).entries()) {
    validateName('secrets', secret);
    validateNoDynamicReference('secrets', secret);
    if (isKnown(secret) && secrets!.indexOf(secret) !== index) {
      throw invalidProp('secrets', 'must not contain a name twice', secret, 'remove one of the two');
    }
  }
}

/** The options as the registration function gets them. */
export function runtimeProperties({ environment, secrets }: RuntimeOptions): RuntimeProperties {
  return {
    Environment: environment && Object.keys(environment).length > 0 ? environment : undefined,
    Secrets: secrets && secrets.length > 0 ? secrets : undefined,
  };
}
