import { readFileSync } from 'node:fs';
import { chart } from '../bench/chart';
import { fileOf, picture, THEMES } from '../projenrc/overview-picture';

test.each(THEMES)('the %s picture of the README is what its script draws', (theme) => {
  expect(readFileSync(fileOf(theme), 'utf8')).toBe(picture(theme));
});

test('a chart has a bar for each work and side, the longest across the whole width, and differs by theme in colors only', () => {
  const bars = [
    { work: 'create', library: 2, commandLine: 10 },
    { work: 'destroy', library: 1, commandLine: 5 },
  ];
  const [light, dark] = [chart(bars, 'light'), chart(bars, 'dark')];
  const widths = [...light.matchAll(/height="22"[^>]*|width="(\d+)" height="22"/g)]
    .map(([, width]) => Number(width))
    .filter((width) => width > 0);
  expect(widths).toEqual([106, 530, 53, 265]);
  expect(light).toContain('10.0 s');
  expect(light.replace(/#[0-9a-f]{6}/g, '#')).toBe(dark.replace(/#[0-9a-f]{6}/g, '#'));
});
