/** What the checks read of a member in a jsii assembly. */
interface Member {
  name?: string;
  docs?: { summary?: string; default?: string };
  optional?: boolean;
  overrides?: string;
  type?: unknown;
}

/** What the checks read of a type in a jsii assembly. */
export interface Type extends Member {
  fqn: string;
  kind: string;
  /** The submodule; absent in the root. */
  namespace?: string;
  datatype?: boolean;
  properties?: Member[];
  methods?: Member[];
  members?: Member[];
  initializer?: unknown;
  base?: string;
  interfaces?: string[];
}

/** Each circle of namespaces that need each other, with a type reference for each step; the root is ''. */
export function namespaceCycles(types: Record<string, Type>): string[] {
  const steps = namespaceSteps(types);
  const problems: string[] = [];
  for (const start of [...steps.keys()].sort()) {
    const way = shortestWay(steps, start, start);
    // Each circle once: at the first of its namespaces.
    if (!way || way.some((namespace) => namespace < start)) { continue; }
    const reasons = way.map((namespace, index) => steps.get(index === 0 ? start : way[index - 1]!)!.get(namespace)!);
    problems.push(
      `namespaces import each other, which Go refuses: ${[start, ...way].map((name) => `'${name}'`).join(' -> ')} (${reasons.join('; ')})`,
    );
  }
  return problems;
}

/** From each namespace to those that its types name, with the first reference that says so. */
function namespaceSteps(types: Record<string, Type>): Map<string, Map<string, string>> {
  const steps = new Map<string, Map<string, string>>();
  for (const type of Object.values(types)) {
    const from = type.namespace ?? '';
    for (const named of namedTypes(type)) {
      const other = types[named];
      const to = other?.namespace ?? '';
      if (!other || to === from) { continue; }
      const known = steps.get(from) ?? new Map<string, string>();
      steps.set(from, known);
      if (!known.has(to)) { known.set(to, `${type.fqn} names ${named}`); }
    }
  }
  return steps;
}

/**
 * Every type that a type's signature names: base, interfaces, and whatever stands in properties, parameters and
 * results.
 */
function namedTypes({ base, interfaces, initializer, properties, methods }: Type): string[] {
  return [...base ? [base] : [], ...interfaces ?? [], ...fqnsIn([initializer, properties, methods])];
}

function fqnsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) { return []; }
  return Object.entries(value).flatMap(([key, inner]) => (key === 'fqn' ? [String(inner)] : fqnsIn(inner)));
}

/** Breadth first; the namespaces after the start, the goal included. */
function shortestWay(steps: Map<string, Map<string, string>>, start: string, goal: string): string[] | undefined {
  const seen = new Set<string>();
  let ways: string[][] = [[]];
  while (ways.length > 0) {
    const next = ways.flatMap((way) => [...steps.get(way.at(-1) ?? start)?.keys() ?? []].map((to) => [...way, to]));
    const found = next.find((way) => way.at(-1) === goal);
    if (found) { return found; }
    ways = next.filter((way) => !seen.has(way.at(-1)!));
    for (const way of ways) { seen.add(way.at(-1)!); }
  }
  return undefined;
}
