import { github } from 'projen';

const PYTHON = '3.12';

const TEST = 'npm test';
const EXAMPLES = 'npm run examples -- python dotnet new-user';

/** Names of the jobs of each pull request, as GitHub and Mergify show them. */
export const PULL_REQUEST_JOBS = [TEST, EXAMPLES];

/** The steps that every job of these workflows starts with. `npm test` and the others run `npm ci` themselves. */
function setUp(gh: github.GitHub, node: string): github.workflows.JobStep[] {
  const action = (name: string) => {
    const pinned = gh.actions.get(name);
    // An action without a commit would run whatever its tag names today.
    if (!/@[0-9a-f]{40}$/.test(pinned)) {
      throw new Error(`action ${name} is not pinned by commit: add it to ACTIONS in .projenrc.ts, got: "${pinned}"`);
    }
    return pinned;
  };
  return [
    github.WorkflowSteps.checkout(),
    {
      name: 'Set up Node.js',
      uses: action('actions/setup-node'),
      with: { 'node-version': node, 'package-manager-cache': false },
    },
    { name: 'Set up Python', uses: action('actions/setup-python'), with: { 'python-version': PYTHON } },
  ];
}

function job(name: string, minutes: number, steps: github.workflows.JobStep[]): github.workflows.Job {
  return {
    name,
    runsOn: ['ubuntu-latest'],
    timeoutMinutes: minutes,
    permissions: { contents: github.workflows.JobPermission.READ },
    env: { CI: 'true' },
    steps,
  };
}

/** Packages of the machine, which is an Ubuntu. */
function installPackages(what: string, packages: string): github.workflows.JobStep {
  return {
    name: `Install ${what}`,
    run: `sudo apt-get update && sudo apt-get install --yes --no-install-recommends ${packages}`,
  };
}

function upload(name: string, path: string, condition: string): github.workflows.JobStep {
  return github.WorkflowSteps.uploadArtifact({
    name: `Upload ${name}`,
    if: condition,
    with: { name, path, ifNoFilesFound: 'ignore', includeHiddenFiles: true },
  });
}

/** On each pull request: the README's test command, and the examples in a second language. */
export function addPullRequestChecks(gh: github.GitHub, node: string): void {
  const workflow = gh.addWorkflow('test');
  workflow.on({ pullRequest: {}, workflowDispatch: {} });
  workflow.addJobs({
    test: job(TEST, 45, [
      ...setUp(gh, node),
      { name: TEST, run: TEST },
      upload('test-logs', '.local/test\n.local/run-*/logs', 'failure()'),
    ]),
    examples: job(EXAMPLES, 30, [
      ...setUp(gh, node),
      installPackages('a C# compiler', 'mono-mcs'),
      { id: 'examples', name: EXAMPLES, run: EXAMPLES },
    ]),
  });
}

/** Once a week: what takes too long for a pull request. */
export function addWeeklyChecks(gh: github.GitHub, node: string): void {
  const workflow = gh.addWorkflow('weekly');
  workflow.on({ schedule: [{ cron: '17 3 * * 1' }], workflowDispatch: {} });
  workflow.addJobs({
    checkers: job('npm run checkers', 45, [...setUp(gh, node), { name: 'npm run checkers', run: 'npm run checkers' }]),
    servers: job('npm run test:servers', 120, [
      ...setUp(gh, node),
      installPackages('MariaDB', 'mariadb-server-core mariadb-client-core'),
      { name: 'npm run test:servers', run: 'npm run test:servers' },
      upload('server-logs', '.local/run-*/logs', 'failure()'),
    ]),
    mutation: job('npm run mutation', 240, [
      ...setUp(gh, node),
      { name: 'Install dependencies', run: 'npm ci' },
      { name: 'npm run mutation', run: 'npm run mutation' },
      upload('mutation-report', 'reports/mutation', 'always()'),
    ]),
  });
}
