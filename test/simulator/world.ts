import { AwsAccount } from './aws-account';
import { CallRate } from './call-rate';
import { VirtualClock } from './clock';
import { CloudFormation } from './cloudformation';
import { CustomResources } from './custom-resources';
import { Environment, Handler, LambdaService } from './lambda';
import { ModelServer } from '../zenml-model/model-server';
import { Random } from '../zenml-model/random';

type LoadHandler = (world: World, environment: Environment) => Handler;

/** One AWS account, some ZenML servers, and a network between them. */
export class World {
  public readonly clock = new VirtualClock();
  public readonly random: Random;
  public readonly account: AwsAccount;
  public readonly lambda: LambdaService;
  public readonly cloudformation: CloudFormation;
  /** Origin, such as `https://zenml.example.com`, to server; one server may stand behind several. */
  public readonly network = new Map<string, ModelServer>();
  /** Origins whose connections are refused. */
  public readonly down = new Set<string>();
  /** `true`: the function's VPC has no endpoint for CloudFormation. */
  public cloudformationUnreachable = false;
  /** Whether it ever was. */
  public everUnreachable = false;
  /** How often the handler calls. */
  public readonly callRate = new CallRate(this.clock);
  /** Lines that the handler logged. */
  public readonly log: string[] = [];
  /** A process dies when ZenML has done what this picks. */
  public dieAfter?: (method: string, path: string) => boolean;
  /** The next PUTs of answers get these statuses instead of being taken. */
  public readonly answerFailures: number[] = [];

  public constructor(seed: number, load: LoadHandler) {
    this.random = new Random(seed);
    this.account = new AwsAccount(this.clock, this.random);
    this.lambda = new LambdaService(this.account, environment => load(this, environment));
    this.cloudformation = new CloudFormation(this.account, new CustomResources(this.account, this.lambda));
  }

  public addServer(...origins: string[]): ModelServer {
    const server = new ModelServer({
      random: this.random,
      now: () => this.clock.now(),
      aws: (configuration, method) => this.account.verify(configuration, method),
    });
    origins.forEach(origin => this.network.set(origin, server));
    return server;
  }

  public putAnswer(url: string, body: string): number {
    return this.answerFailures.shift() ?? this.cloudformation.custom.receive(url, body);
  }

  /** Runs an operation, time passing as needed. */
  public run<T>(work: Promise<T>): Promise<T> {
    return this.clock.run(work);
  }
}
