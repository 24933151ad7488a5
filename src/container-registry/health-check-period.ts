import { Duration } from 'aws-cdk-lib';
import type { Schedule } from 'aws-cdk-lib/aws-events';
import { isUnknown } from '../private/known';
import { invalidProp } from '../private/validation';

const SECONDS_PER_HOUR = 3_600;
const SECONDS_PER_DAY = 86_400;
const PERIODS_MAX = 100;

/** Time from one run to the next, where the schedule is a rate that is known at synth. */
export function periodOf({ expressionString }: Schedule): Duration | undefined {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expressionString) ?? [];
  if (count === undefined) { return undefined; }
  const number = Number(count);
  if (unit === 'day') { return Duration.days(number); }
  return unit === 'hour' ? Duration.hours(number) : Duration.minutes(number);
}

/**
 * Throws when CloudWatch would refuse an alarm with these settings.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export function validateAlarm(period: Duration, evaluationPeriods: number): void {
  if (isUnknown(evaluationPeriods)) { return; }
  if (!Number.isInteger(evaluationPeriods) || evaluationPeriods < 1 || evaluationPeriods > PERIODS_MAX) {
    throw invalidProp('evaluationPeriods', `must be a whole number from 1 to ${PERIODS_MAX}`, evaluationPeriods);
  }
  if (period.isUnresolved()) { return; }
  const seconds = period.toSeconds();
  if (seconds < 60 || seconds % 60 !== 0) {
    throw invalidProp('period', 'must be whole minutes', `${seconds} seconds`);
  }
  const days = seconds < SECONDS_PER_HOUR ? 1 : 7;
  if (seconds * evaluationPeriods > days * SECONDS_PER_DAY) {
    const most = Math.floor(days * SECONDS_PER_DAY / seconds);
    throw invalidProp(
      'period',
      `times \`evaluationPeriods\` must be at most ${days === 1 ? '1 day' : '7 days'} with periods of this length`,
      `${seconds} seconds times ${evaluationPeriods}`,
      most > 0 ? `set \`evaluationPeriods\` to at most ${most}` : 'run the health check more often',
    );
  }
}
