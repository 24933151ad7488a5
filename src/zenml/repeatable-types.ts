import { ComponentType } from './component-type';

/** ZenML 0.98.0 (enums.py, `supports_multiple_per_stack`). A server of before takes one of each, and refuses a second one. */
const REPEATABLE = ['alerter', 'experiment_tracker', 'sandbox', 'step_operator'];

/** Whether a ZenML stack takes several components of the type. */
export function isRepeatable(type: ComponentType): boolean {
  return REPEATABLE.includes(type.name);
}
