import { build, Spec, synthesize } from './app';

const spec: Spec = {
  origin: 'https://a.example.com',
  apiKeyArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:key-abcdef',
  method: 'iam-role',
  keySerial: 0,
  region: 'eu-west-1',
  text: 12,
  component: true,
  stack: true,
  attach: true,
  adopt: false,
  adoptConnector: false,
  ownConnector: false,
  operator: true,
  settings: true,
  detach: false,
  abandon: false,
  retain: false,
};

test.each<Partial<Spec>>([
  {},
  { names: 'n' },
  { names: 'n', adopt: true, detach: true },
  { abandon: true },
  { retain: true },
  { method: 'implicit', region: 'us-east-1', names: 'm', adopt: true, attach: false },
  { ownConnector: true, names: 'n', operator: false },
  { settings: false, names: 'n', text: 3 },
])('a changed template is the one that the constructs would render: %o', (change) => {
  const changed = { ...spec, ...change };
  expect(synthesize(changed)).toEqual(build(changed));
});

test('the marker depends on the properties, and changes with each version', () => {
  const at = (marker: 'free' | 'at the end', version: number) => synthesize(spec, marker, version).Resources.Marker!;
  expect(at('free', 1).DependsOn).toEqual([]);
  expect((at('at the end', 1).DependsOn as string[]).map((id) => id.slice(0, -8))).toEqual([
    'Connector',
    'Component',
    'Whole',
    'Attachment',
    'Operator',
    'OperatorAttachment',
  ]);
  expect(at('free', 1).Properties).not.toEqual(at('free', 2).Properties);
});
