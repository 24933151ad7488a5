import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * `tsx projenrc/overview-picture.ts` draws README's picture of what a deploy creates. A test compares the files with
 * `picture()`.
 */
export const IMAGES = join(dirname(__dirname), 'docs', 'images');
export const THEMES = ['light', 'dark'] as const;
type Theme = typeof THEMES[number];

const COLORS: Record<Theme, Record<'text' | 'faint' | 'line' | 'area' | 'aws' | 'zenml', string>> = {
  light: { text: '#1f2328', faint: '#59636e', line: '#59636e', area: '#f6f8fa', aws: '#fff1e5', zenml: '#e7ecff' },
  dark: { text: '#f0f6fc', faint: '#9198a1', line: '#9198a1', area: '#151b23', aws: '#3d2a17', zenml: '#23284d' },
};

interface Box {
  readonly x: number;
  readonly y: number;
  readonly title: string;
  readonly detail: string;
  readonly kind: 'aws' | 'zenml';
}

const [BOX_WIDTH, BOX_HEIGHT] = [250, 58];
const AWS_X = 30;
const ZENML_X = 530;
const BOXES = {
  function: { x: AWS_X, y: 70, title: 'Registration function', detail: 'Lambda, runs during a deploy', kind: 'aws' },
  role: { x: AWS_X, y: 160, title: 'Access role', detail: 'push and pull, these repositories only', kind: 'aws' },
  repositories: { x: AWS_X, y: 250, title: 'ECR repositories', detail: 'private, scanned on push, kept', kind: 'aws' },
  connector: { x: ZENML_X, y: 70, title: 'Service connector', detail: 'verified, push and pull proved', kind: 'zenml' },
  registry: { x: ZENML_X, y: 160, title: 'Container registry', detail: 'flavor aws', kind: 'zenml' },
  stack: { x: ZENML_X, y: 250, title: 'ZenML stack', detail: 'yours, or created by the app', kind: 'zenml' },
} satisfies Record<string, Box>;

export function picture(theme: Theme): string {
  const color = COLORS[theme];
  const text = (x: number, y: number, content: string, fill: string, size: number, anchor = 'start') =>
    `<text x="${x}" y="${y}" fill="${fill}" font-size="${size}" text-anchor="${anchor}">${content}</text>`;
  const area = (x: number, title: string) =>
    `<rect x="${x - 20}" y="20" width="${BOX_WIDTH + 40}" height="308" rx="10" fill="${color.area}"/>${text(x, 48, title, color.faint, 14)}`;
  const box = ({ x, y, title, detail, kind }: Box) =>
    [
      `<rect x="${x}" y="${y}" width="${BOX_WIDTH}" height="${BOX_HEIGHT}" rx="8" fill="${color[kind]}" stroke="${color.line}"/>`,
      text(x + 14, y + 25, title, color.text, 15),
      text(x + 14, y + 45, detail, color.faint, 12),
    ].join('');
  const arrow = (x1: number, y1: number, x2: number, y2: number) =>
    `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${color.line}" stroke-width="1.5" marker-end="url(#head)"/>`;
  const right = AWS_X + BOX_WIDTH;
  return (
    [
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 348" width="820" height="348" font-family="sans-serif" role="img">',
      '<title>One deploy creates repositories, a role and a function in AWS, and registers a service connector and a container registry in ZenML</title>',
      `<defs><marker id="head" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto"><path d="M0,0 L9,4 L0,8 z" fill="${color.line}"/></marker></defs>`,
      area(AWS_X, 'Your AWS account'),
      area(ZENML_X, 'Your ZenML server'),
      ...Object.values(BOXES).map(box),
      arrow(right, 99, ZENML_X - 2, 99),
      text(405, 90, 'registers, updates, deletes', color.faint, 12, 'middle'),
      arrow(ZENML_X, 118, right + 2, 180),
      text(440, 126, 'assumes', color.faint, 12, 'middle'),
      arrow(AWS_X + 125, 218, AWS_X + 125, 248),
      text(AWS_X + 137, 238, 'may use', color.faint, 12),
      arrow(ZENML_X + 125, 160, ZENML_X + 125, 130),
      text(ZENML_X + 137, 148, 'uses', color.faint, 12),
      arrow(ZENML_X + 125, 250, ZENML_X + 125, 220),
      text(ZENML_X + 137, 238, 'contains', color.faint, 12),
      arrow(ZENML_X, 200, right + 2, 270),
      text(460, 262, 'images of pipelines', color.faint, 12, 'middle'),
      '</svg>',
    ].join('\n') + '\n'
  );
}

export function fileOf(theme: Theme): string {
  return join(IMAGES, `overview-${theme}.svg`);
}

if (require.main === module) {
  mkdirSync(IMAGES, { recursive: true });
  for (const theme of THEMES) { writeFileSync(fileOf(theme), picture(theme)); }
}
