import { namespaceCycles, Type } from '../projenrc/namespaces';

/** A struct of a namespace whose properties name other types. */
function struct(name: string, namespace: string | undefined, ...named: string[]): [string, Type] {
  const fqn = ['lib', namespace, name].filter(Boolean).join('.');
  return [
    fqn,
    {
      fqn,
      kind: 'interface',
      namespace,
      properties: named.map((other) => ({ name: 'p', type: { collection: { elementtype: { fqn: other } } } })),
    },
  ];
}

test('a root that names its submodules is not circular, whatever else a type names', () => {
  const types = Object.fromEntries([
    struct('Props', undefined, 'lib.registry.Template', 'lib.repository.Access', 'aws-cdk-lib.Stack'),
    struct('Template', 'registry', 'lib.repository.Access', 'lib.registry.Template'),
    struct('Access', 'repository'),
  ]);
  expect(namespaceCycles(types)).toEqual([]);
});

test('a circular reference is reported once, with the references that cause it', () => {
  const types = Object.fromEntries([
    struct('Props', undefined, 'lib.registry.Template'),
    struct('Template', 'registry', 'lib.repository.Access'),
    struct('Access', 'repository', 'lib.Props'),
  ]);
  expect(namespaceCycles(types)).toEqual([
    "namespaces import each other, which Go refuses: '' -> 'registry' -> 'repository' -> '' (lib.Props names lib.registry.Template; "
      + 'lib.registry.Template names lib.repository.Access; lib.repository.Access names lib.Props)',
  ]);
});

test.each<[string, Partial<Type>]>([
  ['a base', { base: 'lib.Root' }],
  ['an interface', { interfaces: ['lib.Root'] }],
  ['a parameter of the constructor', { initializer: { parameters: [{ name: 'p', type: { fqn: 'lib.Root' } }] } }],
  [
    'a parameter of a method',
    { methods: [{ name: 'm', ...{ parameters: [{ name: 'p', type: { fqn: 'lib.Root' } }] } }] },
  ],
  ['a result', { methods: [{ name: 'm', ...{ returns: { type: { fqn: 'lib.Root' } } } }] }],
])('%s counts as a reference', (_what, part) => {
  const types = Object.fromEntries([struct('Root', undefined, 'lib.sub.Class'), struct('Class', 'sub')]);
  expect(namespaceCycles({ ...types, 'lib.sub.Class': { ...types['lib.sub.Class']!, ...part } })).toHaveLength(1);
});
