import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

test('each npm script and projen task that a page names exists', () => {
  const folders = ['.', 'docs', 'docs/decisions', 'examples', 'local'];
  const pages = folders.flatMap((folder) => readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md') && name !== 'API.md').map((name) => join(folder, name)));
  const { tasks } = JSON.parse(readFileSync(join(ROOT, '.projen', 'tasks.json'), 'utf8')) as { tasks: object };
  const named = pages.flatMap((page) =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\b(npm run|npx projen) ([a-z][\w:-]*)/g)]
      .map(([, runner, name]) => ({ page, name: name!, known: runner === 'npm run' ? scripts : tasks })));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ name, known }) => !(name in known)).map(({ page, name }) => `${page}: ${name}`)).toEqual([]);
});

test('a command that docs/testing.md calls weekly, or part of each pull request, is in a workflow', () => {
  const folder = join(ROOT, '.github', 'workflows');
  const workflow = (...names: string[]) =>
    names.map((name) => readFileSync(join(folder, `${name}.yml`), 'utf8')).join('\n');
  const where = { 'weekly': workflow('weekly'), 'each pull request': workflow('test', 'build') };
  const rows = readFileSync(join(ROOT, 'docs', 'testing.md'), 'utf8').split('\n').flatMap((line) => {
    const [, command, when] = /^\| `([^`]+)` \|.*\| ([^|]+) \|$/.exec(line) ?? [];
    const promised = Object.entries(where).find(([words]) => when?.includes(words));
    return promised ? [{ command: command!, text: promised[1] }] : [];
  });
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.filter(({ command, text }) => !text.includes(command)).map(({ command }) => command)).toEqual([]);
});
