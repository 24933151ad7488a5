import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMAGES, THEMES } from './overview-picture';
import { layersOf, graphOf, Node } from './template-graph';
import { folderOf } from '../local/compare/scenarios';
import { synthesize, Template } from '../local/compare/synthesis';

/**
 * `tsx projenrc/template-picture.ts` draws the resources in the template of the first example, for docs/template.md. A
 * test compares the files with `picture()`.
 */
export const EXAMPLE = 'ecr-registry';
type Theme = typeof THEMES[number];

const COLORS: Record<Theme, Record<'text' | 'faint' | 'line' | 'aws' | 'zenml', string>> = {
  light: { text: '#1f2328', faint: '#59636e', line: '#8c959f', aws: '#fff1e5', zenml: '#e7ecff' },
  dark: { text: '#f0f6fc', faint: '#9198a1', line: '#656c76', aws: '#3d2a17', zenml: '#23284d' },
};

const BOX = { width: 226, height: 44 };
const GAP = { x: 16, y: 52 };
const MARGIN = 16;
/** Room for the logical id in a box. */
const SHOWN = 30;
const ROUNDS = 8;

interface Placed extends Node {
  readonly x: number;
  readonly y: number;
}

/** The template of the example, as it is deployed. */
export async function templateOfExample(): Promise<Template> {
  const { stacks } = await synthesize(folderOf('typescript', EXAMPLE));
  return Object.values(stacks)[0]!.template;
}

export function picture(template: Template, theme: Theme): string {
  const color = COLORS[theme];
  const layers = sorted(layersOf(graphOf(template)));
  const widest = Math.max(...layers.map((layer) => layer.length));
  const width = 2 * MARGIN + widest * (BOX.width + GAP.x) - GAP.x;
  const height = 2 * MARGIN + layers.length * (BOX.height + GAP.y) - GAP.y;
  const placed = layers.flatMap((layer, index) => place(layer, index, width));
  const byId = new Map(placed.map((node) => [node.id, node]));
  const arrows = placed.flatMap((node) => node.uses.map((used) => arrow(byId.get(used)!, node, color.line)));
  return (
    [
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" role="img">`,
      `<title>The ${placed.length} resources in the template of the example, each below those that it uses</title>`,
      `<defs><marker id="head" markerWidth="8" markerHeight="7" refX="7" refY="3.5" orient="auto"><path d="M0,0 L8,3.5 L0,7 z" fill="${color.line}"/></marker></defs>`,
      ...arrows,
      ...placed.map((node) => box(node, color)),
      '</svg>',
    ].join('\n') + '\n'
  );
}

/** Each layer in the order of the middle of the neighbours, several times from both sides: fewer lines cross. */
function sorted(layers: Node[][]): Node[][] {
  let result = layers;
  for (let round = 0; round < ROUNDS; round++) {
    const positions = new Map(result.flatMap((layer) =>
      layer.map(({ id }, index) => [id, (index + 0.5) / layer.length] as const)));
    const middle = (node: Node) => {
      const users = result.flat().filter(({ uses }) => uses.includes(node.id)).map(({ id }) => id);
      const neighbours = round % 2 === 0 ? node.uses : users;
      if (neighbours.length === 0) { return positions.get(node.id)!; }
      return neighbours.reduce((sum, id) => sum + positions.get(id)!, 0) / neighbours.length;
    };
    result = result.map((layer) => [...layer].sort((one, other) => middle(one) - middle(other)));
  }
  return result;
}

function place(layer: Node[], index: number, width: number): Placed[] {
  const own = layer.length * (BOX.width + GAP.x) - GAP.x;
  const left = Math.round((width - own) / 2);
  return layer.map((node, column) => ({
    ...node,
    x: left + column * (BOX.width + GAP.x),
    y: MARGIN + index * (BOX.height + GAP.y),
  }));
}

/** From the resource that uses another one to that one. */
function arrow(used: Placed, user: Placed, stroke: string): string {
  const [x1, y1] = [user.x + BOX.width / 2, user.y];
  const [x2, y2] = [used.x + BOX.width / 2, used.y + BOX.height + 2];
  const bend = GAP.y / 2;
  const path = `M${x1},${y1} C${x1},${y1 - bend} ${x2},${y2 + bend} ${x2},${y2}`;
  return `<path d="${path}" fill="none" stroke="${stroke}" marker-end="url(#head)"/>`;
}

function box({ id, type, x, y }: Placed, color: typeof COLORS['light']): string {
  const fill = type.startsWith('Custom::') ? color.zenml : color.aws;
  const shown = id.length > SHOWN ? `${id.slice(0, SHOWN - 1)}…` : id;
  return [
    `<g><title>${id}</title>`,
    `<rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="7" fill="${fill}" stroke="${color.line}"/>`,
    `<text x="${x + 10}" y="${y + 19}" fill="${color.text}" font-size="13">${type.replace(/^(AWS|Custom)::/, '')}</text>`,
    `<text x="${x + 10}" y="${y + 35}" fill="${color.faint}" font-size="11">${shown}</text></g>`,
  ].join('');
}

export function fileOf(theme: Theme): string {
  return join(IMAGES, `template-${theme}.svg`);
}

if (require.main === module) {
  void templateOfExample().then((template) => {
    mkdirSync(IMAGES, { recursive: true });
    for (const theme of THEMES) { writeFileSync(fileOf(theme), picture(template, theme)); }
  });
}
