import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import { Credentials, LocalAws } from '../../../local/services/aws';
import { mustCall } from '../../../local/services/signed-call';

/** Harmless calls to services that no identity of this library has any business with. */
export const OTHER_SERVICES: Record<string, (aws: LocalAws, credentials: Credentials) => Promise<unknown>> = {
  's3:ListBuckets': async (aws, credentials) => mustCall(aws, credentials, { service: 's3', method: 'GET' }),
  'lambda:ListFunctions': async (aws, credentials) =>
    mustCall(aws, credentials, { service: 'lambda', method: 'GET', path: '/2015-03-31/functions' }),
  'logs:DescribeLogGroups': async (aws, credentials) =>
    mustCall(aws, credentials, { service: 'logs', target: 'Logs_20140328.DescribeLogGroups', body: '{}' }),
  'iam:ListUsers': async (aws, credentials) =>
    new IAMClient(aws.clientOptions(credentials)).send(new ListUsersCommand({})),
  'cloudformation:DescribeStacks': async (aws, credentials) =>
    new CloudFormationClient(aws.clientOptions(credentials)).send(new DescribeStacksCommand({})),
};
