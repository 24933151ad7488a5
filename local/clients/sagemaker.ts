import { setTimeout as sleep } from 'node:timers/promises';
import { Credentials, LocalAws } from '../services/aws';
import { mustCall } from '../services/signed-call';

const ROOT: Credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
/** Jobs of tests end within seconds. */
const PATIENCE_SECONDS = 120;
const ENDED = ['Completed', 'Failed', 'Stopped', 'Succeeded'];

/** A job or an execution of a pipeline that has ended. */
interface Ended {
  readonly status: string;
  readonly reason?: string;
}

/** A step of an execution that has started. */
export interface StepRun {
  readonly name: string;
  readonly status: string;
  readonly reason?: string;
  /** Name of its job; empty when the job was refused. */
  readonly job: string;
}

/** SageMaker's API with the credentials of one caller, and the logs of its jobs as the account's root reads them. */
export class SageMaker {
  public constructor(private readonly aws: LocalAws, private readonly credentials: Credentials = ROOT) {}

  /** Refusals are Errors whose name is AWS's code. */
  public async call<T = Record<string, any>>(operation: string, parameters: object = {}): Promise<T> {
    const body = await mustCall(this.aws, this.credentials, {
      service: 'sagemaker', target: `SageMaker.${operation}`, body: JSON.stringify(parameters),
    });
    return JSON.parse(body.toString()) as T;
  }

  /** Waits for the end of a job. */
  public async ended(kind: 'Training' | 'Processing', name: string): Promise<Ended> {
    return this.wait(`Describe${kind}Job`, { [`${kind}JobName`]: name }, `${kind}JobStatus`);
  }

  /** Starts a pipeline and waits for its end. */
  public async run(pipeline: string): Promise<Ended & { arn: string; steps: StepRun[] }> {
    const { PipelineExecutionArn: arn } = await this.call('StartPipelineExecution', {
      PipelineName: pipeline, ClientRequestToken: `${pipeline}-${Date.now()}`.padEnd(32, '0'),
    });
    const end = await this.wait('DescribePipelineExecution', { PipelineExecutionArn: arn }, 'PipelineExecutionStatus');
    return { ...end, arn, steps: await this.steps(arn) };
  }

  /** Steps that started, first the oldest. ZenML never asks for them, so the root does. */
  public async steps(execution: string): Promise<StepRun[]> {
    const answer = await new SageMaker(this.aws).call<{ PipelineExecutionSteps: Record<string, any>[] }>(
      'ListPipelineExecutionSteps', { PipelineExecutionArn: execution });
    return answer.PipelineExecutionSteps.reverse().map(({ StepName, StepStatus, FailureReason, Metadata }) => ({
      name: StepName,
      status: StepStatus,
      reason: FailureReason,
      job: Object.values(Metadata as Record<string, { Arn: string }>).map(({ Arn }) => Arn.split('/').pop()!).join(),
    }));
  }

  /** What a job wrote, line by line; nothing when it has no log. */
  public async log(kind: 'Training' | 'Processing', job: string): Promise<string[]> {
    const group = { logGroupName: `/aws/sagemaker/${kind}Jobs` };
    const { logStreams: [stream] } = await this.logs<{ logStreams: { logStreamName: string }[] }>(
      'DescribeLogStreams', { ...group, logStreamNamePrefix: `${job}/` });
    if (!stream) { return []; }
    const { events } = await this.logs<{ events: { message: string }[] }>(
      'GetLogEvents', { ...group, logStreamName: stream.logStreamName, startFromHead: true });
    return events.map(({ message }) => message);
  }

  private async logs<T>(operation: string, parameters: object): Promise<T> {
    const body = await mustCall(this.aws, ROOT, {
      service: 'logs', target: `Logs_20140328.${operation}`, body: JSON.stringify(parameters),
    });
    return JSON.parse(body.toString()) as T;
  }

  private async wait(operation: string, parameters: object, field: string): Promise<Ended> {
    for (const deadline = Date.now() + PATIENCE_SECONDS * 1000; Date.now() < deadline; await sleep(100)) {
      const answer = await this.call(operation, parameters);
      const status = answer[field] as string;
      if (ENDED.includes(status)) { return { status, reason: answer.FailureReason as string | undefined }; }
    }
    throw new Error(`${JSON.stringify(parameters)} has not ended within ${PATIENCE_SECONDS} s`);
  }
}
