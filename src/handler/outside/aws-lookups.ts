import { CloudFormationClient, DescribeStackEventsCommand } from '@aws-sdk/client-cloudformation';
import { DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AwsError, AwsLookups } from '../ports';

/**
 * The few questions that the handler asks AWS. Clients are made when first needed: loading them is most of a cold
 * start.
 */
export function awsLookups(): AwsLookups {
  const clients = new Map<string, ECRClient>();
  let secrets: SecretsManagerClient | undefined;
  let parameters: SSMClient | undefined;
  let cloudFormation: CloudFormationClient | undefined;
  return {
    getParameter: async (name, abortSignal) => asking(async () => {
      parameters ??= new SSMClient({});
      const answer = await parameters.send(new GetParameterCommand({ Name: name, WithDecryption: true }), {
        abortSignal,
      });
      return answer.Parameter?.Value ?? '';
    }, abortSignal),

    getSecret: async (arn, versionId, abortSignal) => asking(async () => {
      // A secret can be in another Region than the function.
      const region = arn.split(':')[3];
      const here = process.env.AWS_REGION;
      const client =
        region && here && region !== here
          ? new SecretsManagerClient({ region })
          : (secrets ??= new SecretsManagerClient({}));
      const answer = await client.send(new GetSecretValueCommand({ SecretId: arn, VersionId: versionId }), {
        abortSignal,
      });
      return answer.SecretString ?? Buffer.from(answer.SecretBinary ?? []).toString('utf8');
    }, abortSignal),

    getRepositoryUri: async ({ name, registryId, region }, abortSignal) => asking(async () => {
      const client = clients.get(region) ?? new ECRClient({ region });
      clients.set(region, client);
      const answer = await client.send(new DescribeRepositoriesCommand({ registryId, repositoryNames: [name] }), {
        abortSignal,
      });
      return answer.repositories?.[0]?.repositoryUri ?? '';
    }, abortSignal),

    getStackEvents: async (stackId, page, abortSignal) => asking(async () => {
      // A VPC without an endpoint for CloudFormation must not use up the time of the invocation.
      cloudFormation ??= new CloudFormationClient({ maxAttempts: 2 });
      const answer = await cloudFormation.send(
        new DescribeStackEventsCommand({ StackName: stackId, NextToken: page }),
        { abortSignal },
      );
      const events = (answer.StackEvents ?? []).map((event) => ({
        logicalId: event.LogicalResourceId ?? '',
        physicalId: event.PhysicalResourceId ?? '',
        status: event.ResourceStatus ?? '',
        reason: event.ResourceStatusReason ?? '',
        time: event.Timestamp?.getTime() ?? 0,
      }));
      return { events, nextPage: answer.NextToken };
    }, abortSignal),
  };
}

/**
 * Errors of the SDK as errors of the handler. Only the code is passed on, since the text can name more than the code.
 */
async function asking<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (signal.aborted) { throw signal.reason; }
    const name = error instanceof Error ? error.name : 'Error';
    throw new AwsError(name, name);
  }
}
