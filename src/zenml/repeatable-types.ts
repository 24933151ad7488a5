import { ComponentType } from './component-type';

/**
 * Component types of which a ZenML stack can have several. Source: `supports_multiple_per_stack` in enums.py of ZenML
 * 0.98.0. An older server refuses a second component of any type.
 */
const REPEATABLE = ['alerter', 'experiment_tracker', 'sandbox', 'step_operator'];

/** Whether a ZenML stack can have several components of the type. */
export function isRepeatable(type: ComponentType): boolean {
  return REPEATABLE.includes(type.name);
}
