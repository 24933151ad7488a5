import { Bar } from './section';

const THEMES = {
  light: { text: '#1f2328', faint: '#59636e', library: '#0969da', commandLine: '#afb8c1' },
  dark: { text: '#f0f6fc', faint: '#9198a1', library: '#4493f8', commandLine: '#59636e' },
};
export type Theme = keyof typeof THEMES;

const [WIDTH, LEFT, RIGHT, BAR, GAP] = [720, 120, 70, 22, 6];

/**
 * The bars as SVG, longest bar across the whole width. No fonts are embedded, so that the file is the same everywhere.
 */
export function chart(bars: readonly Bar[], theme: Theme): string {
  const colors = THEMES[theme];
  const longest = Math.max(...bars.flatMap(({ library, commandLine }) => [library, commandLine]));
  const scale = (seconds: number) => Math.round((WIDTH - LEFT - RIGHT) * seconds / longest);
  const group = 2 * BAR + GAP + 22;
  const lines = bars.flatMap(({ work, library, commandLine }, index) => {
    const top = 56 + index * group;
    return [
      text(LEFT - 12, top + BAR + 2, work, colors.text, 'end'),
      ...([[library, colors.library], [commandLine, colors.commandLine]] as const).flatMap(([seconds, color], row) => {
        const y = top + row * (BAR + GAP);
        return [
          `<rect x="${LEFT}" y="${y}" width="${scale(seconds)}" height="${BAR}" rx="3" fill="${color}"/>`,
          text(LEFT + scale(seconds) + 8, y + 16, `${seconds.toFixed(1)} s`, colors.text),
        ];
      }),
    ];
  });
  const height = 56 + bars.length * group + 8;
  return (
    [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="sans-serif" font-size="14">`,
      '<title>Seconds with cdk-zenml and with the zenml command line</title>',
      `<rect x="${LEFT}" y="14" width="14" height="14" rx="3" fill="${colors.library}"/>`,
      text(LEFT + 22, 26, 'cdk-zenml deploy, new sandbox', colors.faint),
      `<rect x="${LEFT + 280}" y="14" width="14" height="14" rx="3" fill="${colors.commandLine}"/>`,
      text(LEFT + 302, 26, 'zenml commands by hand', colors.faint),
      ...lines,
      '</svg>',
    ].join('\n') + '\n'
  );
}

function text(x: number, y: number, content: string, color: string, anchor: string = 'start'): string {
  return `<text x="${x}" y="${y}" fill="${color}" text-anchor="${anchor}">${content}</text>`;
}
