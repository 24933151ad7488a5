import { Environment, Handler } from './lambda';
import { World } from './world';

export interface ToyEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly RequestId: string;
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly LogicalResourceId: string;
  readonly ResourceType: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Readonly<Record<string, string>>;
  readonly OldResourceProperties?: Readonly<Record<string, string>>;
}

/** What a toy says to an event: fields of the answer, or undefined for none. */
export type Toy = (
  event: ToyEvent,
  world: World,
  wait: (milliseconds: number) => Promise<void>,
) => Promise<Fields> | Fields;
type Fields = Record<string, unknown> | undefined;

/** A handler that answers what the toy says, over a correct envelope. */
export function toyHandler(toy: Toy): (world: World, environment: Environment) => Handler {
  return (world, environment) => async raw => {
    const event = raw as ToyEvent;
    const wait = (milliseconds: number) => environment.reach(() => world.clock.sleep(milliseconds));
    const answer = await toy(event, world, wait);
    if (!answer) { return; }
    const body = {
      Status: 'SUCCESS',
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
      PhysicalResourceId: event.PhysicalResourceId ?? `id-${event.LogicalResourceId}`,
      Data: { Id: 'x', Name: 'y' },
      ...answer,
    };
    await environment.reach(async () => {
      await world.clock.sleep(10);
      return world.putAnswer(event.ResponseURL, JSON.stringify(body));
    });
  };
}

/** A template with the function that the toys live in. */
export function toyTemplate(
  resources: Record<string, Record<string, unknown>>,
  outputs: Record<string, { Value: unknown }> = {},
) {
  return {
    Resources: {
      Role: { Type: 'AWS::IAM::Role', Properties: {} },
      Fn: { Type: 'AWS::Lambda::Function', Properties: { Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, Timeout: 120 } },
      ...Object.fromEntries(
        Object.entries(resources).map(
          ([id, { Type = 'Custom::Toy', DependsOn, DeletionPolicy, UpdateReplacePolicy, ...properties }]) => [
            id,
            {
              Type: Type as string,
              ...(DependsOn !== undefined && { DependsOn: DependsOn as string }),
              ...(DeletionPolicy !== undefined && { DeletionPolicy: DeletionPolicy as string }),
              ...(UpdateReplacePolicy !== undefined && { UpdateReplacePolicy: UpdateReplacePolicy as string }),
              Properties:
                Type === 'Custom::Toy' || String(Type).startsWith('Custom::')
                  ? { ServiceToken: { 'Fn::GetAtt': ['Fn', 'Arn'] }, ServiceTimeout: 300, ...properties }
                  : properties,
            },
          ],
        ),
      ),
    },
    Outputs: outputs,
  };
}
