import { Intervention, ProxiedRequest } from './recording-proxy';

/** A set of faults for `RecordingProxy.intervene`, each for some calls only, and how often each has struck. */
export class Faults {
  private readonly rules: { readonly which: Which; readonly make: () => Intervention; left: number }[] = [];
  private count = 0;

  /** So many of the calls that fit get the intervention; the rest passes. */
  public add(which: Which, intervention: Intervention | (() => Intervention), times: number = 1): this {
    this.rules.push({
      which,
      make: typeof intervention === 'function' ? intervention : () => intervention,
      left: times,
    });
    return this;
  }

  public readonly intervene = (request: ProxiedRequest): Intervention | undefined => {
    const rule = this.rules.find((candidate) => candidate.left > 0 && candidate.which(request));
    if (!rule) { return undefined; }
    rule.left--;
    this.count++;
    return rule.make();
  };

  /** How many calls were interfered with: a test whose fault never struck has shown nothing. */
  public get struck(): number { return this.count; }
}

export type Which = (request: Pick<ProxiedRequest, 'method' | 'path'>) => boolean;

/** `calls('POST', '/components')`: by method and the end of the path; a `*` stands for an id. */
export function calls(method: string, pathEnd: string): Which {
  const end = new RegExp(`/api/v1${pathEnd.replace(/\*/g, '[0-9a-f-]{36}')}$`);
  return (request) => request.method === method && end.test(request.path);
}

export const VERIFICATION: Which = calls('POST', '/service_connectors/verify');

/** The server does its work, the caller never hears of it. */
export const ANSWER_LOST: Intervention = { break: 'after' };
export const CONNECTION_RESET: Intervention = { break: 'before' };
/** What a broken body makes of a call: ZenML refuses it for good. */
export const REFUSED: Intervention = {
  answer: { status: 400, body: { detail: ['ValueError', 'refused on purpose'] } },
};

export function unavailable(retryAfterSeconds?: number): Intervention {
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return { answer: { status: 503, body: { detail: 'Server too busy. Please try again later.' }, headers } };
}

export function delayed(milliseconds: number): Intervention {
  return { first: async () => new Promise((resolve) => setTimeout(resolve, milliseconds)) };
}

/** What a verification says while AWS does not know a young role yet, and when nothing will ever help. */
export const NOT_YET: Intervention = verdict(
  'authorization failure: An error occurred (AccessDenied) when calling the AssumeRole operation',
);
export const NEVER: Intervention = verdict('Could not connect to the endpoint URL');

function verdict(error: string): Intervention {
  return { answer: { status: 200, body: { error, resources: [] } } };
}
