import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  Output,
  StackEvent,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { LocalAws } from '../services/aws';

export interface StackResult {
  /** `CREATE_COMPLETE`, `UPDATE_ROLLBACK_COMPLETE`, ..., `DELETE_COMPLETE`, or `NO_CHANGES`. */
  readonly status: string;
  readonly outputs: Record<string, string>;
  /** What failed and why: `<logical id> <status>: <reason>`. */
  readonly failures: string[];
  readonly seconds: number;
}

const CAPABILITIES = ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'] as const;
const POLL_MILLISECONDS = 100;

/**
 * One CloudFormation stack, driven by the API: a tenth of the command line's time, and each answer is there to look at.
 */
export class StackDriver {
  private readonly client: CloudFormationClient;
  private id?: string;
  /** Events that were there at the end of the operation before: times of events are too coarse to tell them apart. */
  private readonly seen = new Set<string>();

  public constructor(aws: LocalAws, public readonly name: string) {
    this.client = new CloudFormationClient(aws.clientOptions());
  }

  /** The ARN, once there is one. */
  public get stackId(): string {
    if (!this.id) { throw new Error(`stack ${this.name} was never created`); }
    return this.id;
  }

  /**
   * Create the stack, or update it when it is there. `url`: where the template lies in a bucket, if it is too long to
   * be sent.
   */
  public async put(template: object, url?: string): Promise<StackResult> {
    const began = Date.now();
    const source = url === undefined ? { TemplateBody: JSON.stringify(template) } : { TemplateURL: url };
    const parameters = { StackName: this.name, ...source, Capabilities: [...CAPABILITIES] };
    if (!this.id) {
      this.id = (await this.client.send(new CreateStackCommand(parameters))).StackId;
    } else {
      try {
        await this.client.send(new UpdateStackCommand(parameters));
      } catch (error) {
        if (!/No updates are to be performed/.test(String(error))) { throw error; }
        return {
          status: 'NO_CHANGES',
          outputs: await this.outputs(),
          failures: [],
          seconds: (Date.now() - began) / 1000,
        };
      }
    }
    return this.settled(began);
  }

  /**
   * Delete the stack; `retain` names what stays (after a DELETE_FAILED). Deleting a stack that is not there is no
   * error.
   */
  public async destroy(retain?: string[]): Promise<StackResult> {
    const began = Date.now();
    if (!this.id) { return { status: 'DELETE_COMPLETE', outputs: {}, failures: [], seconds: 0 }; }
    await this.client.send(new DeleteStackCommand({ StackName: this.id, RetainResources: retain }));
    const result = await this.settled(began);
    if (result.status === 'DELETE_COMPLETE') { this.id = undefined; }
    return result;
  }

  /** All events, oldest first. */
  public async events(): Promise<StackEvent[]> {
    const answer = await this.client.send(new DescribeStackEventsCommand({ StackName: this.stackId }));
    return (answer.StackEvents ?? []).reverse();
  }

  private async settled(began: number): Promise<StackResult> {
    for (;;) {
      const stack = (await this.client.send(new DescribeStacksCommand({ StackName: this.stackId }))).Stacks![0]!;
      const status = stack.StackStatus!;
      if (!status.endsWith('_IN_PROGRESS')) {
        const events = (await this.events()).filter(({ EventId }) => !this.seen.has(EventId!));
        events.forEach(({ EventId }) => this.seen.add(EventId!));
        const failures = events
          .filter((event) => event.ResourceStatus?.endsWith('_FAILED') && event.LogicalResourceId !== this.name)
          .map((event) => `${event.LogicalResourceId} ${event.ResourceStatus}: ${event.ResourceStatusReason ?? ''}`);
        return { status, outputs: byKey(stack.Outputs), failures, seconds: (Date.now() - began) / 1000 };
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    }
  }

  private async outputs(): Promise<Record<string, string>> {
    return byKey((await this.client.send(new DescribeStacksCommand({ StackName: this.stackId }))).Stacks![0]!.Outputs);
  }
}

function byKey(outputs: Output[] | undefined): Record<string, string> {
  return Object.fromEntries((outputs ?? []).map((output) => [output.OutputKey!, output.OutputValue!]));
}
