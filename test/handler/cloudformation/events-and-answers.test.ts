import * as fc from 'fast-check';
import { changeBudgetSeconds, MAX_START_DELAY_SECONDS } from '../../../src/contract/timing';
import { ANSWER_MAX_BYTES, encodeAnswer, failure, success } from '../../../src/handler/cloudformation/answer';
import { answerUrl } from '../../../src/handler/cloudformation/answer-hosts';
import { remainingMs, startDeadline } from '../../../src/handler/cloudformation/deadline';
import { readEnvelope, readEvent } from '../../../src/handler/cloudformation/event';
import { isLater, issuedAt } from '../../../src/handler/cloudformation/issued-at';
import { oneLine } from '../../../src/handler/cloudformation/reason';
import { SteppedClock } from '../support/harness';

const ENVELOPE = {
  RequestType: 'Create',
  RequestId: 'r',
  ResponseURL: 'u',
  ResourceType: 't',
  LogicalResourceId: 'l',
  StackId: 's',
};

describe('address of the answer', () => {
  const prefix = 'https://cloudformation-custom-resource-response-';
  test.each([
    ['useast1.s3.us-east-1.amazonaws.com', 'us-east-1'],
    ['useast1.s3.amazonaws.com', 'us-east-1'],
    ['euwest1.s3-eu-west-1.amazonaws.com', 'eu-west-1'],
    ['cnnorth1.s3.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['euscdeeast1.s3.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1'],
    ['useast1.s3.dualstack.us-east-1.amazonaws.com', 'us-east-1'],
    ['useast1.s3.us-east-1.amazonaws.com', undefined],
    ['useast1.s3.amazonaws.com', undefined],
    ['cnnorth1.s3.cn-north-1.amazonaws.com.cn', undefined],
    ['usgovwest1.s3.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['usisoeast1.s3.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1'],
    ['usisobeast1.s3.us-isob-east-1.sc2s.sgov.gov', 'us-isob-east-1'],
    ['euisoewest1.s3.eu-isoe-west-1.cloud.adc-e.uk', 'eu-isoe-west-1'],
    ['usisofsouth1.s3.us-isof-south-1.csp.hci.ic.gov', 'us-isof-south-1'],
  ])("the host %s is CloudFormation's in Region %s", (host, region) => {
    expect(answerUrl(`${prefix}${host}/arn?X-Amz-Date=1`, { AWS_REGION: region })).toBeInstanceOf(URL);
  });

  test.each([
    'http://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/x',
    `${prefix}useast1.s3.amazonaws.com.evil.example/x`,
    `${prefix}useast1.evil.example/s3.amazonaws.com`,
    'https://evil-bucket.s3.amazonaws.com/x',
    `${prefix}useast1.s3.amazonaws.com:8443/x`,
    'https://user@cloudformation-custom-resource-response-useast1.s3.amazonaws.com/x',
    'not a url',
    '',
    `${prefix}useast1.s3.a.b.amazonaws.com/`,
  ])("the URL %s is not CloudFormation's", (url) => {
    expect(answerUrl(url, { AWS_REGION: 'us-east-1' })).toBeUndefined();
  });

  test.each([
    ['useast1.s3.eu-west-1.amazonaws.com', undefined],
    ['cnnorth1.s3.amazonaws.com.cn', undefined],
    ['useast1.s3.elb.amazonaws.com', undefined],
    ['useast1.s3-website-us-east-1.amazonaws.com', undefined],
    ['useast1.s3.cn-north-1.amazonaws.com.cn', 'us-east-1'],
    ['useast1.s3.eusc-de-east-1.amazonaws.eu', 'us-east-1'],
    ['useast1.s3.us-east-1.amazonaws.com.cn', 'us-east-1'],
    ['useast1.s3.amazonaws.com.cn', 'us-east-1'],
    ['cnnorth1.s3.cn-north-1.amazonaws.com', 'cn-north-1'],
    ['useast1.s3-website-us-east-1.amazonaws.com', 'us-east-1'],
    ['useast1.s3-website.us-east-1.amazonaws.com', 'us-east-1'],
    ['useast1.s3.elb.amazonaws.com', 'us-east-1'],
    ['useast1.s3.eu-west-1.amazonaws.com', 'us-east-1'],
    ['useast1.s3-accelerate.amazonaws.com', 'us-east-1'],
  ])("the host %s is not CloudFormation's for a function in %s", (host, region) => {
    expect(answerUrl(`${prefix}${host}/arn?X-Amz-Date=1`, { AWS_REGION: region })).toBeUndefined();
  });

  test('a function in Lambda answers only to the bucket of its own Region, because anybody can own a bucket of that name elsewhere', () => {
    const env = { AWS_REGION: 'eu-west-1' };
    expect(answerUrl(`${prefix}euwest1.s3.eu-west-1.amazonaws.com/x`, env)).toBeInstanceOf(URL);
    expect(answerUrl(`${prefix}useast1.s3.us-east-1.amazonaws.com/x`, env)).toBeUndefined();
    expect(answerUrl(`${prefix}evil.s3.eu-west-1.amazonaws.com/x`, env)).toBeUndefined();
  });

  test('an emulator on this machine permits exactly its own host and port', () => {
    const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' };
    expect(answerUrl('http://127.0.0.1:4566/answer', env)).toBeInstanceOf(URL);
    expect(answerUrl('https://127.0.0.1:4566/answer', env)).toBeInstanceOf(URL);
    expect(answerUrl('http://127.0.0.1:4567/answer', env)).toBeUndefined();
    expect(answerUrl('ftp://127.0.0.1:4566/answer', env)).toBeUndefined();
    expect(answerUrl('http://10.0.0.1:80/answer', { AWS_ENDPOINT_URL: 'http://10.0.0.1:80' })).toBeUndefined();
  });
});

describe('time of issue of an event', () => {
  test.each([
    ['https://x/?X-Amz-Date=20260102T030405Z&X-Amz-Expires=7200', '2026-01-02T03:04:05.000Z'],
    ['https://x/?Expires=1767323045&Signature=a', '2026-01-02T03:04:05.000Z'],
    ['https://x/?X-Amz-Date=20269902T030405Z', undefined],
    ['https://x/', undefined],
    ['nonsense', undefined],
  ])('the time of issue is read from %s', (url, expected) => expect(issuedAt(url)).toBe(expected));

  test('an unknown time is never later than another', () => {
    expect(isLater('2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z')).toBe(true);
    expect(isLater('2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')).toBe(false);
    expect(isLater(undefined, '2026-01-01T00:00:00Z')).toBe(false);
    expect(isLater('2026-01-01T00:00:00Z', undefined)).toBe(false);
    expect(isLater('soon', '2026-01-01T00:00:00Z')).toBe(false);
  });
});

describe('events', () => {
  test('wrong fields of an event are named, and their values are not shown', () => {
    expect(readEvent({ ...ENVELOPE, RequestType: 'Destroy', StackId: 7 })).toBe('RequestType, StackId');
    expect(readEvent({ ...ENVELOPE, RequestType: 'Create', ResourceProperties: { a: 1 } })).toMatchObject({
      ResourceProperties: { a: 1 },
    });
    expect(readEvent(null)).toBe('event');
  });

  test('an event without an address for the answer is not served', () => {
    expect(readEnvelope({ ...ENVELOPE, ResponseURL: undefined })).toBeUndefined();
    expect(readEnvelope('x')).toBeUndefined();
    expect(readEnvelope(ENVELOPE)).toMatchObject({ RequestId: 'r' });
  });
});

describe('answers', () => {
  test('any answer fits into 4096 bytes, keeps its id, and has its reason on one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 6_000 }), fc.string({ maxLength: 1_000 }), (reason, id) => {
        const physicalId = id.replace(/[^a-z0-9:-]/gi, 'x');
        const body = encodeAnswer(failure(ENVELOPE, physicalId, reason));
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(ANSWER_MAX_BYTES);
        const answer = JSON.parse(body) as { PhysicalResourceId: string; Reason: string };
        expect(answer.PhysicalResourceId).toBe(physicalId);
        expect(answer.Reason).not.toMatch(/[\r\n]/);
      }),
    );
  });

  test('a success that does not fit becomes a failure with the same id', () => {
    const body = JSON.parse(encodeAnswer(success(ENVELOPE, 'zenml:x', { Id: 'i', Name: '\u{1F4A5}'.repeat(1_100) })));
    expect(body).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'zenml:x' });
    expect(body.Data).toBeUndefined();
  });

  test('a success has no reason and no null values', () => {
    expect(JSON.parse(encodeAnswer(success(ENVELOPE, 'zenml:x')))).toEqual({
      Status: 'SUCCESS', PhysicalResourceId: 'zenml:x', StackId: 's', RequestId: 'r', LogicalResourceId: 'l',
    });
  });

  test('an id that is too long is cut, so that an answer is sent at all', () => {
    const body = encodeAnswer(failure({ ...ENVELOPE, StackId: 's'.repeat(1_800) }, 'i'.repeat(4_000), 'why'));
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(ANSWER_MAX_BYTES);
  });

  test('a line is cut between characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.integer({ min: 3, max: 200 }), (text, bytes) => {
        const line = oneLine(text, bytes);
        expect(Buffer.byteLength(JSON.stringify(line)) - 2).toBeLessThanOrEqual(bytes);
        // `encodeURIComponent` throws on half a character.
        expect(() => encodeURIComponent(line)).not.toThrow();
      }),
    );
    expect(oneLine('a\n\tb\u0000c', 100)).toBe('a b c');
  });
});

describe('deadlines', () => {
  const telling = (time: number) => ({ getRemainingTimeInMillis: () => time });
  test.each([[undefined], [{}], [telling(NaN)], [telling(1e12)], [telling(-5)]])(
    'a Lambda context without a usable time counts as two minutes (%#)',
    (context) => expect(remainingMs(context)).toBe(120_000),
  );

  test.each([120, 300, 600])(
    'a Delete with a function timeout of %i s looks once more after the longest Create has ended',
    (timeout) => {
      const clock = new SteppedClock();
      const context = { getRemainingTimeInMillis: () => timeout * 1000 - 40 };
      const change = startDeadline(clock, context, true).left();
      const remove = startDeadline(clock, context, false).left();
      expect(change).toBe(changeBudgetSeconds(timeout) * 1000);
      // 4 s before its own end is the last look (lifecycle/late-create.ts).
      expect(remove - 4_000).toBeGreaterThan(change + MAX_START_DELAY_SECONDS * 1000);
      expect(remove).toBeLessThan(timeout * 1000 - 4_000);
    },
  );
});
