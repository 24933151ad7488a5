import * as fc from 'fast-check';
import { Marker } from './app';
import { Conditions, Mishap } from './circumstances';
import { Change, Step } from './history';
import { Meddling, MEDDLINGS } from './meddling/index';
import { Origin, StackName, STACKS } from './scene';
import { ALWAYS, Fault } from '../zenml-model/faults';
import { FOR_GOOD, FOR_NOW, RefusalName } from '../zenml-model/refusals';

/** Histories as plain data, so that fast-check can shrink them and a person can read them. */

/** Mostly the first: long stories of one stack find more than short ones of three. */
const stack = fc.constantFrom<StackName>('One', 'One', 'One', 'One', 'One', ...STACKS);

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
  adoptConnector: fc.constantFrom(false, false, false, true),
  ownConnector: fc.constantFrom(true, true, false),
  operator: fc.constantFrom(false, false, true),
  settings: fc.constantFrom(false, false, true),
  detach: fc.boolean(),
  abandon: fc.boolean(),
  retain: fc.constantFrom(false, false, false, true),
};
const one: fc.Arbitrary<Change> = fc.oneof(...Object.entries(values).map(([key, value]) =>
  (value as fc.Arbitrary<unknown>).map(it => ({ [key]: it }) as Change)));
const several: fc.Arbitrary<Change> = fc.record(values, { requiredKeys: [] });
/** Half of them an Update of all that there is. */
const text = values.text.map(it => ({ text: it }));
/** Names that Ann or another CloudFormation stack may have, to be adopted. */
const takeOver = fc.record({
  names: fc.constant('team'),
  adopt: fc.constantFrom(true, true, false),
  ownConnector: fc.constantFrom(true, true, false),
  adoptConnector: fc.constantFrom(false, false, true),
  operator: fc.boolean(),
  settings: fc.boolean(),
  text: values.text,
});
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 3, arbitrary: one },
  { weight: 1, arbitrary: several },
  { weight: 1, arbitrary: takeOver },
);

const mishap: fc.Arbitrary<Mishap> = fc.record({
  event: fc.integer({ min: 0, max: 6 }),
  kind: fc.constantFrom<Mishap['kind']>(
    'crash before',
    'crash after',
    'duplicate',
    'late duplicate',
    'slow queue',
    'answer refused',
  ),
  at: fc.integer({ min: 0, max: 20 }),
});

/** Passes after one or two calls. */
const hiccup: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom<Fault['kind']>('refuse', 'drop-answer', 'status', 'status-after', 'delay', 'late'),
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
  skip: fc.integer({ min: 0, max: 4 }),
  times: fc.integer({ min: 1, max: 2 }),
  status: fc.constantFrom(429, 500, 502, 503),
  milliseconds: fc.constantFrom(500, 5_000),
});
/**
 * What a proxy can answer in place of ZenML when the work is done. ZenML's own refusals, and a proxy's 429, come before
 * any work.
 */
const AFTER_THE_WORK: readonly RefusalName[] = [
  '403 html',
  '404 html',
  '409 html',
  '200 html',
  '200 empty',
  '500',
  '502',
  '503',
  '504',
];

/** Lasts for a phase, or for the whole operation. */
const illness: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom<Fault['kind']>('status', 'status', 'status', 'refuse', 'hang', 'status-after', 'drop-answer'),
  answer: fc.constantFrom(...Object.keys({ ...FOR_GOOD, ...FOR_NOW }) as RefusalName[]),
  times: fc.constant(ALWAYS),
}, { requiredKeys: ['kind', 'answer', 'times'] }).chain(fault => fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
  path: fc.constantFrom(/service_connectors/, /components/, /stacks/, /login/, /info/, /verify/),
  skip: fc.integer({ min: 1, max: 4 }),
  during: fc.constantFrom('work' as const, 'rollback' as const),
}, { requiredKeys: [] }).map((where): Fault => {
  const answer = fault.kind === 'status-after' && !AFTER_THE_WORK.includes(fault.answer) ? '502' : fault.answer;
  return { ...fault, ...where, answer };
}));

const mishaps = fc.oneof(fc.constant([]), fc.array(mishap, { maxLength: 2 }));
const faults: fc.Arbitrary<readonly Fault[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  { weight: 3, arbitrary: fc.array(hiccup, { maxLength: 2 }) },
  { weight: 3, arbitrary: illness.map(fault => [fault]) },
);
const conditions: fc.Arbitrary<Conditions> = fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, {
  weight: 1,
  arbitrary: fc.record({
    cold: fc.constantFrom('in the rollback' as const, 'for each event' as const),
    asleep: fc.constantFrom(false, false, true),
    concurrency: fc.constantFrom(2, 3, 10),
    lagSeconds: fc.constantFrom(1, 5, 12),
    cloudformationUnreachable: fc.constantFrom(false, true),
  }, { requiredKeys: [] }),
});

const deploy: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('deploy' as const),
  stack,
  change,
  marker: fc.constantFrom<Marker>('none', 'free', 'after connector', 'after component', 'at the end', 'at the end'),
  fail: fc.constantFrom(false, true),
  mishaps,
  faults,
  conditions,
  iamDelay: fc.constantFrom(0, 0, 5, 30),
});
const destroy: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('destroy' as const),
  stack,
  mishaps,
  faults,
  conditions,
});
const other: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('meddle' as const),
  how: fc.constantFrom<Meddling>('same names', 'same names', ...MEDDLINGS),
  pick: fc.integer({ min: 0, max: 20 }),
});
const wait: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('wait' as const),
  seconds: fc.integer({ min: 1, max: 90 }),
});
const recycle: fc.Arbitrary<Step> = fc.constant({ do: 'recycle' as const });
const both: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('both' as const),
  steps: fc.array(fc.oneof(deploy, destroy, other), { minLength: 2, maxLength: 3 }),
});

/** Something that stands, to begin with: most of what can go wrong happens to that. */
const standing: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('deploy' as const),
  stack: fc.constant('One' as const),
  change: fc.oneof(fc.constant({}), fc.constant({ attach: true }), fc.constant({ names: 'team' }), several),
  marker: fc.constant('none' as const),
  fail: fc.constant(false),
  mishaps: fc.constant([]),
  faults: fc.constant([]),
  iamDelay: fc.constant(0),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: deploy },
  { weight: 1, arbitrary: destroy },
  { weight: 5, arbitrary: other },
  { weight: 1, arbitrary: wait },
  { weight: 1, arbitrary: recycle },
  { weight: 1, arbitrary: both },
);

export const arbitraryHistory = fc.record({
  world: fc.integer({ min: 0, max: 0xffffff }),
  first: fc.oneof(
    { weight: 6, arbitrary: standing.map(it => [it]) },
    { weight: 1, arbitrary: fc.constant<Step[]>([]) },
    { weight: 1, arbitrary: fc.constant<Step[]>([{ do: 'meddle', how: 'same names', pick: 0 }]) },
  ),
  rest: fc.array(step, { minLength: 1, maxLength: 7 }),
}).map(({ world, first, rest }) => ({ world, history: [...first, ...rest] }));
