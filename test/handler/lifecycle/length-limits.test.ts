import { AWS_KEYS, CONNECTOR, Harness, STACK } from '../support/harness';
import { verifiedReply } from '../support/scripted-server';

describe('length limits of ZenML', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());
  const reason = async (type: string, properties: Record<string, unknown>) =>
    (await h.send('Create', type, properties)).Reason;

  test('a connector with keys may have a name of 240 characters, given or generated', async () => {
    const refusal = (length: number) =>
      'the name of a service connector that holds keys must have at most 240 characters (ZenML uses it in the name of a secret), '
      + `got ${length}: choose a shorter name`;
    expect(await reason('ServiceConnector', { ...CONNECTOR, Name: 'x'.repeat(241) })).toBe(refusal(241));
    expect(await reason('ServiceConnector', { ...CONNECTOR, NamePrefix: 'x'.repeat(234) })).toBe(refusal(241));
    expect(h.zenml.work).toEqual([]);
    expect(await reason('ServiceConnector', { ...CONNECTOR, Name: 'x'.repeat(240) })).toBeUndefined();
    expect(
      await reason('ServiceConnector', { ...CONNECTOR, AuthMethod: 'implicit', Name: 'y'.repeat(255) }),
    ).toBeUndefined();
  });

  test('a description may have 255 characters', async () => {
    const refusal = 'Description: a description must have at most 255 characters (ZenML\'s limit), got 256';
    expect(await reason('ServiceConnector', { ...CONNECTOR, Description: 'x'.repeat(256) })).toBe(refusal);
    expect(await reason('Stack', { ...STACK, Description: 'x'.repeat(256) })).toBe(refusal);
    expect(h.zenml.work).toEqual([]);
    expect(await reason('Stack', { ...STACK, Description: 'x'.repeat(255) })).toBeUndefined();
  });

  test('a verification error that quotes a key is redacted, wherever the text is cut', async () => {
    const secret40 = 'wJalr' + 'XUtnFEMI/K7MDENG/bPxRfiCYsample0001'; // eslint-disable-line no-useless-concat
    for (const secret of [secret40, AWS_KEYS.secret]) {
      for (let before = 560; before < 700; before += 7) {
        h.zenml.verification = () =>
          verifiedReply(
            [],
            `1 validation error ${'x'.repeat(before)} ${secret}' [type=value_error] and more text that is long enough to be cut ${'y'.repeat(300)}`,
          );
        await h.send('Create', 'ServiceConnector', CONNECTOR, { logicalId: `C${before}` });
        for (let start = 0; start + 8 <= secret.length; start++) {
          expect(h.said).not.toContain(secret.slice(start, start + 8));
        }
      }
    }
  });
});
