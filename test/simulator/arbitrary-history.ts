import * as fc from 'fast-check';
import { Marker } from './app';
import { Change, Mishap, Step } from './history';
import { Meddling, MEDDLINGS } from './meddling';
import { Origin, StackName, STACKS } from './scene';
import { Fault } from '../fakes/zenml-faults';

/** Histories as plain data, so that fast-check can shrink them and a person can read them. */

/** Mostly the first: long stories of one stack find more than short ones of three. */
const stack = fc.constantFrom<StackName>('One', 'One', 'One', ...STACKS);

const values = {
  server: fc.constantFrom<Origin>('a', 'a', 'alias', 'b'),
  method: fc.constantFrom('iam-role' as const, 'implicit' as const),
  keySerial: fc.constantFrom(0, 1),
  region: fc.constantFrom('eu-west-1' as const, 'us-east-1' as const),
  names: fc.constantFrom('team', 'other', undefined),
  text: fc.integer({ min: 1, max: 3 }),
  component: fc.constantFrom(true, true, false),
  stack: fc.boolean(),
  attach: fc.boolean(),
  adopt: fc.boolean(),
  detach: fc.boolean(),
  abandon: fc.boolean(),
};
const one: fc.Arbitrary<Change> = fc.oneof(...Object.entries(values).map(([key, value]) =>
  (value as fc.Arbitrary<unknown>).map(it => ({ [key]: it }) as Change)));
const several: fc.Arbitrary<Change> = fc.record(values, { requiredKeys: [] });
const change: fc.Arbitrary<Change> = fc.oneof({ weight: 3, arbitrary: one }, { weight: 1, arbitrary: several });

const mishap: fc.Arbitrary<Mishap> = fc.record({
  event: fc.integer({ min: 0, max: 6 }),
  kind: fc.constantFrom<Mishap['kind']>('crash before', 'crash after', 'duplicate', 'late duplicate', 'slow queue', 'answer refused'),
  at: fc.integer({ min: 0, max: 20 }),
});

const fault: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom<Fault['kind']>('refuse', 'drop-answer', 'status', 'status-after', 'delay', 'late'),
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
  skip: fc.integer({ min: 0, max: 4 }),
  times: fc.integer({ min: 1, max: 2 }),
  status: fc.constantFrom(429, 500, 502, 503),
  milliseconds: fc.constantFrom(500, 5_000),
});

const mishaps = fc.oneof(fc.constant([]), fc.array(mishap, { maxLength: 2 }));
const faults = fc.oneof(fc.constant([]), fc.array(fault, { maxLength: 2 }));

const deploy: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('deploy' as const),
  stack,
  change,
  marker: fc.constantFrom<Marker>('none', 'free', 'after connector', 'after component', 'at the end'),
  fail: fc.constantFrom(false, false, true),
  mishaps,
  faults,
  iamDelay: fc.constantFrom(0, 0, 5, 30),
});
const destroy: fc.Arbitrary<Step> = fc.record({ do: fc.constant('destroy' as const), stack, mishaps, faults });
const other: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('meddle' as const), how: fc.constantFrom<Meddling>(...MEDDLINGS), pick: fc.integer({ min: 0, max: 20 }),
});
const wait: fc.Arbitrary<Step> = fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 90 }) });
const recycle: fc.Arbitrary<Step> = fc.constant({ do: 'recycle' as const });
const both: fc.Arbitrary<Step> = fc.record({ do: fc.constant('both' as const), steps: fc.array(fc.oneof(deploy, destroy, other), { minLength: 2, maxLength: 3 }) });

export const arbitraryHistory = fc.record({
  world: fc.integer({ min: 0, max: 0xffffff }),
  history: fc.array(fc.oneof(
    { weight: 6, arbitrary: deploy }, { weight: 2, arbitrary: destroy }, { weight: 3, arbitrary: other }, { weight: 1, arbitrary: wait },
    { weight: 1, arbitrary: recycle }, { weight: 1, arbitrary: both }), { minLength: 1, maxLength: 9 }),
});
