import { synthError } from './synth-error';
import { quoted, validateNoDynamicReference } from './validation';

/** Keys of ZenML's flavors that hold credentials. The template would contain them, and the connector replaces them. */
const CREDENTIALS = [
  'key',
  'secret',
  'token',
  'authentication_secret',
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_profile',
  'aws_auth_role_arn',
  'region',
];

/** Keys that the SDK gets from ZenML as well: the call fails with "got multiple values for keyword argument". */
const DOUBLE_ARGUMENTS = ['output_path', 'keep_alive_period_in_seconds', 'base_job_name', 'environment'];

/**
 * The configuration of a component: the construct's own keys and those of the `configuration` prop. Arguments of
 * estimators and processors are merged.
 *
 * @param own keys that the construct sets; `undefined` values are left out
 * @param props prop that sets a key, by key
 */
export function flavorConfiguration(
  own: Record<string, unknown>, given: Record<string, unknown> = {}, props: Record<string, string> = {},
): Record<string, unknown> {
  validateNoDynamicReference('configuration', given);
  for (const key of Object.keys(given)) {
    if (CREDENTIALS.includes(key)) {
      throw synthError(
        'CZ100',
        `\`configuration\` must not have the key "${key}", because the service connector gives the component its `
          + 'credentials and Region: remove the key',
      );
    }
    if (key in props) {
      throw synthError(
        'CZ101',
        `\`configuration\` must not have the key "${key}", which \`${props[key]}\` sets, got: ${quoted(given[key])}: use \`${props[key]}\``,
      );
    }
  }
  const merged: Record<string, unknown> = { ...own, ...given };
  for (const key of ['estimator_args', 'processor_args']) {
    const args = { ...asObject(own[key]), ...asObject(given[key]) };
    const double = key === 'estimator_args' && DOUBLE_ARGUMENTS.find((argument) => argument in args);
    if (double) {
      throw synthError(
        'CZ100',
        `\`configuration\` must not have "${double}" in estimator_args, because ZenML passes it to the SDK as well and the call `
          + 'fails: use the key of the component itself',
      );
    }
    merged[key] = Object.keys(args).length > 0 ? args : undefined;
  }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {};
}
