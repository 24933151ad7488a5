import { Run } from '../local/process/run';
import { makeServerIdentity } from '../local/servers/server-identity';
import { ensureAwsVenv, LocalAws } from '../local/services/aws';
import { storeSecret } from '../local/services/local-cloud';
import { ensureZenmlVenv, ZenmlServer } from '../local/services/zenml';

/**
 * A local AWS and a ZenML server that may use the `implicit` method for CloudFormation stacks whose name starts with
 * `life-`.
 */
export interface BenchCloud {
  readonly aws: LocalAws;
  readonly zenml: ZenmlServer;
  readonly apiKey: string;
  readonly secretArn: string;
  readonly identityArn: string;
}

export async function startBenchCloud(run: Run): Promise<BenchCloud> {
  const aws = await LocalAws.start(run, await ensureAwsVenv(run.log('ministack-venv')));
  const { arn: identityArn, credentials } = await makeServerIdentity(aws);
  const zenml = await ZenmlServer.start(run, await ensureZenmlVenv(run.log('zenml-venv')), aws, {
    implicitAuthentication: true,
    awsIdentity: credentials,
  });
  const { key: apiKey } = await zenml.createApiKey('bench');
  return { aws, zenml, apiKey, identityArn, secretArn: await storeSecret(aws, 'bench/api-key', apiKey) };
}
