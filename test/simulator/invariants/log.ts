import { World } from '../world';

/** Whether the handler's log warns about this request. */
export function warned(world: World, requestId: unknown): boolean {
  return world.log.some(line => {
    const { level, RequestId } = JSON.parse(line) as { level?: string; RequestId?: string };
    return level === 'WARN' && RequestId === requestId;
  });
}
