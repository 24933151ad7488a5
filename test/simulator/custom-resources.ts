import { AwsAccount } from './aws-account';
import { LambdaService } from './lambda';
import { stringify } from './template';

export type RequestType = 'Create' | 'Update' | 'Delete';

interface CustomResourceRequest {
  readonly type: RequestType;
  readonly stackId: string;
  readonly logicalId: string;
  readonly resourceType: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly oldProperties?: Readonly<Record<string, unknown>>;
  readonly physicalId?: string;
  /** Whether it takes back an Update that failed, was called off, or was followed by a failure. */
  readonly rollback?: boolean;
}

/** What CloudFormation makes of an answer, or of none. `id` is absent where the answer gave no usable one. */
export interface Outcome {
  readonly success: boolean;
  readonly reason: string;
  /** The reason as the stack's event tells it. */
  readonly eventReason: string;
  readonly id?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A request as it was, with what came back: what tests and invariants read. */
export interface Exchange {
  readonly request: CustomResourceRequest;
  readonly event: Readonly<Record<string, unknown>>;
  readonly sentAt: number;
  readonly answers: string[];
  /** CloudFormation no longer waits for it: another resource has failed. */
  calledOff?: boolean;
  outcome?: Outcome;
}

const MAX_BYTES = 4096;
const MAX_ID_BYTES = 1024;

/** The protocol between CloudFormation and the function behind a custom resource. */
export class CustomResources {
  public readonly exchanges: Exchange[] = [];
  /** Called when CloudFormation has an outcome. */
  public onOutcome?: (exchange: Exchange) => void;
  private readonly open = new Map<string, (body: string) => void>();

  public constructor(private readonly account: AwsAccount, private readonly lambda: LambdaService) {}

  public request(request: CustomResourceRequest): Promise<Outcome> {
    const { clock, random } = this.account;
    const requestId = random.uuid();
    const properties = stringify(request.properties) as Record<string, unknown>;
    const event = {
      RequestType: request.type,
      ServiceToken: String(properties.ServiceToken),
      ResponseURL: this.presign(request, requestId),
      StackId: request.stackId,
      RequestId: requestId,
      LogicalResourceId: request.logicalId,
      ResourceType: request.resourceType,
      ...(request.type !== 'Create' && { PhysicalResourceId: request.physicalId }),
      ResourceProperties: properties,
      ...(request.type === 'Update' && { OldResourceProperties: stringify(request.oldProperties) }),
    };
    const exchange: Exchange = { request, event, sentAt: clock.now(), answers: [] };
    this.exchanges.push(exchange);
    const outcome = new Promise<Outcome>(resolve => {
      if (!this.lambda.invoke(event.ServiceToken, event)) {
        return resolve(failed(`ServiceToken ${event.ServiceToken} not found`));
      }
      const seconds = Number(properties.ServiceTimeout ?? 3600);
      const cancel = clock.alarm(seconds * 1000, () =>
        resolve(
          failed(
            `CloudFormation did not receive a response from your Custom Resource within ${seconds} s. Please check your logs for requestId [${requestId}].`,
          ),
        ),
      );
      this.open.set(event.ResponseURL, body => {
        cancel();
        resolve(judge(body, request, event));
      });
      return undefined;
    });
    return outcome.then(result => {
      exchange.outcome = result;
      this.onOutcome?.(exchange);
      return result;
    });
  }

  public callOff(stackId: string, logicalId: string): void {
    const open = this.exchanges.filter(
      ({ request, outcome }) => request.stackId === stackId && request.logicalId === logicalId && !outcome,
    );
    open.forEach(exchange => { exchange.calledOff = true; });
  }

  /** The PUT to a presigned URL: the first body counts, S3 takes any. */
  public receive(url: string, body: string): number {
    const exchange = this.exchanges.find(entry => entry.event.ResponseURL === url);
    if (!exchange) { return 403; }
    exchange.answers.push(body);
    this.open.get(url)?.(body);
    this.open.delete(url);
    return 200;
  }

  private presign(request: CustomResourceRequest, requestId: string): string {
    const { region, clock, random } = this.account;
    const date = new Date(clock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
    return (
      `https://cloudformation-custom-resource-response-${region.replaceAll('-', '')}.s3.${region}.amazonaws.com/`
      + `${encodeURIComponent(request.stackId)}%7C${request.logicalId}%7C${requestId}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=${date}`
      + `&X-Amz-SignedHeaders=host&X-Amz-Expires=7200&X-Amz-Signature=canary-signature-${random.hex(16)}`
    );
  }
}

/** CloudFormation's own complaint. */
const failed = (reason: string): Outcome => ({ success: false, reason, eventReason: reason, data: {} });

function judge(body: string, request: CustomResourceRequest, event: Readonly<Record<string, unknown>>): Outcome {
  if (Buffer.byteLength(body) > MAX_BYTES) { return failed('Response object is too long.'); }
  let answer: Record<string, unknown>;
  try {
    answer = JSON.parse(body) as Record<string, unknown>;
  } catch {
    return failed('Invalid response object: not JSON');
  }
  for (const key of ['StackId', 'RequestId', 'LogicalResourceId']) {
    if (answer[key] !== event[key]) {
      return failed(`Invalid response object: Value of property ${key} must match the request's`);
    }
  }
  if ('Reason' in answer && typeof answer.Reason !== 'string') {
    return failed('Invalid response object: Value of property Reason must be of type String');
  }
  if (answer.Status !== 'SUCCESS' && answer.Status !== 'FAILED') {
    return failed('Invalid response object: Value of property Status must be SUCCESS or FAILED');
  }
  const id = answer.PhysicalResourceId;
  if (typeof id !== 'string' || id === '' || Buffer.byteLength(id) > MAX_ID_BYTES) {
    return failed('Invalid PhysicalResourceId');
  }
  if (request.type === 'Delete' && id !== request.physicalId) {
    return failed('a Delete must not change the PhysicalResourceId');
  }
  if (answer.Status === 'FAILED') {
    if (typeof answer.Reason !== 'string' || answer.Reason === '') {
      return { ...failed('Invalid response object: Reason is missing'), id };
    }
    const eventReason = `Received response status [FAILED] from custom resource. Message returned: ${answer.Reason} (RequestId: ${String(event.RequestId)})`;
    return { success: false, reason: answer.Reason, eventReason, id, data: {} };
  }
  return {
    success: true,
    reason: '',
    eventReason: '',
    id,
    data: (answer.Data as Record<string, unknown> | undefined) ?? {},
  };
}
