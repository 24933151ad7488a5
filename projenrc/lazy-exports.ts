/**
 * Rewrites the index files of the compiled library so that each exported name loads its file when it is first used.
 * TypeScript has no syntax for that, and jsii takes `export *` only. aws-cdk-lib does the same to its own index files.
 *
 * Names, values and declarations stay as they are. The list of `exports.Name = ... = void 0` is what Node.js reads to
 * find the names that an ES module can import.
 */
import { readdirSync, readFileSync, writeFileSync } from 'fs';
import { createRequire } from 'module';
import { basename, dirname, join, relative, resolve } from 'path';

const LIB = resolve('lib');
const load = createRequire(join(LIB, 'index.js'));
type Exports = Record<string, unknown>;
const STAR = /^__exportStar\(require\("([^"]+)"\), exports\);$/gm;
const NAMESPACE = /^exports\.(\w+) = __importStar\(require\("([^"]+)"\)\);$/gm;

/** Where the value of an export is: a file, and its name in there; without a name the value is the module itself. */
interface Source { readonly file: string; readonly name?: string }

const isIndex = (file: string) => basename(file) === 'index.js';

function exportsOf(index: string): Map<string, Source> {
  const text = readFileSync(index, 'utf8');
  const found = new Map<string, Source>();
  for (const [, target] of text.matchAll(STAR)) {
    const file = load.resolve(resolve(dirname(index), target!));
    const sources = isIndex(file)
      ? exportsOf(file)
      : new Map(Object.keys(load(file) as Exports).map((name) => [name, { file, name }]));
    for (const [name, source] of sources) { found.set(name, source); }
  }
  for (const [, name, target] of text.matchAll(NAMESPACE)) {
    found.set(name!, { file: load.resolve(resolve(dirname(index), target!)) });
  }
  return found;
}

function render(index: string, sources: Map<string, Source>): string {
  const path = (file: string) => `./${relative(dirname(index), file).replace(/\\/g, '/')}`.replace('./../', '../');
  return [
    '"use strict";',
    'Object.defineProperty(exports, "__esModule", { value: true });',
    `${[...sources.keys()].map((name) => `exports.${name} = `).join('')}void 0;`,
    'function lazy(name, load) {',
    '  Object.defineProperty(exports, name, {',
    '    enumerable: true,',
    '    configurable: true,',
    '    get: () => {',
    '      const value = load();',
    '      Object.defineProperty(exports, name, { enumerable: true, value });',
    '      return value;',
    '    },',
    '  });',
    '}',
    ...[...sources].map(
      ([key, { file, name }]) =>
        `lazy("${key}", () => require("${path(file)}")${name === undefined ? '' : `.${name}`});`,
    ),
    '',
  ].join('\n');
}

const indexes = readdirSync(LIB, { recursive: true, encoding: 'utf8' }).map((path) => join(LIB, path)).filter(isIndex);
const eager = new Map(indexes.map((index) => [index, load(index) as Exports]));
const lazy = new Map(indexes.map((index) => [index, exportsOf(index)]));
for (const [index, sources] of lazy) {
  const [expected, actual] = [Object.keys(eager.get(index)!).sort().join(), [...sources.keys()].sort().join()];
  if (expected !== actual) {
    throw new Error(
      `${relative('.', index)} exports ${expected}, but projenrc/lazy-exports.ts found ${actual}: export with \`export * from\` or \`export * as name from\` only`,
    );
  }
}
for (const [index, sources] of lazy) { writeFileSync(index, render(index, sources)); }

// The same values, in a fresh cache: each file may be the first that is loaded.
for (const [index, sources] of lazy) {
  for (const [name, source] of sources) {
    for (const file of Object.keys(load.cache)) { if (file.startsWith(LIB)) { delete load.cache[file]; } }
    const value = (load(index) as Exports)[name];
    const loaded = load(source.file) as Exports;
    if (value !== (source.name === undefined ? loaded : loaded[source.name])) {
      throw new Error(`${relative('.', index)}: ${name} is not the value of ${source.file}`);
    }
  }
}
console.log(`${lazy.size} index files load what they export on first use`);
