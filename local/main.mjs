// The first thing that runs in a fresh clone, so it needs nothing but Node: it looks whether the machine has what is needed, installs the
// npm dependencies when they are missing or out of date, and hands over to TypeScript.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Each command: its program, and its line of help. */
const COMMANDS = {
  test: ['local/test.ts', 'npm test                     bundle, types, lint, unit tests and one live pass against local servers'],
  demo: ['local/demo.ts', 'npm run demo [-- --keep | --sagemaker]  deploy the example to a local AWS and ZenML server, change it, destroy it'],
  screenshots: ['local/screenshots.ts', 'npm run screenshots           deploy the example, look at ZenML\'s dashboard with a browser, write pictures for the manual'],
  examples: ['local/compare-examples.ts', 'npm run examples [-- language]  the same examples in TypeScript, Python, Java and Go give one template; Python: types, tests; .NET: names; new-user: the README from cdk init on'],
  checkers: ['local/checkers.ts', 'npm run checkers              cdk-nag, cfn-lint and aws-cdk\'s validation on the packed library'],
  servers: ['local/servers.ts', 'npm run test:servers [-- version]  the life of a registration on each release of ZenML'],
  upgrade: ['local/upgrade.ts', 'npm run test:upgrade -- commit  deploy with the library of an older commit, then with this one, and roll back'],
  runtimes: ['local/runtimes.ts', 'npm run test:runtimes         run the unit tests on other versions of Node.js and of aws-cdk-lib'],
  bench: ['bench/main.ts', 'npm run bench [-- section]   measure calls, times and sizes on this machine'],
};
const NODE_MAJOR = 20;

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

function checkMachine() {
  if (process.platform === 'win32') { fail('Windows is not supported here: run this in WSL (the library itself works on Windows).'); }
  const major = Number(process.versions.node.split('.')[0]);
  if (!(major >= NODE_MAJOR)) { fail(`Node ${NODE_MAJOR} or newer is needed, this is ${process.versions.node}: install a newer one (https://nodejs.org) and run this again.`); }
  const probe = 'import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 10) else 1)';
  const pythons = ['python3.12', 'python3.11', 'python3.13', 'python3.10', 'python3'];
  if (!pythons.some((python) => spawnSync(python, ['-c', probe], { stdio: 'ignore' }).status === 0)) {
    fail('Python 3.10 or newer with its venv module is needed for the local AWS and the ZenML server: install it (on Debian and Ubuntu: apt-get install python3 python3-venv) and run this again.');
  }
}

// npm writes node_modules/.package-lock.json when it is done; a clone or a pull makes package-lock.json newer than that.
function dependenciesAreCurrent() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) { return false; }
  if (statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) { return true; }
  // The time alone can mislead (a checkout touches files): compare what is locked with what is there.
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => path === '' || entry.optional || present[path]?.version === entry.version);
}

function install() {
  if (dependenciesAreCurrent()) { return; }
  const logs = join(root, '.local');
  mkdirSync(logs, { recursive: true });
  const log = join(logs, 'npm-ci.log');
  const began = Date.now();
  process.stdout.write('Installing npm dependencies (npm ci) ... ');
  const out = openSync(log, 'w');
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: root, stdio: ['ignore', out, out] });
  if (result.status !== 0) {
    console.error('failed');
    console.error(readFileSync(log, 'utf8').trimEnd().split('\n').slice(-15).join('\n'));
    fail(`npm ci failed: the whole output is in ${log}.`);
  }
  console.log(`${((Date.now() - began) / 1000).toFixed(1)} s`);
}

function main(command, args) {
  if (!(command in COMMANDS) || args.includes('--help')) {
    console.log(Object.values(COMMANDS).map(([, help]) => help).join('\n'));
    process.exit(command in COMMANDS || command === undefined || command === '--help' ? 0 : 1);
  }
  checkMachine();
  install();
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, COMMANDS[command][0]), ...args], {
    cwd: root, stdio: 'inherit', env: { ...process.env, NODE_NO_WARNINGS: '1', JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1' },
  });
  // The terminal sends Ctrl-C to both; this process only waits for the other to clean up.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) { process.on(signal, () => { child.kill(signal); }); }
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

main(process.argv[2], process.argv.slice(3));
