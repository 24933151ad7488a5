import { createHash } from 'node:crypto';
import * as http from 'node:http';
import { AddressInfo } from 'node:net';
import { API_KEY, REGISTRY, ScriptedServer } from './scripted-server';
import { Label } from '../../../src/contract/labels';
import { Answer } from '../../../src/handler/cloudformation/answer';
import { makeHandler, Handler } from '../../../src/handler/handler';
import { nodeTransport } from '../../../src/handler/outside/http-transport';
import { putAnswer } from '../../../src/handler/outside/put-answer';
import { AwsError, Clock, Ports, StackEvent } from '../../../src/handler/ports';

export const STACK_ID = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Main/1';
export const KEY_ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:zenml/api-key';
export const AWS_KEYS_ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:aws-keys';
export const AWS_KEYS = {
  id: 'AK' + 'IA' + 'SCRIPTEDKEY00001',
  secret: 'scripted-secret-access-key',
  token: 'scripted-session-token',
};

/** Time goes on only by sleeping or `advance`: sockets take none of it. */
export class SteppedClock implements Clock {
  public time = Date.parse('2026-01-02T03:04:05Z');
  public slept: number[] = [];
  private readonly alarms = new Map<object, { at: number; ring: () => void }>();

  public now(): number {
    return this.time;
  }

  public async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.slept.push(milliseconds);
    this.advance(milliseconds, signal);
    // Sockets get their turn before the sleeper wakes.
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }

  public alarm(milliseconds: number, ring: () => void): () => void {
    const key = {};
    this.alarms.set(key, { at: this.time + milliseconds, ring });
    return () => this.alarms.delete(key);
  }

  /** To the next end that somebody waits for. */
  public advanceToAlarm(): void {
    this.advance(Math.min(...[...this.alarms.values()].map(({ at }) => at)) - this.time);
  }

  /** Stops where the signal is aborted: whoever slept wakes then. */
  public advance(milliseconds: number, signal?: AbortSignal): void {
    const end = this.time + milliseconds;
    for (;;) {
      const due = [...this.alarms].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) {
        break;
      }
      this.alarms.delete(due[0]);
      this.time = Math.max(this.time, due[1].at);
      due[1].ring();
      if (signal?.aborted) {
        return;
      }
    }
    this.time = end;
  }
}

export interface EventOptions {
  requestId?: string;
  physicalId?: string;
  old?: Record<string, unknown>;
  logicalId?: string;
  stackId?: string;
  /** Query of the answer's URL. */
  query?: string;
  remainingMs?: number;
}

/** The handler with real sockets to the server and to the answers' endpoint, and everything else in memory. */
/** What CloudFormation records: the stack's own events, and those of a resource. */
export const ofStack = (status: string, time: number) => ({
  logicalId: 'Main',
  physicalId: STACK_ID,
  status,
  reason: '',
  time,
});
export const ofResource = (logicalId: string, status: string, reason: string, time: number) => ({
  logicalId,
  physicalId: 'x',
  status,
  reason,
  time,
});

export class Harness {
  public static async start(zenml?: ScriptedServer): Promise<Harness> {
    const server = zenml ?? (await new ScriptedServer().start());
    const harness = new Harness(server, `http://127.0.0.1:${server.port}`);
    await new Promise<void>((resolve) => harness.endpoint.listen(0, '127.0.0.1', resolve));
    harness.bind(harness.url);
    harness.secrets.set(KEY_ARN, `${API_KEY}\n`);
    harness.secrets.set(AWS_KEYS_ARN, JSON.stringify(AWS_KEYS));
    harness.fresh();
    return harness;
  }

  public readonly clock = new SteppedClock();
  public readonly parameters = new Map<string, string>();
  public readonly secrets = new Map<string, string | string[]>();
  public readonly repositories = new Map<string, string>([['zenml', `${REGISTRY}/zenml`]]);
  public readonly answers: Answer[] = [];
  public readonly answerBodies: string[] = [];
  public readonly answerStatuses: number[] = [];
  public readonly answerRequests: http.IncomingMessage[] = [];
  public readonly logs: string[] = [];
  /** Reasons and warnings that do not end with a code. `stop` refuses them. */
  private readonly withoutCodes: string[] = [];
  /**
   * Events of the CloudFormation stack, oldest first; undefined: CloudFormation cannot be reached, as in a VPC without
   * an endpoint.
   */
  public stackEvents: StackEvent[] | undefined = [ofStack('UPDATE_IN_PROGRESS', 0)];
  /** The next so many AWS calls are denied. */
  public denials = 0;
  public handler!: Handler;
  public ports!: Ports;
  private readonly endpoint: http.Server;
  private serial = 0;

  public constructor(
    public readonly zenml: ScriptedServer,
    public url: string = '',
  ) {
    this.endpoint = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.answerRequests.push(request);
        const status = this.answerStatuses.shift() ?? 200;
        if (status === 0) {
          request.socket.destroy();
          return;
        }
        response.writeHead(status).end();
        if (status === 200) {
          this.answerBodies.push(Buffer.concat(chunks).toString('utf8'));
          const answer = JSON.parse(this.answerBodies.at(-1)!) as Answer;
          const { Reason } = answer;
          this.answers.push(Reason === undefined ? answer : { ...answer, Reason: this.withoutCode(Reason) });
        }
      });
    });
  }

  /**
   * Tests compare reasons and warnings without the code of docs/troubleshooting.md, which each of them ends with. Texts
   * in `answerBodies` are whole.
   */
  private withoutCode(text: unknown): string | undefined {
    if (typeof text !== 'string') { return undefined; }
    if (!/ \[CZ\d{3}\]$/.test(text)) { this.withoutCodes.push(text); }
    return text.replace(/ \[CZ\d{3}\](?=; |$)/g, '');
  }

  /** A new process: nothing remembered. */
  public fresh(): void {
    const refuse = () => {
      if (this.denials > 0) {
        this.denials--;
        throw new AwsError('AccessDeniedException', 'denied');
      }
    };
    this.ports = {
      clock: this.clock,
      random: () => 0.5,
      transport: nodeTransport,
      aws: {
        getParameter: async (name) => {
          refuse();
          return this.parameters.get(name) ?? missing('ParameterNotFound');
        },
        getSecret: async (arn) => {
          refuse();
          const value = this.secrets.get(arn) ?? missing('ResourceNotFoundException');
          return typeof value === 'string' ? value : value.length > 1 ? value.shift()! : value[0]!;
        },
        getRepositoryUri: async ({ name }) => {
          refuse();
          return this.repositories.get(name) ?? missing('RepositoryNotFoundException');
        },
        getStackEvents: async () => ({ events: [...(this.stackEvents ?? missing('TimeoutError'))].reverse() }),
      },
      putAnswer,
      log: ({ reason, warnings, ...entry }) => this.logs.push(JSON.stringify({
        ...entry, reason: this.withoutCode(reason), warnings: this.withoutCode(warnings),
      })),
      env: { AWS_ENDPOINT_URL: this.endpointUrl },
    };
    this.handler = makeHandler(this.ports);
  }

  /** CloudFormation rolls back: this resource's Update had ended with the reason (`undefined`: it was cancelled). */
  public rollBack(logicalId: string, reason?: string): void {
    const now = this.clock.now();
    this.stackEvents = [
      ofStack('UPDATE_IN_PROGRESS', now - 20_000),
      ofResource(logicalId, 'UPDATE_IN_PROGRESS', '', now - 19_000),
      ofResource(
        logicalId,
        'UPDATE_FAILED',
        reason === undefined
          ? 'Resource update cancelled'
          : `Received response status [FAILED] from custom resource. Message returned: ${reason} (RequestId: 1)`,
        now - 5_000,
      ),
      ofStack('UPDATE_ROLLBACK_IN_PROGRESS', now - 1_000),
    ];
  }

  public get endpointUrl(): string {
    return `http://127.0.0.1:${(this.endpoint.address() as AddressInfo).port}`;
  }

  public bind(url: string, more: Record<string, unknown> = {}): void {
    this.url = url;
    this.parameters.set('/server', JSON.stringify({ kind: 'server', url, secretId: KEY_ARN, ...more }));
    this.parameters.set(
      '/keys',
      JSON.stringify({
        kind: 'keys',
        url,
        secretId: AWS_KEYS_ARN,
        accessKeyIdField: 'id',
        secretAccessKeyField: 'secret',
        sessionTokenField: 'token',
      }),
    );
  }

  public event(
    requestType: string,
    resourceType: string,
    properties: Record<string, unknown>,
    options: EventOptions = {},
  ): Record<string, unknown> {
    const date = new Date(this.clock.time).toISOString().replace(/[-:]|\.\d+/g, '');
    return {
      RequestType: requestType,
      RequestId: options.requestId ?? `request-${++this.serial}`,
      ResponseURL: `${this.endpointUrl}/answer?${options.query ?? `X-Amz-Date=${date}&X-Amz-Signature=canary-signature`}`,
      ResourceType: `Custom::ZenML${resourceType}`,
      LogicalResourceId: options.logicalId ?? resourceType,
      StackId: options.stackId ?? STACK_ID,
      ...(options.physicalId !== undefined && { PhysicalResourceId: options.physicalId }),
      ...(options.old && { OldResourceProperties: this.whole(options.old) }),
      ResourceProperties: this.whole(properties),
    };
  }

  public whole(properties: Record<string, unknown>): Record<string, unknown> {
    return {
      ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:f',
      ServiceTimeout: '420',
      ServerBinding: '/server',
      ServerUrl: this.url,
      NamePrefix: 'main',
      ...properties,
    };
  }

  /** Sends one event and gives its answer. */
  public async send(
    requestType: string,
    resourceType: string,
    properties: Record<string, unknown> = {},
    options: EventOptions = {},
  ): Promise<Answer> {
    const before = this.answers.length;
    await this.deliver(this.event(requestType, resourceType, properties, options), options.remainingMs);
    if (this.answers.length !== before + 1) {
      throw new Error(`${this.answers.length - before} answers`);
    }
    return this.answers.at(-1)!;
  }

  public async deliver(event: unknown, remainingMs = 300_000): Promise<void> {
    const end = this.clock.now() + remainingMs;
    await this.handler(event, { getRemainingTimeInMillis: () => end - this.clock.now() });
  }

  public async stop(): Promise<void> {
    expect(this.withoutCodes).toEqual([]);
    this.endpoint.closeAllConnections();
    await new Promise((resolve) => this.endpoint.close(resolve));
    await this.zenml.stop();
  }

  /** All that left the handler but for the calls to ZenML. */
  public get said(): string {
    return [...this.answerBodies, ...this.logs].join('\n');
  }
}

/** The labels that say whose an object is, as the handler writes them for one resource. */
export function ownedBy(stackId: string, logicalId: string): Record<string, string> {
  const digest = createHash('sha256').update(`${stackId}|${logicalId}`).digest('hex').slice(0, 16);
  return { [Label.STACK]: stackId, [Label.LOGICAL_ID]: logicalId, [Label.OWNER]: digest };
}

function missing(code: string): never {
  throw new AwsError(code, code);
}

export const CONNECTOR = {
  AuthMethod: 'iam-role',
  ResourceType: 'docker-registry',
  ResourceId: REGISTRY,
  Region: 'eu-west-1',
  RoleArn: 'arn:aws:iam::111122223333:role/access',
  KeysBinding: '/keys',
  KeysVersion: '1',
  ExpirationSeconds: '3600',
};
export const COMPONENT = {
  ComponentType: 'container_registry',
  Flavor: 'aws',
  Configuration: JSON.stringify({ uri: REGISTRY, default_repository: 'zenml' }),
};
export const STACK = {
  Components: [
    { ComponentType: 'orchestrator', Name: 'default' },
    { ComponentType: 'artifact_store', Name: 'default' },
  ],
};
