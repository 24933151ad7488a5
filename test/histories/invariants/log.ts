import { World } from '../../simulator/world';

interface Line {
  readonly level?: string;
  readonly RequestId?: string;
  readonly notes?: string;
  readonly warnings?: string;
  readonly calls?: number;
}

/** Whether the handler's log warns about this request. */
export function warned(world: World, requestId: unknown): boolean {
  return linesOf(world, requestId).some(({ level }) => level === 'WARN');
}

/** Whether the handler says that it has ended this Update well without a write, or without a call. */
export function leftAsItIs(world: World, requestId: unknown): boolean {
  const lines = linesOf(world, requestId);
  return (
    lines.some(({ notes, warnings }) => `${notes} ${warnings}`.includes('left as it is'))
    || (lines.length > 0 && lines.every(({ calls }) => calls === 0))
  );
}

function linesOf(world: World, requestId: unknown): Line[] {
  // A toy handler may log anything.
  return world.log
    .map((line) => (line.startsWith('{') ? JSON.parse(line) : {}) as Line)
    .filter(({ RequestId }) => RequestId === requestId);
}
