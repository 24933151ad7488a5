import { SecretsManagerClient, DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Live } from './live';
import { storeSecret } from '../../../local/services/local-cloud';
import { SelfHostedServerOptions, ZenMLServer } from '../../../src';

/** A secret with an API key, as a user makes one by hand; to be deleted by the test that made it. */
export class StoredApiKey {
  public static async in(cloud: Live, name: string, key: string = cloud.apiKey): Promise<StoredApiKey> {
    return new StoredApiKey(cloud, name, await storeSecret(cloud.aws, name, key));
  }

  private constructor(private readonly cloud: Live, public readonly name: string, public readonly arn: string) {}

  /** The live ZenML server (or a proxy before it) in a stack, with this key. */
  public server(stack: Stack, props: Partial<SelfHostedServerOptions> = {}): ZenMLServer {
    const id = `ApiKey-${this.name.replace(/\W/g, '-')}`;
    const apiKey = stack.node.tryFindChild(id) as Secret | undefined ?? Secret.fromSecretNameV2(stack, id, this.name);
    return ZenMLServer.selfHosted({ url: this.cloud.zenml.url, apiKey, ...props });
  }

  public async delete(): Promise<void> {
    const client = new SecretsManagerClient(this.cloud.aws.clientOptions());
    await client.send(new DeleteSecretCommand({ SecretId: this.arn, ForceDeleteWithoutRecovery: true }));
  }
}

/** Another key of the same form: changed inside, since ZenML ignores what is appended to a key. */
export function wrongKeyLike(key: string): string {
  const [prefix, encoded] = key.split(/_(.*)/s) as [string, string];
  const content = JSON.parse(Buffer.from(encoded, 'base64').toString()) as { id: string; key: string };
  const inside = [...content.key]
    .map((letter) => (/[a-f0-9]/.test(letter) ? ((parseInt(letter, 16) + 7) % 16).toString(16) : letter))
    .join('');
  return `${prefix}_${Buffer.from(JSON.stringify({ ...content, key: inside })).toString('base64')}`;
}
