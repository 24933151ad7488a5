import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../local/process/paths';

/** All pages that people write; API.md is generated. */
const PAGES = ['.', '.github', 'docs', 'docs/decisions', 'examples', 'local']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  )
  .filter((page) => page !== 'API.md');

test('no line of a page has more than 120 characters, except rows of tables and lone links, which cannot be broken', () => {
  const wide = PAGES.flatMap((page) =>
    readFileSync(join(ROOT, page), 'utf8')
      .split('\n')
      .map((line, index) => ({ line, where: `${page}:${index + 1}` }))
      .filter(({ line }) => line.length > 120 && !line.startsWith('|') && !/^\S*\]\(\S+$/.test(line)),
  );
  expect(wide.map(({ where }) => where)).toEqual([]);
});

test('each link of a page to a file or heading of the project leads there', () => {
  expect(
    PAGES.flatMap((page) =>
      linksOf(page)
        .filter((target) => !leadsSomewhere(page, target))
        .map((target) => `${page}: ${target}`),
    ),
  ).toEqual([]);
});

test('each path of the project that a page names exists', () => {
  const paths = PAGES.flatMap((page) =>
    [
      ...readFileSync(join(ROOT, page), 'utf8').matchAll(
        /`((?:src|test|local|bench|docs|examples|projenrc)\/[\w./-]+)`/g,
      ),
    ].map((match) => ({ page, path: match[1]! })),
  );
  expect(paths.length).toBeGreaterThan(50);
  expect(paths.filter(({ path }) => !existsSync(join(ROOT, path))).map(({ page, path }) => `${page}: ${path}`)).toEqual(
    [],
  );
});

test('the index of the manual lists every page and decision', () => {
  const listed = linksOf('docs/README.md').map((target) => join('docs', target));
  expect(
    PAGES.filter((page) => page.startsWith('docs') && page !== 'docs/README.md' && !listed.includes(page)),
  ).toEqual([]);
});

test('each class, and each prop of a class, that the review of the API names is in API.md', () => {
  const review = readFileSync(join(ROOT, 'docs/decisions/0015-api-review.md'), 'utf8');
  const api = readFileSync(join(ROOT, 'API.md'), 'utf8');
  // `Foo.bar`, and words with two capitals. What begins with a lower-case letter is of aws-cdk or of another language.
  const names = [...review.matchAll(/`([A-Z]\w*[a-z]\w*[A-Z]\w*)(?:\.([a-z]\w+))?`/g)]
    .filter(([, type]) => !OF_AWS_CDK.includes(type!));
  expect(names.length).toBeGreaterThan(40);
  const missing = names.filter(([, type, member]) => !api.includes(`cdk-zenml.${type}`)
    && !api.includes(`cdk-zenml.ecr_registry.${type}`) && !api.includes(`cdk-zenml.ecr_repository.${type}`)
    || member !== undefined && !api.includes(`.${type}.property.${member}"`) && !api.includes(`.${type}.${member}"`));
  expect(missing.map(([name]) => name)).toEqual([]);
});

/** Names in the review of the API that aws-cdk defines, of an internal class, and of no class. */
const OF_AWS_CDK = ['FooProps', 'IConstruct', 'IGrantable', 'IConnectable', 'AwsComponent', 'PascalCase', 'RepositoryUris'];

/** Where this project lies: the README links to itself by it, because it is shown elsewhere too. */
const HOME = /^https:\/\/github\.com\/cdk-zenml\/cdk-zenml\/(?:blob|tree)\/main\//;

function linksOf(page: string): string[] {
  return [
    ...readFileSync(join(ROOT, page), 'utf8')
      .replace(/```[\s\S]*?```/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ]
    .map((match) => match[1]!)
    .filter((target) => HOME.test(target) || !/^[a-z]+:/.test(target));
}

function leadsSomewhere(page: string, target: string): boolean {
  const [path, anchor] = target.replace(HOME, '/').split('#');
  const file =
    path === '' ? join(ROOT, page) : path!.startsWith('/') ? join(ROOT, path!) : join(ROOT, dirname(page), path!);
  return existsSync(file) && (anchor === undefined || anchorsOf(file).includes(anchor));
}

/** As GitHub makes them of headings. */
function anchorsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replace(/ /g, '-'),
  );
}
