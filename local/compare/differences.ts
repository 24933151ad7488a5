const SHOWN_LENGTH = 120;

/**
 * Where two JSON values differ, one line each: `Resources.A.Properties.B: <left> | <right>`. The order of keys says
 * nothing, the order of a list does.
 */
export function differences(left: unknown, right: unknown, path: string = ''): string[] {
  if (isObject(left) && isObject(right)) {
    const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
    return keys.flatMap((key) => differences(left[key], right[key], path ? `${path}.${key}` : key));
  }
  if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
    return left.flatMap((item, index) => differences(item, right[index], `${path}[${index}]`));
  }
  const [one, other] = [JSON.stringify(left), JSON.stringify(right)];
  return one === other ? [] : [`${path}: ${short(one)} | ${short(other)}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function short(text: string | undefined): string {
  const shown = text ?? '(nothing)';
  return shown.length > SHOWN_LENGTH ? `${shown.slice(0, SHOWN_LENGTH)}...` : shown;
}
