import { awscdk, javascript, JsonFile, ReleasableCommits } from 'projen';
import { BUNDLE_OPTIONS, HANDLER_ENTRY } from './projenrc/bundle-options';
import { addPullRequestChecks, addWeeklyChecks, PULL_REQUEST_JOBS } from './projenrc/checks';
import { ROOMS } from './projenrc/rooms';

// The lowest aws-cdk-lib known to have Runtime.NODEJS_24_X (2.222.0 lacks it) and ECR tag-mutability exclusion filters.
// The same assembly works with every later 2.x.
const CDK_FLOOR = '2.227.0';
// aws-cdk-lib 2.227.0 requires no newer version, and a higher floor would exclude users without a reason.
const CONSTRUCTS_FLOOR = '10.0.5';
const WORKFLOW_NODE = '24.x';
/** What is checked beside `src`. */
const DEV_FOLDERS = ['test', 'local', 'bench', 'examples/typescript', 'projenrc'];

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-zenml',
  description:
    'A working Amazon ECR container registry for ZenML from one cdk deploy: repositories, least-privilege IAM, service connector, component and stack',
  author: 'The cdk-zenml authors',
  authorAddress: 'maintainers@cdk-zenml.dev',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/cdk-zenml/cdk-zenml.git',
  license: 'Apache-2.0',
  minNodeVersion: '20.0.0',
  copyrightOwner: 'The cdk-zenml authors',
  keywords: ['aws-cdk', 'zenml', 'mlops', 'ecr', 'container-registry', 'machine-learning'],
  stability: 'experimental',
  defaultReleaseBranch: 'main',

  cdkVersion: CDK_FLOOR,
  constructsVersion: CONSTRUCTS_FLOOR,
  jsiiVersion: '~6.0.0',
  typescriptVersion: '~6.0.3',
  projenVersion: '0.103.25',
  projenrcTs: true,
  packageManager: javascript.NodePackageManager.NPM,
  workflowNodeVersion: WORKFLOW_NODE,

  publishToPypi: { distName: 'cdk-zenml', module: 'cdk_zenml', trustedPublishing: true },
  publishToMaven: {
    javaPackage: 'dev.cdkzenml',
    mavenGroupId: 'dev.cdkzenml',
    mavenArtifactId: 'cdk-zenml',
  },
  publishToNuget: { dotNetNamespace: 'CdkZenml', packageId: 'CdkZenml', trustedPublishing: true },
  publishToGo: { moduleName: 'github.com/cdk-zenml/cdk-zenml-go', packageName: 'cdkzenml' },
  npmTrustedPublishing: true,
  releasableCommits: ReleasableCommits.featuresAndFixes(),
  // The publisher runs with the permissions to publish, so its version is pinned.
  jsiiReleaseVersion: '0.2.1061',

  devDeps: [
    // The service clients of the handler. They are bundled, so the versions are exact. ECR: registry host and existence
    // of referenced repositories. Secrets Manager: keys. SSM: bindings of keys to servers. CloudFormation: whether the
    // stack is rolling back (22 KB in the bundle, 4 KB compressed).
    '@aws-sdk/client-cloudformation@3.1164.0',
    '@aws-sdk/client-ecr@3.1164.0',
    '@aws-sdk/client-secrets-manager@3.1164.0',
    '@aws-sdk/client-ssm@3.1164.0',
    // Schema checks of everything that the handler reads: 3 KB in the bundle; zod needs 24 KB or more.
    'valibot@1.5.0',
    // The handler runs on Node.js 24. The dist-tag that projen would choose by TypeScript version does not exist in
    // every registry.
    '@types/node@^24',
    // Property tests.
    'fast-check@4.10.2',
    // The CDK command line, for the demo and the live tests.
    'aws-cdk@2.1148.1',
    // The clients with which the live tests inspect the local AWS.
    '@aws-sdk/client-iam@3.1164.0',
    '@aws-sdk/client-sts@3.1164.0',
    // Mutation testing of contract and handler: a report without a threshold. 9.x runs on Node.js 20.
    '@stryker-mutator/core@9.6.1',
    '@stryker-mutator/jest-runner@9.6.1',
    // Checks the types of everything in a fifth of the time of TypeScript 6, which the parser of ESLint needs.
    'typescript-7@npm:typescript@7.0.2',
    // The rules of ESLint that need types or the graph of imports, in a fifth of ESLint's time; MIT.
    'oxlint@1.94.0',
    'oxlint-tsgolint@7.0.2008',
    // Runs the TypeScript of local/, bench/ and examples/ without a build step.
    'tsx@4.23.15',
    // Drives an installed Chromium for the screenshots of ZenML's dashboard. 24.x runs on Node.js 20.
    'puppeteer-core@24.43.1',
    // Rosetta compiles the snippets of the README and of the docstrings.
    'jsii-rosetta@~6.0.0',
  ],
  bundledDeps: [],

  // A task below bundles the handler, so users never bundle. projen's generated class has too few settings for one
  // function per stack.
  lambdaAutoDiscover: false,
  edgeLambdaAutoDiscover: false,
  lambdaExtensionAutoDiscover: false,
  singletonLambdaAutoDiscover: false,
  integrationTestAutoDiscover: false,
  bundlerOptions: { esbuildVersion: '0.28.2' }, // exact: the asset hash, and so every user's snapshot, depends on it
  // The handler is not part of the API: jsii neither compiles nor ships it.
  excludeTypescript: ['src/handler/**'],

  sampleCode: false,
  jest: true,
  jestOptions: {
    // A wrong snapshot fails instead of being rewritten.
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    jestConfig: {
      testTimeout: 60000,
      // jest leaves one core free by default, which is half of a machine with two.
      maxWorkers: '100%',
      // Nothing of the local services: their folders come and go while the tests run.
      roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/projenrc'],
      // The live tests start servers and are a separate part of `npm test`.
      testPathIgnorePatterns: ['/node_modules/', '/test/live/'],
      // Python's environments hold thousands of files, among them packages of npm.
      modulePathIgnorePatterns: ['<rootDir>/.local/'],
      coverageReporters: ['text-summary', 'json'],
      // The library. Unit tests load parts of the local services, which other tests run.
      coveragePathIgnorePatterns: ['/node_modules/', '<rootDir>/(?!src/)'],
      // In percent, today's level. Most uncovered branches are for platforms that break their own rules.
      coverageThreshold: { branches: 97, lines: 99 },
    },
    junitReporting: false,
  },
  eslintOptions: {
    dirs: ['src'],
    devdirs: DEV_FOLDERS,
    commandOptions: { fix: false },
  },
  docgen: true,
  buildWorkflowOptions: { mutableBuild: false },
  depsUpgradeOptions: { cooldown: 5 },
  // .github/pull_request_template.md is written by hand.
  pullRequestTemplate: false,
  githubOptions: {
    // The types that the history uses.
    pullRequestLintOptions: {
      semanticTitleOptions: {
        types: ['feat', 'fix', 'docs', 'test', 'refactor', 'perf', 'build', 'ci', 'style', 'chore', 'revert'],
      },
    },
  },
  gitignore: [
    '/assets/',
    '/cdk.out/',
    '/.local/',
    '/.stryker-tmp/',
    '/reports/',
    '/.jsii.tabl.json',
    '*.tsbuildinfo',
    '/examples/**/cdk.out/',
    '__pycache__/',
    '.venv/',
  ],
});

// Actions are named by commit, because a tag can be moved and some jobs have the permissions to publish. projen pins
// the other actions itself.
const ACTIONS: Record<string, string> = {
  'actions/setup-node': '820762786026740c76f36085b0efc47a31fe5020', // v7.0.0
  'actions/setup-java': 'b6effb05e454b25005698d916606bdc6ffcbf961', // v5.7.0
  'actions/setup-python': '5fda3b95a4ea91299a34e894583c3862153e4b97', // v7.0.0
  'actions/setup-go': 'b7ad1dad31e06c5925ef5d2fc7ad053ef454303e', // v7.0.0
  'actions/setup-dotnet': 'a98b56852c35b8e3190ac28c8c2271da59106c68', // v6.0.0
  'peter-evans/create-pull-request': '5f6978faf089d4d20b00c7766989d076bb2fc7f1', // v8.1.1
};
for (const [action, commit] of Object.entries(ACTIONS)) { project.github?.actions.set(action, `${action}@${commit}`); }

if (project.github) {
  addPullRequestChecks(project.github, WORKFLOW_NODE);
  addWeeklyChecks(project.github, WORKFLOW_NODE);
  // Automatic merges require these jobs as well.
  project.autoMerge?.addConditions(...PULL_REQUEST_JOBS.map((name) => `status-success=${name}`));
}

// The package contains lib/, assets/ and the assembly. Everything else is for contributors.
project.npmignore?.exclude(
  '/local/',
  '/bench/',
  '/examples/',
  '/docs/',
  '/rosetta/',
  '/.ci/',
  '/cdk.json',
  '/cdk.out/',
  '/.local/',
  'CONTRIBUTING.md',
  'CODE_OF_CONDUCT.md',
  'SECURITY.md',
  '/stryker.config.json',
  '/reports/',
  '/.stryker-tmp/',
  '.jsii.tabl.json',
  '/tsconfig.check.json',
  '/.compatignore',
  '/.oxlintrc.json',
);

// Each worker loads aws-cdk-lib once (docs/decisions/0016-cpu-time-of-the-tests.md).
project.jest!.config.runtime = '<rootDir>/test/support/shared-cdk-runtime.cjs';
// Types are checked by a task of their own, so jest only needs the types removed: esbuild does that in a tenth of the
// time of ts-jest.
project.jest!.config.transform = { '^.+\\.tsx?$': '<rootDir>/test/support/esbuild-transformer.cjs' };

// ---------------------------------------------------------------- tasks
project.bundler.addBundle(HANDLER_ENTRY, {
  ...BUNDLE_OPTIONS,
  mainFields: [...BUNDLE_OPTIONS.mainFields],
  watchTask: false,
  outfile: '../../registration/index.js',
});

// The output of a deleted source would be packed, and imported instead of a folder of the same name.
project.compileTask.prependExec('node -e "require(\'fs\').rmSync(\'lib\',{recursive:true,force:true})"');
// `import 'cdk-zenml'` then loads one file instead of a hundred, and an app loads only what it uses
// (docs/decisions/0010-synth-speed.md).
project.compileTask.exec('tsx projenrc/lazy-exports.ts');
// The licences of what the handler's bundle contains.
project.compileTask.exec('tsx projenrc/notices.ts');

// jest runs with isolatedModules and checks no types. This task checks sources, handler, tests, local servers, bench
// and examples.
const typecheck = project.addTask('typecheck', {
  description: 'Check the types of everything that jsii does not compile',
  exec: 'node node_modules/typescript-7/bin/tsc --noEmit -p tsconfig.check.json',
});
new JsonFile(project, 'tsconfig.check.json', {
  obj: {
    extends: './tsconfig.json',
    compilerOptions: {
      noEmit: true,
      incremental: false,
      composite: false,
      declaration: false,
      rootDir: '.',
      skipLibCheck: true,
      types: ['node', 'jest'],
      paths: { 'cdk-zenml': ['./src/index.ts'] },
    },
    include: [
      'src/**/*.ts',
      'test/**/*.ts',
      'local/**/*.ts',
      'bench/**/*.ts',
      'examples/typescript/**/*.ts',
      'projenrc/**/*.ts',
      '.projenrc.ts',
    ],
    exclude: ['node_modules'],
  },
});
project.testTask.prependSpawn(typecheck);
project.testTask.prependSpawn(project.bundler.bundleTask);

// Source maps would make two thirds of the package, and each synthesis would read them.
project.tsconfig?.file.addOverride('compilerOptions.inlineSourceMap', false);
project.tsconfig?.file.addOverride('compilerOptions.inlineSources', false);

// As in Markdown. A string is not cut for the length of its line, since messages are searched for.
project.eslint?.addRules({
  '@stylistic/max-len': [
    'error',
    { code: 120, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true },
  ],
});

// Imports point in one direction and have no circle. ROOMS is a separate file because a test compares it with
// CONTRIBUTING.md.
project.eslint?.addRules({
  'import/no-restricted-paths': [
    'error',
    {
      zones: [
        ...Object.entries(ROOMS).map(([room, floors]) => ({
          target: `./src/${room}`,
          from: './src',
          except: [room, ...floors].map((name) => `./${name}`),
          message: `src/${room} may import ${floors.length > 0 ? floors.join(', ') : 'no other room'}`,
        })),
        {
          target: './local',
          from: ['./bench', './test'],
          message: 'bench and test import local, never the other way round',
        },
        { target: './bench', from: './test', message: 'bench may import src and local' },
      ],
    },
  ],
});
// ESLint would load the types of the project once for each tsconfig.json, and follow the imports of each file again.
// oxlint does both once.
delete project.eslint?.config.parserOptions.projectService;
project.eslint?.addRules({
  '@typescript-eslint/no-floating-promises': 'off',
  '@typescript-eslint/return-await': 'off',
});
new JsonFile(project, '.oxlintrc.json', {
  obj: {
    plugins: ['typescript', 'import'],
    categories: { correctness: 'off' },
    rules: {
      'typescript/no-floating-promises': 'error',
      'typescript/return-await': 'error',
      'import/no-cycle': ['error', { ignoreTypes: false }],
    },
    ignorePatterns: ['**/*.js', '**/*.cjs', '**/*.mjs', '**/*.d.ts'],
  },
  // The file may have no other keys than oxlint's.
  marker: false,
});
const oxlint = project.addTask('oxlint', {
  description: 'The rules that need types or the graph of imports',
  exec: `oxlint --type-aware --tsconfig tsconfig.check.json src ${DEV_FOLDERS.join(' ')} .projenrc.ts`,
});
project.testTask.spawn(oxlint);
const lint = project.addTask('lint', { description: 'ESLint, then oxlint' });
if (project.eslint) { lint.spawn(project.eslint.eslintTask); }
lint.spawn(oxlint);
project.eslint?.addOverride({
  files: ['src/contract/**', 'src/handler/**'],
  rules: {
    'no-restricted-imports': ['error', { patterns: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs'] }],
  },
});

// Imports of the handler are bundled, so they are development dependencies.
project.eslint?.allowDevDeps('src/handler/**');

// The examples import the library by its name, which the type check resolves.
project.eslint?.addOverride({
  files: ['examples/**'],
  rules: { 'import/no-unresolved': 'off', 'import/no-extraneous-dependencies': 'off' },
});

// Compiles the snippets of the README and of the docstrings, and translates them.
const rosetta = project.addTask('rosetta', {
  description: 'Compile the snippets of the README and of the docstrings',
  steps: [
    // Snippets import the library by its name.
    {
      execArgs: [
        'node',
        '-e',
        "require('fs').rmSync('node_modules/cdk-zenml',{force:true});require('fs').symlinkSync('..','node_modules/cdk-zenml','junction')",
      ],
    },
    { execArgs: ['jsii-rosetta', 'extract', '--strict', '--directory', '.'] },
  ],
});
project.postCompileTask.spawn(rosetta);

// Checks the public API in the assembly, which has no internal names.
project.postCompileTask.spawn(project.addTask('check-api', {
  description: 'Every public name has a docstring, every optional property a @default, and none a union type',
  exec: 'tsx projenrc/check-api.ts',
}));

// Compares the API with the newest published version. projen's own task would only warn: the API is experimental.
project.tasks.tryFind('compat')?.reset('tsx projenrc/compat.ts', { receiveArgs: true });
// In pull requests only. A build on a machine without a connection to a registry stays possible.
project.buildWorkflow?.addPostBuildSteps({ name: 'compat', run: 'npx projen compat' });

// The two commands of the README. They start as plain Node.js, because a fresh clone has no dependencies yet.
project.setScript('test', 'node local/main.mjs test');
project.setScript('demo', 'node local/main.mjs demo');
project.setScript('screenshots', 'node local/main.mjs screenshots');
project.setScript('bench', 'node local/main.mjs bench');
// Too long for `npm test`: the examples in four languages; mutation testing; cdk-nag, cfn-lint and checkov.
// Each release of ZenML (half an hour); other versions of Node.js and aws-cdk-lib (minutes).
project.package.addField('type', 'commonjs');
project.setScript('test:servers', 'node local/main.mjs servers');
project.setScript('test:upgrade', 'node local/main.mjs upgrade');
project.setScript('test:runtimes', 'node local/main.mjs runtimes');
project.setScript('examples', 'node local/main.mjs examples');
project.setScript('mutation', 'stryker run');
project.setScript('checkers', 'node local/main.mjs checkers');

project.synth();
