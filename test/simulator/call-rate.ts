import { VirtualClock } from './clock';
import { Environment } from './lambda';

/** More calls than any work needs: a loop without a pause. */
const MAX_CALLS_A_SECOND = 30;
/** The same call, refused so often within a second: nobody waited in between. */
const MAX_FAILURES_A_SECOND = 4;

/** Counts the calls that one event makes in any second. */
export class CallRate {
  public readonly violations: string[] = [];
  private readonly counts = new WeakMap<
    Environment,
    { invocation: number; times: Map<string, number[]>; told: Set<string> }
  >();

  public constructor(private readonly clock: VirtualClock) {}

  public called(environment: Environment, call: string): void {
    this.count(
      environment,
      '',
      MAX_CALLS_A_SECOND,
      `more than ${MAX_CALLS_A_SECOND} calls in a second, the last one ${call}`,
    );
  }

  public failed(environment: Environment, call: string): void {
    this.count(
      environment,
      call,
      MAX_FAILURES_A_SECOND,
      `${call} more than ${MAX_FAILURES_A_SECOND} times in a second, each time in vain`,
    );
  }

  private count(environment: Environment, what: string, max: number, complaint: string): void {
    let known = this.counts.get(environment);
    if (known?.invocation !== environment.invocation) {
      known = { invocation: environment.invocation, times: new Map(), told: new Set() };
      this.counts.set(environment, known);
    }
    const times = known!.times.get(what) ?? [];
    known!.times.set(what, times);
    times.push(this.clock.now());
    if (times.length > max + 1) {
      times.shift();
    }
    if (times.length <= max || times.at(-1)! - times[0]! >= 1000 || known!.told.has(what)) {
      return;
    }
    known!.told.add(what);
    this.violations.push(complaint);
  }
}
