import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../local/process/paths';
import { ROOMS } from '../projenrc/rooms';

/** The rows of CONTRIBUTING.md's table: folder of `src`, and what the last column says that it imports. */
function tableOfRooms(): Record<string, string[]> {
  const rows = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8').matchAll(
    /^\| `src\/([a-z-]+)` \|.*\| ([^|]+) \|$/gm,
  );
  return Object.fromEntries(
    [...rows].map(([, room, imports]) => [room!, imports === 'nothing' ? [] : imports!.split(', ')]),
  );
}

test('the table of CONTRIBUTING.md lists the imports that ESLint permits', () => {
  expect(tableOfRooms()).toEqual(ROOMS);
});

test('every folder of src is in the list', () => {
  const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(folders.sort()).toEqual(Object.keys(ROOMS).sort());
});

test('a folder imports only folders that stand before it in the list, so imports are never circular', () => {
  const order = Object.keys(ROOMS);
  const wrong = Object.entries(ROOMS).flatMap(([room, imports]) =>
    imports.filter((other) => order.indexOf(other) >= order.indexOf(room)).map((other) => `${room} -> ${other}`),
  );
  expect(wrong).toEqual([]);
});

test('every action of the workflows is pinned to a commit, because a tag can be moved', () => {
  const folder = join(ROOT, '.github', 'workflows');
  const used = readdirSync(folder).flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/\buses: (\S+)/g)].map((match) => `${name}: ${match[1]!}`),
  );
  expect(used.length).toBeGreaterThan(10);
  expect(used.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([]);
});
