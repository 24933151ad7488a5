import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { LocalAws } from '../local/services/aws';
import { RecordingProxy } from '../local/services/recording-proxy';
import { ZenmlServer } from '../local/services/zenml';

/**
 * The steps of ZenML's documentation page by hand, with the `zenml` command line: connector, container registry,
 * connection, stack.
 */
export class CommandLine {
  /** The repository and the AWS user with an access key that a person makes before. */
  public static async prepare(
    aws: LocalAws,
    zenml: ZenmlServer,
    proxy: RecordingProxy,
    apiKey: string,
  ): Promise<CommandLine> {
    // ZenML registers a connector only where its credentials reach a repository.
    await new ECRClient(aws.clientOptions()).send(new CreateRepositoryCommand({ repositoryName: 'by-hand' }));
    const iam = new IAMClient(aws.clientOptions());
    const UserName = 'command-line';
    await iam.send(new CreateUserCommand({ UserName }));
    const policy = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['ecr:*', 'sts:*'], Resource: '*' }],
    };
    await iam.send(
      new PutUserPolicyCommand({ UserName, PolicyName: 'rights', PolicyDocument: JSON.stringify(policy) }),
    );
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const keys = [
      `--aws_access_key_id=${AccessKey!.AccessKeyId!}`,
      `--aws_secret_access_key=${AccessKey!.SecretAccessKey!}`,
    ];
    return new CommandLine(aws, zenml, proxy, apiKey, keys);
  }

  private constructor(
    private readonly aws: LocalAws,
    private readonly zenml: ZenmlServer,
    private readonly proxy: RecordingProxy,
    private readonly apiKey: string,
    private readonly keys: readonly string[],
  ) {}

  public async create(): Promise<void> {
    const uri = `${this.aws.account}.dkr.ecr.${this.aws.region}.amazonaws.com`;
    await this.run(
      'service-connector',
      'register',
      'by-hand',
      '--type',
      'aws',
      '--resource-type',
      'docker-registry',
      '--auth-method',
      'secret-key',
      `--region=${this.aws.region}`,
      ...this.keys,
    );
    await this.run('container-registry', 'register', 'by-hand', '--flavor=aws', `--uri=${uri}`);
    await this.run('container-registry', 'connect', 'by-hand', '--connector', 'by-hand');
    await this.run('stack', 'register', 'by-hand', '-o', 'default', '-a', 'default', '-c', 'by-hand');
  }

  public async delete(): Promise<void> {
    await this.run('stack', 'delete', 'by-hand', '-y');
    await this.run('container-registry', 'delete', 'by-hand');
    await this.run('service-connector', 'delete', 'by-hand');
  }

  private async run(...args: string[]): Promise<void> {
    await this.zenml.cli(this.apiKey, args, this.aws, this.proxy.url);
  }
}
