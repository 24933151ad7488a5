import { Handler, Environment } from './lambda';
import { ToyEvent } from './toy-handlers';
import { World } from './world';

/**
 * The behaviour of aws-cdk's Provider framework (onEvent only), for the rows of decision 0002: its framework function
 * catches what the user's function throws and answers for it. Modelled on aws-cdk-lib 2.276.0: the marker for a failed
 * Create, whose Delete it swallows; no look at its own deadline; no look at the size of its answer; the stack trace as
 * reason. The user's function is a process of its own: its death or timeout comes back to the framework as an error.
 */
export const CREATE_FAILED_MARKER = 'AWSCDK::CustomResourceProviderFramework::CREATE_FAILED';

interface UserResult {
  readonly PhysicalResourceId?: string;
  readonly Data?: Readonly<Record<string, unknown>>;
}
export type OnEvent = (event: ToyEvent, world: World, environment: Environment) => Promise<UserResult | undefined>;

/** Timeout of the user's function; the framework's own is longer. */
const USER_TIMEOUT_MS = 60_000;

export function providerHandler(onEvent: OnEvent): (world: World, environment: Environment) => Handler {
  return (world, environment) => async raw => {
    const event = raw as ToyEvent;
    const send = (answer: Record<string, unknown>) =>
      environment.reach(async () =>
        world.putAnswer(
          event.ResponseURL,
          JSON.stringify({
            StackId: event.StackId,
            RequestId: event.RequestId,
            LogicalResourceId: event.LogicalResourceId,
            ...answer,
          }),
        ),
      );
    if (event.RequestType === 'Delete' && event.PhysicalResourceId === CREATE_FAILED_MARKER) {
      await send({ Status: 'SUCCESS', PhysicalResourceId: CREATE_FAILED_MARKER });
      return;
    }
    try {
      const timeout = new Promise<never>((_, reject) =>
        world.clock.alarm(USER_TIMEOUT_MS, () => reject(new Error('Task timed out after 60.00 seconds'))),
      );
      const result = await Promise.race([onEvent(event, world, environment), timeout]);
      const id = result?.PhysicalResourceId ?? event.PhysicalResourceId ?? event.RequestId;
      await send({ Status: 'SUCCESS', PhysicalResourceId: id, Data: result?.Data });
    } catch (error) {
      const id = event.RequestType === 'Create' ? CREATE_FAILED_MARKER : event.PhysicalResourceId;
      await send({
        Status: 'FAILED',
        PhysicalResourceId: id,
        Reason: (error as Error).stack ?? (error as Error).message,
      });
    }
  };
}
