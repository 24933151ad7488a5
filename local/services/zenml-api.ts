/** The server closes idle connections after 5 s, possibly at the moment of the next request. */
const OWN_CONNECTION = { connection: 'close' };

/**
 * The calls to a ZenML server that the demo and the tests make from outside. Not the handler's client, so that one
 * checks the other.
 */
export interface ZenmlObject {
  readonly id: string;
  readonly name: string;
  readonly [key: string]: unknown;
}

export class ZenmlApi {
  /** Log in as a user of the server (with a name) or with an API key (without). */
  public static async login(url: string, password: string, username?: string): Promise<ZenmlApi> {
    const form = new URLSearchParams(username === undefined ? { password } : { username, password });
    const response = await fetch(`${url}/api/v1/login`, { method: 'POST', body: form, headers: OWN_CONNECTION });
    if (!response.ok) { throw new Error(`login at ${url}: HTTP ${response.status}`); }
    return new ZenmlApi(url, ((await response.json()) as { access_token: string }).access_token);
  }

  private constructor(public readonly url: string, private readonly token: string) {}

  /**
   * The answer's body; an HTTP error is an Error with status and text. Bodies can hold secrets, hence never print one
   * whole.
   */
  public async call<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { 'authorization': `Bearer ${this.token}`, 'content-type': 'application/json', ...OWN_CONNECTION },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) { throw new Error(`ZenML ${method} ${path}: HTTP ${response.status} ${text.slice(0, 300)}`); }
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /** All objects of a list, without secrets. */
  public async list(kind: 'service_connectors' | 'components' | 'stacks', filter: string = ''): Promise<ZenmlObject[]> {
    const items: ZenmlObject[] = [];
    for (let page = 1; ; page++) {
      const answer = await this.call<{ items: ZenmlObject[]; total_pages: number }>(
        'GET', `/${kind}?hydrate=true&expand_secrets=false&size=100&page=${page}${filter}`);
      items.push(...answer.items);
      if (page >= answer.total_pages) { return items; }
    }
  }

  /** Everything that is not ZenML's own, one line each: what a destroy must leave empty. */
  public async inventory(): Promise<string[]> {
    const lines: string[] = [];
    for (const kind of ['service_connectors', 'components', 'stacks'] as const) {
      for (const item of await this.list(kind)) {
        if (item.name !== 'default') { lines.push(`${kind} ${item.name} ${item.id}`); }
      }
    }
    return lines.sort();
  }
}
