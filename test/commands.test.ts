import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const MAIN = 'local/main.mjs';

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const commands = Object.entries(scripts)
  .filter(([, script]) => script.includes(MAIN))
  .map(([name, script]) => [name, script.split(' ').pop()!] as const);
const source = readFileSync(join(ROOT, MAIN), 'utf8');

test('package.json has a script for each command of the entry program', () => {
  expect(commands.map(([, command]) => command).sort()).toEqual(
    [...source.matchAll(/^ {2}(\w+): \['/gm)].map(([, command]) => command).sort(),
  );
});

test.each(commands)('the command of "npm run %s" has a program and a line of help', (name, command) => {
  const program = new RegExp(`^  ${command}: \\['([^']+)'`, 'm').exec(source)?.[1];
  expect(existsSync(join(ROOT, program!))).toBe(true);
  const help = spawnSync(process.execPath, [MAIN, command, '--help'], { cwd: ROOT, encoding: 'utf8' });
  expect(help).toMatchObject({
    status: 0,
    stdout: expect.stringContaining(name === 'test' ? 'npm test' : `npm run ${name}`),
  });
});
