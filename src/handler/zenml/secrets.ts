import * as v from 'valibot';
import { ZenmlClient } from './client';
import { optional, Uuid } from './objects';
import { listAll } from './pages';

/** A secret of ZenML. A list shows no values (seen with 0.98.0), and this shape would drop them. */
export interface Secret {
  readonly id: string;
  readonly name: string;
  /** Whether only its owner can read it. */
  readonly isPrivate: boolean;
}

const SecretSchema = v.pipe(
  v.object({ id: Uuid, name: v.string(), body: v.object({ private: optional(v.boolean()) }) }),
  v.transform(({ id, name, body }): Secret => ({ id, name, isPrivate: body.private ?? false })),
);

export class Secrets {
  public constructor(private readonly client: ZenmlClient) {}

  public async byName(name: string): Promise<Secret[]> {
    const found = await listAll(this.client, '/secrets', { name: `equals:${name}` }, SecretSchema);
    return found.filter((secret) => secret.name === name);
  }
}
