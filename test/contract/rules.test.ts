import {
  brokenConnectorNameRule,
  brokenDescriptionRule,
  brokenLabelKeyRule,
  brokenNameRule,
  brokenServerUrlRule,
  containsDynamicReference,
  normalizeServerUrl,
  REGISTRY_HOST,
} from '../../src/contract/rules';

describe('names', () => {
  test.each(['zenml', 'Main-Registry-0a1b2c', 'ünïcode', 'x'.repeat(255), 'contains'])(
    'the name %j is accepted',
    (name) => expect(brokenNameRule(name)).toBeUndefined(),
  );
  test.each([
    ['', /blank/],
    [' a', /white space/],
    ['a ', /white space/],
    ['x'.repeat(256), /255/],
    ['Equals:x', /filter operator/],
    ['isnull:', /filter operator/],
    ['isnotnull:x', /filter operator/],
    ['notoneof:[]', /filter operator/],
    ['notcontains:x', /filter operator/],
    ['team\tregistry', /control characters/],
    ['a\u0000b', /control characters/],
    ['a\u2028b', /control characters/],
    ['oneof:[1]', /filter operator/],
    ['default', /belong to ZenML/],
  ])('the name %j is refused', (name, rule) => expect(brokenNameRule(name)).toMatch(rule));
});

describe('names, descriptions and label keys', () => {
  test('a connector that stores keys has a shorter name limit, because ZenML puts the name into the name of a secret', () => {
    expect(brokenConnectorNameRule('x'.repeat(240), true)).toBeUndefined();
    expect(brokenConnectorNameRule('x'.repeat(241), true)).toMatch(/at most 240/);
    expect(brokenConnectorNameRule('x'.repeat(255), false)).toBeUndefined();
    expect(brokenConnectorNameRule('', true)).toMatch(/blank/);
  });

  test('a description has at most 255 characters, counted as code points', () => {
    expect(brokenDescriptionRule('\u{1F4A5}'.repeat(255))).toBeUndefined();
    expect(brokenDescriptionRule('x'.repeat(256))).toMatch(/at most 255/);
  });

  test('the key of a label must not be empty or contain control characters', () => {
    expect(brokenLabelKeyRule('team')).toBeUndefined();
    expect(brokenLabelKeyRule('')).toMatch(/empty/);
    expect(brokenLabelKeyRule(' ')).toMatch(/empty/);
    expect(brokenLabelKeyRule('a\nb')).toMatch(/control characters/);
  });
});

describe('server URLs', () => {
  test.each([
    'https://zenml.example.com',
    'https://zenml.example.com/base',
    'http://127.0.0.1:8080',
    'http://localhost:8080',
    'http://[::1]:8080',
    'https://10.0.0.1',
    'https://x/api/v1/base',
    'https://x/my-login',
  ])('the server URL %s is accepted', (url) => expect(brokenServerUrlRule(url)).toBeUndefined());
  test.each([
    ['zenml.example.com', /must be a URL/],
    ['ftp://x', /https/],
    ['https://a:b@x', /user name/],
    ['https://a@x', /user name/],
    ['https://:b@x', /user name/],
    ['https://x/?a=b', /without \? or #/],
    ['https://x/?', /without/],
    ['https://x/#', /without/],
    ['https://169.254.169.254', /link-local/],
    ['https://[fe80::1]', /link-local/],
    ['https://[::ffff:169.254.169.254]', /link-local/],
    ['https://[fd00:ec2::254]', /link-local/],
    ['https://cloud.zenml.io', /control plane/],
    ['https://cloudapi.zenml.io', /control plane/],
    ['http://zenml.example.com', /plain http/],
    ['https://cloud.zenml.io.', /control plane/],
    ['https://x/api/v1', /without \/api\/v1/],
    ['https://x/base/api', /without \/api/],
    ['https://x/login/', /or \/login/],
    ['http://2852039166', /link-local/],
    ['http://0xa9.0xfe.0xa9.0xfe', /link-local/],
  ])('the server URL %s is refused', (url, rule) => expect(brokenServerUrlRule(url)).toMatch(rule));
  test('plain http is accepted where it is permitted', () =>
    expect(brokenServerUrlRule('http://zenml.internal', true)).toBeUndefined());
  test('a server URL is stored without white space and trailing slashes', () =>
    expect(normalizeServerUrl(' https://x/base// ')).toBe('https://x/base'));
});

describe('registry hosts', () => {
  test.each([
    '111122223333.dkr.ecr.eu-west-1.amazonaws.com',
    '111122223333.dkr.ecr.us-gov-west-1.amazonaws.com',
    '111122223333.dkr.ecr.eu-west-10.amazonaws.com',
  ])('%s is a registry host', (host) => expect(REGISTRY_HOST.test(host)).toBe(true));
  test.each([
    '111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn',
    '111122223333.dkr-ecr.eu-west-1.on.aws',
    '1112.dkr.ecr.eu-west-1.amazonaws.com',
    'https://111122223333.dkr.ecr.eu-west-1.amazonaws.com',
    '111122223333.dkr.ecr.eu-west-1.amazonaws.com/zenml',
  ])('%s is not a registry host', (host) => expect(REGISTRY_HOST.test(host)).toBe(false));
});

test('dynamic references are found wherever they are in a value', () => {
  expect(containsDynamicReference('{{resolve:secretsmanager:x}}')).toBe(true);
  expect(containsDynamicReference('{{\nresolve:ssm:x}}')).toBe(true);
  expect(containsDynamicReference({ a: [{ b: 'x{{ resolve:ssm-secure:y}}' }] })).toBe(true);
  for (const value of ['resolve', '{{x}}', undefined, 7, {}]) { expect(containsDynamicReference(value)).toBe(false); }
});
