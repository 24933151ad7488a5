import { Credentials, LocalAws } from '../../../local/services/aws';
import { mustCall } from '../../../local/services/signed-call';

type S3Call = (s3: S3Caller, bucket: string, key: string) => Promise<unknown>;

/** Calls S3 with some credentials. */
export class S3Caller {
  public constructor(private readonly aws: LocalAws, private readonly credentials: Credentials) {}

  public async call(
    method: string, path: string, query: Record<string, string> = {}, body: string = '',
  ): Promise<string> {
    return (
      await mustCall(this.aws, this.credentials, { service: 's3', method, path: `/${path}`, query, body })
    ).toString();
  }
}

/** One version of an object, and one unfinished upload, which an administrator makes for a call that removes them. */
async function versionOf(admin: S3Caller, bucket: string, key: string): Promise<string> {
  await admin.call('PUT', `${bucket}/${key}`, {}, 'x');
  return /<VersionId>([^<]+)<\/VersionId>/.exec(await admin.call('GET', bucket, { versions: '', prefix: key }))![1]!;
}

async function uploadOf(admin: S3Caller, bucket: string, key: string): Promise<string> {
  return /<UploadId>([^<]+)<\/UploadId>/.exec(await admin.call('POST', `${bucket}/${key}`, { uploads: '' }))![1]!;
}

/** What ZenML and s3fs call, one working call for each action. `admin` prepares what is to be removed. */
export function neededCalls(admin: S3Caller): Record<string, S3Call> {
  return {
    's3:ListBucket': async (s3, bucket) => s3.call('GET', bucket, { 'list-type': '2' }),
    's3:GetBucketVersioning': async (s3, bucket) => s3.call('GET', bucket, { versioning: '' }),
    's3:ListBucketVersions': async (s3, bucket) => s3.call('GET', bucket, { versions: '' }),
    's3:PutObject': async (s3, bucket, key) => s3.call('PUT', `${bucket}/${key}`, {}, 'x'),
    's3:GetObject': async (s3, bucket, key) => {
      await admin.call('PUT', `${bucket}/${key}`, {}, 'x');
      await s3.call('GET', `${bucket}/${key}`);
    },
    's3:DeleteObject': async (s3, bucket, key) => s3.call('DELETE', `${bucket}/${key}`),
    's3:DeleteObjectVersion': async (s3, bucket, key) =>
      s3.call('DELETE', `${bucket}/${key}`, { versionId: await versionOf(admin, bucket, key) }),
    's3:AbortMultipartUpload': async (s3, bucket, key) =>
      s3.call('DELETE', `${bucket}/${key}`, { uploadId: await uploadOf(admin, bucket, key) }),
  };
}

/** What nobody who reads and writes artifacts has to do. */
export const OTHER_S3_CALLS: Record<string, S3Call> = {
  's3:ListAllMyBuckets': async (s3) => s3.call('GET', ''),
  's3:PutBucketVersioning': async (s3, bucket) =>
    s3.call('PUT', bucket, { versioning: '' }, '<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>'),
  's3:GetBucketPolicy': async (s3, bucket) => s3.call('GET', bucket, { policy: '' }),
  's3:DeleteBucketPolicy': async (s3, bucket) => s3.call('DELETE', bucket, { policy: '' }),
  's3:PutObjectAcl': async (s3, bucket, key) => s3.call('PUT', `${bucket}/${key}`, { acl: '' }),
  's3:CreateBucket': async (s3) => s3.call('PUT', 'permissions-store-created'),
  's3:DeleteBucket': async (s3, bucket) => s3.call('DELETE', bucket),
};
