import { Credentials, LocalAws } from '../../../local/services/aws';
import { mustCall, presignedPut } from '../../../local/services/signed-call';

const ROOT: Credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

export interface DirectAnswer {
  /** As it arrived. */
  readonly text: string;
  readonly body: { Status: string; Reason?: string; PhysicalResourceId: string; Data?: object };
  /** The secret part of the address that the function was given. */
  readonly signature: string;
}

/**
 * Calls a registration function as CloudFormation does. The answer goes to a presigned address of a bucket, as on AWS,
 * and can be read there.
 */
export class DirectCaller {
  public static async open(aws: LocalAws, functionName: string, bucket: string): Promise<DirectCaller> {
    await mustCall(aws, ROOT, { service: 's3', method: 'PUT', path: `/${bucket}` });
    return new DirectCaller(aws, functionName, bucket);
  }

  private count = 0;

  private constructor(
    private readonly aws: LocalAws,
    private readonly functionName: string,
    private readonly bucket: string,
  ) {}

  public async call(event: object): Promise<DirectAnswer> {
    const path = `/${this.bucket}/${this.count++}`;
    const ResponseURL = presignedPut(this.aws, ROOT, path);
    await mustCall(this.aws, ROOT, {
      service: 'lambda',
      path: `/2015-03-31/functions/${this.functionName}/invocations`,
      body: JSON.stringify({ RequestId: `direct-${this.count}`, LogicalResourceId: 'Direct', ...event, ResponseURL }),
    });
    const text = (await mustCall(this.aws, ROOT, { service: 's3', method: 'GET', path })).toString();
    return { text, body: JSON.parse(text), signature: ResponseURL.split('X-Amz-Signature=')[1]! };
  }
}
