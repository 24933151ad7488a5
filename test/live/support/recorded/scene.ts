import { Asked, requestsOf } from './authorization';
import { requestsInside } from './inside-aws';
import { Roles } from './roles';
import { describeStack } from './stack-description';
import { Kind, newMl, OTHER_IMAGES } from './stacks';
import { recordCalls, Recording } from '../../../../local/clients/recorder';
import { Live } from '../live';

/** A synthesized stack, what ZenML's classes call on it, and what AWS then asks IAM. */
export class Scene {
  /** Runs the recorder on a stack. */
  public static async record(kind: Kind, { folder, logs, pythons }: Live): Promise<Scene> {
    const { stack } = newMl(kind);
    const place = { folder, logs, venv: pythons.client };
    const recording = await recordCalls(place, `recorder-${kind}`, describeStack(stack));
    return new Scene(new Roles(stack, OTHER_IMAGES[kind]), recording);
  }

  public static shown({ role, action, resource, reason }: Asked): string {
    return `${role} ${action} ${resource} (${reason})`;
  }

  /** What must be allowed. */
  public readonly asked: Asked[];
  /** What ZenML tries and does not need. */
  public readonly refused: Asked[];

  public constructor(public readonly roles: Roles, public readonly recording: Recording) {
    const { surroundings } = roles;
    const all = [
      ...recording.calls.flatMap((call) => requestsOf(call, surroundings.keys, (role) => roles.userOf(role))),
      ...requestsInside(recording, surroundings),
    ];
    this.asked = all.filter(({ refused }) => !refused);
    this.refused = all.filter(({ refused }) => refused);
  }

  /** What a role or an IAM user asks for. */
  public of(name: string): Asked[] {
    return this.asked.filter(({ role }) => role === name);
  }
}
