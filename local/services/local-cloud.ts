import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ensureAwsVenv, LocalAws } from './aws';
import { ensureZenmlVenv, ZenmlServer, ZenmlServerOptions } from './zenml';
import { Run } from '../process/run';

/** Where the API key lies in the local AWS: what a user does once by hand with `aws secretsmanager create-secret`. */
export const API_KEY_SECRET = 'zenml/api-key';

export interface LocalCloud {
  readonly aws: LocalAws;
  readonly zenml: ZenmlServer;
}

/** Both virtual environments, side by side; the text tells what was done. */
export async function prepareVenvs(run: Run): Promise<string> {
  const [aws, zenml] = await Promise.all([
    ensureAwsVenv(run.log('ministack-venv')),
    ensureZenmlVenv(run.log('zenml-venv')),
  ]);
  return aws.fresh || zenml.fresh
    ? 'Python packages installed in virtual environments below .local/venvs'
    : 'virtual environments are cached below .local/venvs';
}

/** Start the local AWS, then the ZenML server whose AWS calls go to it. */
export async function startLocalCloud(run: Run, options: ZenmlServerOptions = {}): Promise<LocalCloud> {
  const aws = await LocalAws.start(run, await ensureAwsVenv(run.log('ministack-venv')));
  const zenml = await ZenmlServer.start(run, await ensureZenmlVenv(run.log('zenml-venv')), aws, options);
  return { aws, zenml };
}

/** Make a secret in the local AWS; its ARN. */
export async function storeSecret(aws: LocalAws, name: string, text: string): Promise<string> {
  const answer = await new SecretsManagerClient(aws.clientOptions()).send(
    new CreateSecretCommand({ Name: name, SecretString: text }),
  );
  return answer.ARN!;
}

/** Store another text in a secret of the local AWS. */
export async function replaceSecret(aws: LocalAws, arn: string, text: string): Promise<void> {
  await new SecretsManagerClient(aws.clientOptions()).send(
    new PutSecretValueCommand({ SecretId: arn, SecretString: text }),
  );
}
