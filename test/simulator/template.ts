/** A CloudFormation template as far as the simulator reads it. */
export interface Template {
  readonly Resources: Readonly<Record<string, ResourceDefinition>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
}

interface ResourceDefinition {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Condition?: string;
}

/** How the value of a reference is found. */
interface Scope {
  readonly pseudo: Readonly<Record<string, string>>;
  ref(logicalId: string): unknown;
  attribute(logicalId: string, name: string): unknown;
}

const NO_VALUE = Symbol('AWS::NoValue');

/** The logical ids that a definition waits for: Ref, GetAtt, Sub and DependsOn. */
export function dependencies(template: Template, definition: ResourceDefinition): string[] {
  const found = new Set<string>(
    typeof definition.DependsOn === 'string' ? [definition.DependsOn] : (definition.DependsOn ?? []),
  );
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) { return value.forEach(visit); }
    if (typeof value !== 'object' || value === null) { return undefined; }
    for (const [key, argument] of Object.entries(value)) {
      if (key === 'Ref') { found.add(argument as string); }
      if (key === 'Fn::GetAtt') { found.add(getAtt(argument)[0]); }
      if (key === 'Fn::Sub') {
        const text = Array.isArray(argument) ? argument[0] as string : argument as string;
        for (const [, name] of text.matchAll(/\$\{([^!}][^}]*)\}/g)) { found.add(name!.split('.')[0]!); }
      }
      visit(argument);
    }
    return undefined;
  };
  visit(definition.Properties);
  return [...found].filter(id => id in template.Resources).sort();
}

/** Logical ids, each after what it depends on. Throws on a cycle. */
export function creationOrder(template: Template): string[] {
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (id: string): void => {
    if (state.get(id) === 'done') { return; }
    if (state.get(id) === 'open') { throw new Error(`circular dependency through ${id}`); }
    state.set(id, 'open');
    dependencies(template, template.Resources[id]!).forEach(visit);
    state.set(id, 'done');
    order.push(id);
  };
  Object.keys(template.Resources).forEach(visit);
  return order;
}

/** The value with all intrinsic functions worked out. */
export function resolve(value: unknown, template: Template, scope: Scope): unknown {
  const result = evaluate(value, template, scope);
  return result === NO_VALUE ? undefined : result;
}

function evaluate(value: unknown, template: Template, scope: Scope): unknown {
  const inner = (item: unknown) => evaluate(item, template, scope);
  if (Array.isArray(value)) { return value.map(inner).filter(item => item !== NO_VALUE); }
  if (typeof value !== 'object' || value === null) { return value; }
  const entries = Object.entries(value as Record<string, unknown>);
  if (entries.length === 1) {
    const [name, argument] = entries[0]!;
    const list = argument as unknown[];
    switch (name) {
      case 'Ref':
        return ref(argument as string, template, scope);
      case 'Fn::GetAtt':
        return scope.attribute(...getAtt(argument));
      case 'Fn::Join':
        return (inner(list[1]) as unknown[]).map(String).join(list[0] as string);
      case 'Fn::Select':
        return (inner(list[1]) as unknown[])[Number(inner(list[0]))];
      case 'Fn::Split':
        return String(inner(list[1])).split(list[0] as string);
      case 'Fn::If':
        return inner(inner({ Condition: list[0] }) ? list[1] : list[2]);
      case 'Fn::Equals':
        return String(inner(list[0])) === String(inner(list[1]));
      case 'Fn::Not':
        return !inner(list[0]);
      case 'Fn::And':
        return list.every((item) => inner(item));
      case 'Fn::Or':
        return list.some((item) => inner(item));
      case 'Condition':
        return inner(template.Conditions?.[argument as string]);
      case 'Fn::FindInMap':
        return template.Mappings?.[String(inner(list[0]))]?.[String(inner(list[1]))]?.[String(inner(list[2]))];
      case 'Fn::Sub':
        return substitute(argument, template, scope);
    }
  }
  return Object.fromEntries(
    entries.map(([key, item]) => [key, inner(item)] as const).filter(([, item]) => item !== NO_VALUE),
  );
}

function ref(name: string, template: Template, scope: Scope): unknown {
  if (name === 'AWS::NoValue') { return NO_VALUE; }
  if (name in scope.pseudo) { return scope.pseudo[name]; }
  if (template.Parameters && name in template.Parameters) { return template.Parameters[name]!.Default ?? ''; }
  return scope.ref(name);
}

function substitute(argument: unknown, template: Template, scope: Scope): string {
  const [text, extra] = Array.isArray(argument)
    ? (argument as [string, Record<string, unknown>])
    : [argument as string, {}];
  return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal) { return `\${${name}}`; }
    if (name in extra) { return String(evaluate(extra[name], template, scope)); }
    const [id, ...attribute] = name.split('.');
    return String(attribute.length > 0 ? scope.attribute(id!, attribute.join('.')) : ref(name, template, scope));
  });
}

function getAtt(argument: unknown): [string, string] {
  if (typeof argument === 'string') {
    const dot = argument.indexOf('.');
    return [argument.slice(0, dot), argument.slice(dot + 1)];
  }
  const [id, ...name] = argument as string[];
  return [id!, name.join('.')];
}

/** CloudFormation hands every scalar of a custom resource over as a string. */
export function stringify(value: unknown): unknown {
  if (Array.isArray(value)) { return value.map(stringify); }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => [key, stringify(item)]),
    );
  }
  return String(value);
}

/** Equal whatever the order of keys. */
export function same(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'object' && item !== null && !Array.isArray(item)
    ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
    : item)) ?? 'undefined';
}
