import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { RecordingProxy } from '../local/services/recording-proxy';
import { makeHandler, Handler } from '../src/handler/handler';
import { nodeTransport } from '../src/handler/outside/http-transport';
import { nodeClock } from '../src/handler/outside/node-clock';
import { putAnswer } from '../src/handler/outside/put-answer';
import { AwsError, Ports } from '../src/handler/ports';

const HOST = '111122223333.dkr.ecr.us-east-1.amazonaws.com';
const KEY_ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:many/api-key';
const KEYS_ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:many/keys';

interface ManyAnswer {
  readonly Status: string;
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly Data?: { readonly Id: string };
}

interface Resource {
  readonly type: 'ServiceConnector' | 'StackComponent' | 'Stack';
  readonly stack: number;
  readonly logicalId: string;
  readonly properties: Record<string, unknown>;
}

/**
 * Many CloudFormation stacks at once against one ZenML server, without a CloudFormation: the handler is called as
 * Lambda does, on real sockets. Lambda gives each event in flight a sandbox of its own (`makeHandler`) and uses an idle
 * one again. Every event is delivered twice at the same time. AWS's side is in memory.
 */
export class ManyStacks {
  public static async start(serverUrl: string, apiKey: string, stacks: number): Promise<ManyStacks> {
    const proxy = await RecordingProxy.start({ target: serverUrl });
    const many = new ManyStacks(proxy, apiKey, stacks);
    await new Promise<void>((resolve) => many.endpoint.listen(0, '127.0.0.1', resolve));
    return many;
  }

  /** Every answer, also the second one to an event that came twice. */
  public readonly answers = new Map<string, ManyAnswer[]>();
  private readonly endpoint: Server;
  /** The idle sandboxes of the function of each stack. */
  private readonly idle: Handler[][];
  private created = 0;

  private constructor(
    public readonly proxy: RecordingProxy,
    private readonly apiKey: string,
    stacks: number,
  ) {
    this.endpoint = createServer((request, response) => {
      let body = '';
      request
        .setEncoding('utf8')
        .on('data', (chunk: string) => {
          body += chunk;
        })
        .on('end', () => {
          const key = request.url!.split('?')[0]!;
          this.answers.set(key, [...(this.answers.get(key) ?? []), JSON.parse(body) as ManyAnswer]);
          response.writeHead(200).end();
        });
    });
    this.idle = Array.from({ length: stacks }, () => []);
  }

  /** How many sandboxes there were so far; each logs in once. */
  public get sandboxes(): number {
    return this.created;
  }

  /**
   * So many registries (connector and component each) spread over the stacks, a ZenML stack for each of these; all at
   * once.
   */
  public async create(registries: number): Promise<{ resources: [Resource, ManyAnswer][]; seconds: number }> {
    const began = Date.now();
    const made: [Resource, ManyAnswer][] = [];
    await Promise.all(
      Array.from({ length: registries }, async (_, index) => {
        const stack = index % this.idle.length;
        const create = async (type: Resource['type'], properties: Record<string, unknown>) => {
          const resource = {
            type,
            stack,
            logicalId: `${type}${index}`,
            properties: { ...properties, NamePrefix: `many-${index}` },
          };
          const answer = await this.send('Create', resource);
          made.push([resource, answer]);
          return answer.Data?.Id;
        };
        const connector = await create('ServiceConnector', {
          AuthMethod: 'secret-key',
          ResourceType: 'docker-registry',
          ResourceId: HOST,
          Region: 'us-east-1',
          KeysBinding: '/keys',
          Verify: 'false',
        });
        const component = await create('StackComponent', {
          ComponentType: 'container_registry',
          Flavor: 'aws',
          Configuration: JSON.stringify({ uri: HOST }),
          Connector: { Id: connector },
          ConnectorResourceId: HOST,
        });
        if (index >= this.idle.length) {
          return;
        }
        const own = ['orchestrator', 'artifact_store'].map((ComponentType) => ({ ComponentType, Name: 'default' }));
        await create('Stack', { Components: [...own, { ComponentType: 'container_registry', Id: component }] });
      }),
    );
    return { resources: made, seconds: (Date.now() - began) / 1000 };
  }

  /** All of them deleted, in CloudFormation's order within each stack. */
  public async remove(resources: [Resource, ManyAnswer][]): Promise<{ failed: ManyAnswer[]; seconds: number }> {
    const began = Date.now();
    const failed: ManyAnswer[] = [];
    for (const type of ['Stack', 'StackComponent', 'ServiceConnector']) {
      await Promise.all(
        resources
          .filter(([resource]) => resource.type === type)
          .map(async ([resource, { PhysicalResourceId }]) => {
            const answer = await this.send('Delete', resource, PhysicalResourceId);
            if (answer.Status !== 'SUCCESS') {
              failed.push(answer);
            }
          }),
      );
    }
    return { failed, seconds: (Date.now() - began) / 1000 };
  }

  public async stop(): Promise<void> {
    await this.proxy.stop();
    this.endpoint.closeAllConnections();
    await new Promise((resolve) => this.endpoint.close(resolve));
  }

  private async send(
    requestType: string,
    { type, stack, logicalId, properties }: Resource,
    physicalId?: string,
  ): Promise<ManyAnswer> {
    const path = `/${requestType}/${stack}/${logicalId}`;
    const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const event = {
      RequestType: requestType,
      RequestId: `${requestType}-${logicalId}`,
      ResponseURL: `${this.endpointUrl}${path}?X-Amz-Date=${date}`,
      ResourceType: `Custom::ZenML${type}`,
      LogicalResourceId: logicalId,
      StackId: `arn:aws:cloudformation:us-east-1:111122223333:stack/many-${stack}/1`,
      PhysicalResourceId: physicalId,
      ResourceProperties: {
        ServiceToken: 'many',
        ServiceTimeout: '420',
        ServerBinding: '/server',
        ServerUrl: this.proxy.url,
        ...properties,
      },
    };
    const end = Date.now() + 300_000;
    const deliver = async () =>
      this.inSandbox(stack, async (handler) => handler(event, { getRemainingTimeInMillis: () => end - Date.now() }));
    await Promise.all([deliver(), deliver()]);
    return this.answers.get(path)![0]!;
  }

  private async inSandbox(stack: number, work: (handler: Handler) => Promise<void>): Promise<void> {
    const handler = this.idle[stack]!.pop() ?? this.newSandbox();
    await work(handler);
    this.idle[stack]!.push(handler);
  }

  private newSandbox(): Handler {
    this.created++;
    return makeHandler(this.ports());
  }

  private get endpointUrl(): string {
    return `http://127.0.0.1:${(this.endpoint.address() as AddressInfo).port}`;
  }

  private ports(): Ports {
    const texts: Record<string, () => string> = {
      '/server': () => JSON.stringify({ kind: 'server', url: this.proxy.url, secretId: KEY_ARN }),
      '/keys': () =>
        JSON.stringify({
          kind: 'keys',
          url: this.proxy.url,
          secretId: KEYS_ARN,
          accessKeyIdField: 'id',
          secretAccessKeyField: 'secret',
        }),
      [KEY_ARN]: () => this.apiKey,
      [KEYS_ARN]: () => JSON.stringify({ id: 'none', secret: 'none' }),
    };
    const read = async (name: string) => texts[name]?.() ?? Promise.reject(new AwsError('ParameterNotFound', name));
    const url = () => this.endpointUrl;
    return {
      clock: nodeClock,
      random: Math.random,
      transport: nodeTransport,
      aws: {
        getParameter: read,
        getSecret: read,
        getRepositoryUri: async ({ name }) => read(name),
        getStackEvents: async (id) => ({ events: [], nextPage: await read(id) }),
      },
      putAnswer,
      log: () => {},
      env: {
        get AWS_ENDPOINT_URL() {
          return url();
        },
      },
    };
  }
}
