import { Environment } from './lambda';
import { World } from './world';
import { AwsError, HttpAnswer, HttpRequest, Ports, TransportError } from '../../src/handler/ports';
import { ZenMLRequest, ModelServer } from '../zenml-model/model-server';

/** The handler's outside, for one process of the function, made of simulated things only. */
export function simulatedPorts(world: World, environment: Environment): Ports {
  const { clock, random, account } = world;
  const reach = <T>(signal: AbortSignal | undefined, work: () => Promise<T>) =>
    environment.reach(() => orAborted(work(), signal));
  const denied = (action: string, resource: string) => {
    if (account.allows(environment.fn.roleName, action, resource)) { return; }
    throw new AwsError(
      'AccessDeniedException',
      `${environment.fn.roleName} is not authorized to perform: ${action} on resource: ${resource}`,
    );
  };
  return {
    clock: {
      now: () => clock.now(),
      sleep: (milliseconds, signal) => environment.reach(() => clock.sleep(milliseconds, signal)),
      alarm: (milliseconds, ring) => clock.alarm(milliseconds, environment.guard(ring)),
    },
    random: random.next,
    env: {},
    log: entry => { world.log.push(JSON.stringify(entry)); },
    putAnswer: (url, body, signal) => reach(signal, async () => {
      await clock.sleep(20);
      return world.putAnswer(url.href, body);
    }),
    transport: request => reach(request.signal, () => counted(world, environment, request)),
    aws: {
      getParameter: (name, signal) => reach(signal, async () => {
        await clock.sleep(10);
        denied('ssm:GetParameter', account.arn('ssm', `parameter/${name.replace(/^\//, '')}`));
        const value = account.parameters.get(name);
        if (value === undefined) { throw new AwsError('ParameterNotFound', `parameter ${name} not found`); }
        return value;
      }),
      getSecret: (arn, _, signal) => reach(signal, async () => {
        await clock.sleep(10);
        denied('secretsmanager:GetSecretValue', arn);
        const value = account.secrets.get(arn);
        if (value === undefined) {
          throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
        }
        return value;
      }),
      getRepositoryUri: (repository, signal) => reach(signal, async () => {
        await clock.sleep(10);
        denied('ecr:DescribeRepositories', account.arn('ecr', `repository/${repository.name}`));
        if (!account.repositories.has(repository.name)) {
          throw new AwsError('RepositoryNotFoundException', `${repository.name} does not exist`);
        }
        return `${repository.registryId}.dkr.ecr.${repository.region}.amazonaws.com/${repository.name}`;
      }),
      getStackEvents: (stackId, page, signal) => reach(signal, async () => {
        await clock.sleep(10);
        if (world.cloudformationUnreachable) { throw new AwsError('TimeoutError', 'no endpoint in this VPC'); }
        denied('cloudformation:DescribeStackEvents', stackId);
        return world.cloudformation.describeEvents(stackId, page);
      }),
    },
  };
}

async function counted(world: World, environment: Environment, request: HttpRequest): Promise<HttpAnswer> {
  const call = `${request.method} ${request.url}`;
  world.callRate.called(environment, call);
  try {
    const answer = await exchange(world, request);
    if (world.dieAfter?.(request.method, new URL(request.url).pathname)) { environment.die(); }
    if (answer.status >= 400) { world.callRate.failed(environment, call); }
    return answer;
  } catch (error) {
    world.callRate.failed(environment, call);
    throw error;
  }
}

async function exchange(world: World, request: HttpRequest): Promise<HttpAnswer> {
  const { clock, random } = world;
  const url = new URL(request.url);
  if (url.host === world.account.registryHost) { return registryAnswer(world, request.method, url.pathname); }
  const server = world.network.get(url.origin);
  if (!server) { throw new TransportError('permanent', 'ENOTFOUND', `getaddrinfo ENOTFOUND ${url.hostname}`); }
  if (world.down.has(url.origin)) { throw new TransportError('refused', 'ECONNREFUSED', 'connect ECONNREFUSED'); }
  const path = `${url.pathname}${url.search}`;
  const sentAt = clock.now();
  const fault = server.faults.take(request.method, path);
  await clock.sleep(10 + random.integer(40) + (fault?.kind === 'late' ? fault.milliseconds ?? 0 : 0));
  if (fault?.kind === 'refuse') { throw new TransportError('refused', 'ECONNRESET', 'read ECONNRESET'); }
  if (fault?.kind === 'hang') { return new Promise(() => undefined); }
  let answer =
    fault?.kind === 'status'
      ? {
        status: fault.status ?? 503,
        headers: fault.headers ?? { 'content-type': 'text/html' },
        body: fault.body ?? '<html></html>',
      }
      : serve(server, sentAt, { method: request.method, path, headers: lower(request.headers), body: request.body });
  await clock.sleep(10 + random.integer(40) + (fault?.kind === 'delay' ? fault.milliseconds ?? 0 : 0));
  if (fault?.kind === 'drop-answer') { throw new TransportError('lost', 'ECONNRESET', 'socket hang up'); }
  if (fault?.kind === 'status-after') {
    answer = {
      status: fault.status ?? 502,
      headers: fault.headers ?? { 'content-type': 'text/html' },
      body: fault.body ?? '<html></html>',
    };
  }
  return answer;
}

/** The account's ECR registry lets every login push to and pull from the repositories that exist. */
async function registryAnswer(world: World, method: string, path: string): Promise<HttpAnswer> {
  await world.clock.sleep(20);
  const repository = /^\/v2\/(.+)\/(?:manifests|blobs)\//.exec(path)?.[1] ?? '';
  const code = world.account.repositories.has(repository) ? 'MANIFEST_UNKNOWN' : 'NAME_UNKNOWN';
  const headers = { 'content-type': 'application/json' };
  if (method === 'POST' && code !== 'NAME_UNKNOWN') { return { status: 202, headers, body: '' }; }
  return { status: 404, headers, body: JSON.stringify({ errors: [{ code, message: '' }] }) };
}

function serve(server: ModelServer, sentAt: number, request: ZenMLRequest): HttpAnswer {
  server.sentAt = sentAt;
  try {
    return server.request(request);
  } finally {
    server.sentAt = undefined;
  }
}

const lower = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** The work, or the signal's reason when that comes first (the work itself goes on, as a server would). */
function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) { return work; }
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) { return stop(); }
    signal.addEventListener('abort', stop, { once: true });
    return work.finally(() => signal.removeEventListener('abort', stop)).then(resolve, reject);
  });
}
