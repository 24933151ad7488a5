import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { Credentials, LocalAws } from '../services/aws';

/**
 * The AWS identity of ZenML servers, for the `implicit` method: it may assume the roles of CloudFormation stacks whose
 * name starts with `life-`.
 */
export interface ServerIdentity {
  readonly arn: string;
  readonly credentials: Credentials;
}

/** @param userName name of its IAM user, of which there may be only one */
export async function makeServerIdentity(aws: LocalAws, userName: string = 'zenml-server'): Promise<ServerIdentity> {
  const iam = new IAMClient(aws.clientOptions());
  const { User } = await iam.send(new CreateUserCommand({ UserName: userName }));
  const policy = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: `arn:aws:iam::${aws.account}:role/life-*` }],
  };
  await iam.send(
    new PutUserPolicyCommand({ UserName: userName, PolicyName: 'rights', PolicyDocument: JSON.stringify(policy) }),
  );
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: userName }));
  return {
    arn: User!.Arn!,
    credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! },
  };
}
