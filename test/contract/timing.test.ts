import * as fc from 'fast-check';
import {
  ANSWER_RESERVE_SECONDS,
  changeBudgetSeconds,
  DEFAULT_TIMEOUT_SECONDS,
  MAX_EVENT_AGE_SECONDS,
  MAX_START_DELAY_SECONDS,
  MAX_TIMEOUT_SECONDS,
  MIN_TIMEOUT_SECONDS,
  serviceTimeoutSeconds,
} from '../../src/contract/timing';

test('the queue keeps an event until a second wave has started, after a first wave of 300 s', () => {
  // Lambda's retries of a throttled event: after 1, 2, 4, ... 256, 511 s.
  expect(MAX_EVENT_AGE_SECONDS).toBeGreaterThan(511);
  expect(serviceTimeoutSeconds(DEFAULT_TIMEOUT_SECONDS)).toBe(960);
});

test('a Delete runs longer than any Create of the same resource, and CloudFormation waits longer than both', () => {
  fc.assert(fc.property(fc.integer({ min: MIN_TIMEOUT_SECONDS, max: MAX_TIMEOUT_SECONDS }), (timeout) => {
    const budget = changeBudgetSeconds(timeout);
    expect(budget).toBeGreaterThanOrEqual(50);
    expect(MAX_START_DELAY_SECONDS + budget).toBeLessThanOrEqual(timeout - ANSWER_RESERVE_SECONDS);
    expect(serviceTimeoutSeconds(timeout)).toBeGreaterThanOrEqual(MAX_EVENT_AGE_SECONDS + timeout);
    expect(serviceTimeoutSeconds(timeout)).toBeLessThanOrEqual(3_600);
  }));
  expect(DEFAULT_TIMEOUT_SECONDS).toBe(300);
});
