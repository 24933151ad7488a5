/** The resources of a CloudFormation template as a graph: which resource names which others in its properties. */

interface Template {
  readonly Resources: Record<string, { Type: string; Properties?: unknown; Metadata?: Record<string, unknown> }>;
}

export interface Node {
  readonly id: string;
  readonly type: string;
  /** Logical ids of the resources whose values the resource uses (Ref, Fn::GetAtt, Fn::Sub). */
  readonly uses: string[];
}

/** The resources in the order of the template. `DependsOn` is left out: it says when, not what for. */
export function graphOf(template: Template): Node[] {
  const ids = new Set(Object.keys(template.Resources));
  return Object.entries(template.Resources).map(([id, { Type, Properties }]) => ({
    id,
    type: Type,
    uses: [...new Set(references(Properties))].filter((used) => used !== id && ids.has(used)),
  }));
}

/**
 * Layers: a resource stands below everything that it uses, and as near to it as possible. CloudFormation
 * refuses circles, so every resource has a place.
 */
export function layersOf(nodes: Node[]): Node[][] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const depths = new Map<string, number>();
  const depth = (node: Node): number => {
    const known = depths.get(node.id);
    if (known !== undefined) { return known; }
    const own = Math.max(-1, ...node.uses.map((id) => depth(byId.get(id)!))) + 1;
    depths.set(node.id, own);
    return own;
  };
  const layers: Node[][] = [];
  for (const node of nodes) { (layers[depth(node)] ??= []).push(node); }
  return layers;
}

function references(value: unknown): string[] {
  if (Array.isArray(value)) { return value.flatMap(references); }
  if (typeof value !== 'object' || value === null) { return []; }
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') { return [inner as string]; }
    if (key === 'Fn::GetAtt') { return [Array.isArray(inner) ? inner[0] as string : (inner as string).split('.')[0]!]; }
    if (key === 'Fn::Sub') {
      const [text, variables] = Array.isArray(inner) ? inner as [string, unknown] : [inner as string, undefined];
      return [...[...text.matchAll(/\$\{([A-Za-z0-9]+)/g)].map(([, name]) => name!), ...references(variables)];
    }
    return references(inner);
  });
}
