import { readKeysBinding } from './bindings';
import { AwsLookups } from '../ports';

/**
 * Look-ups of AWS that have begun early: the AWS keys of a connector are read while the login runs, which takes half a
 * second. Each answer serves one call, so that a repeat (a policy that is not known everywhere yet, a key that was
 * rotated) asks AWS again.
 */
export class ReadAhead {
  private readonly begun = new Map<string, Promise<string>>();
  public readonly aws: AwsLookups;

  public constructor(private readonly lookups: AwsLookups) {
    this.aws = {
      ...lookups,
      getParameter: async (name, signal) => this.take(name) ?? lookups.getParameter(name, signal),
      getSecret: async (id, versionId, signal) =>
        this.take(keyOf(id, versionId)) ?? lookups.getSecret(id, versionId, signal),
    };
  }

  /** Begins to read the keys of this binding. A failure is the business of whoever wants the answer. */
  public begin(keysBinding: string, signal: AbortSignal): void {
    const parameter = this.lookups.getParameter(keysBinding, signal);
    this.begun.set(keysBinding, parameter);
    parameter.then(async (text) => {
      const { secretId, versionId } = await readKeysBinding(keysBinding, async () => text);
      const secret = this.lookups.getSecret(secretId, versionId, signal);
      secret.catch(() => {});
      this.begun.set(keyOf(secretId, versionId), secret);
    }).catch(() => {});
  }

  private take(key: string): Promise<string> | undefined {
    const begun = this.begun.get(key);
    this.begun.delete(key);
    return begun;
  }
}

function keyOf(secretId: string, versionId: string | undefined): string {
  return `${secretId} ${versionId ?? ''}`;
}
