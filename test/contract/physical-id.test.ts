import * as fc from 'fast-check';
import {
  formatFailedId,
  formatPhysicalId,
  isUuid,
  parseFailedId,
  parsePhysicalId,
} from '../../src/contract/physical-id';

const uuid = fc.uuid();
const hex = fc.stringMatching(/^[0-9a-f]{6}$/);
const id = fc.oneof(
  fc.record({
    kind: fc.constantFrom('service-connector', 'stack-component', 'stack'),
    serverId: uuid,
    uuid,
    tail: hex,
  }),
  fc.record({ kind: fc.constant('stack-attachment'), serverId: uuid, uuid, tail: fc.oneof(uuid, fc.constant('none')) }),
) as fc.Arbitrary<Parameters<typeof formatPhysicalId>[0]>;

describe('physical ids', () => {
  test('a formatted physical id is parsed to the same parts, and has at most 200 bytes', () => {
    fc.assert(fc.property(id, (value) => {
      const text = formatPhysicalId(value);
      expect(parsePhysicalId(text)).toEqual(value);
      expect(Buffer.byteLength(text)).toBeLessThan(200);
      expect(parseFailedId(text)).toBeUndefined();
    }));
  });

  test('any other text is not a physical id', () => {
    fc.assert(fc.property(fc.string({ maxLength: 1_024 }), (text) => expect(parsePhysicalId(text)).toBeUndefined()));
    fc.assert(fc.property(id, fc.string({ minLength: 1 }), (value, junk) => {
      expect(parsePhysicalId(formatPhysicalId(value) + junk)).toBeUndefined();
      expect(parsePhysicalId(junk + formatPhysicalId(value))).toBeUndefined();
    }));
    expect(parsePhysicalId(undefined)).toBeUndefined();
  });

  test('each kind has its own form of tail', () => {
    const parts = { serverId: '11111111-1111-4111-8111-111111111111', uuid: '22222222-2222-4222-8222-222222222222' };
    expect(parsePhysicalId(formatPhysicalId({ ...parts, kind: 'stack', tail: 'none' }))).toBeUndefined();
    expect(parsePhysicalId(formatPhysicalId({ ...parts, kind: 'stack-attachment', tail: '0a1b2c' }))).toBeUndefined();
  });

  test('the id of a failed Create differs from all other ids', () => {
    fc.assert(fc.property(fc.stringMatching(/^[A-Za-z0-9-]{1,128}$/), (request) => {
      expect(parseFailedId(formatFailedId(request))).toBe(request);
      expect(parsePhysicalId(formatFailedId(request))).toBeUndefined();
    }));
    for (const text of [
      undefined,
      '',
      'zenml:create-failed:',
      'zenml:create-failed:a b',
      'zenml:create-unsure:x',
      'xzenml:create-failed:a',
    ]) {
      expect(parseFailedId(text)).toBeUndefined();
    }
  });

  test('a UUID is accepted in lower case only', () => {
    expect(isUuid('11111111-1111-4111-8111-11111111111a')).toBe(true);
    for (const value of [
      '11111111-1111-4111-8111-11111111111A',
      ' 11111111-1111-4111-8111-11111111111a',
      '',
      7,
      null,
      undefined,
      ['11111111-1111-4111-8111-11111111111a'],
    ]) {
      expect(isUuid(value)).toBe(false);
    }
  });
});
