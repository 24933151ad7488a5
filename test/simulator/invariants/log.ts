import { World } from '../world';

/** Whether the handler's log warns about this request. */
export function warned(world: World, requestId: unknown): boolean {
  return world.log.some(line => {
    // A toy handler may log anything.
    const { level, RequestId } = (line.startsWith('{') ? JSON.parse(line) : {}) as { level?: string; RequestId?: string };
    return level === 'WARN' && RequestId === requestId;
  });
}
