import { isLoopback } from '../../contract/loopback';
import { Ports } from '../ports';

/**
 * The address of an AWS emulator on this machine, if the function runs in one: AWS_ENDPOINT_URL, as the AWS SDK reads
 * it. On AWS, no other process listens on the loopback address of a function.
 */
export function emulatorUrl(env: Ports['env']): URL | undefined {
  try {
    const url = new URL(env.AWS_ENDPOINT_URL ?? '');
    return isLoopback(url.hostname) ? url : undefined;
  } catch {
    return undefined;
  }
}
