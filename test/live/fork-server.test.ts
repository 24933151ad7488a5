import { ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Live, live } from './support/live';
import { CommandResult, runCommand } from '../../local/process/command';
import { cleanEnvironment, Environment, QUIET_SDKS } from '../../local/process/environment';
import { processBegan } from '../../local/process/service';
import { COMMON_SETTINGS } from '../../local/services/zenml';

/*
 * The processes of ZenML are forks of one that has imported it. A fork is what a new process of Python is. Where it
 * would not be, a process is started as usual.
 */
let cloud: Live;
let folder: string;

/** What a process can find out about itself. ZenML imports setuptools, which adds its folder `_vendor` to the path. */
const LOOK = `
import atexit, json, os, random, signal, sys, tempfile, threading, __main__
atexit.register(lambda: print("at exit", flush=True))
threading.Thread(target=lambda: print("from a thread", flush=True)).start()
print(json.dumps({
    "arguments": sys.argv, "orig": sys.orig_argv[1:], "executable": sys.executable, "prefix": sys.prefix,
    "folder": os.getcwd(), "path": [path for path in sys.path if "_vendor" not in path], "cache": sys.pycache_prefix, "temporary": tempfile.gettempdir(),
    "variables": dict(os.environ), "name": __name__, "file": __main__.__file__, "package": __package__,
    "names": sorted(set(vars(__main__)) - {"__cached__", "__annotations__"}), "umask": os.umask(0o22),
    "signals": [str(signal.getsignal(one)) for one in (signal.SIGTERM, signal.SIGINT, signal.SIGPIPE)],
    "input": sys.stdin.read(), "isatty": sys.stdout.isatty(), "buffered": sys.stdout.line_buffering,
    "main thread": threading.current_thread() is threading.main_thread(), "threads": threading.active_count() > 2,
    "files": sorted(os.listdir("/proc/self/fd"))[:4], "changed": getattr(sys, "changed_by_sitecustomize", None),
}))
print("to standard error", file=sys.stderr)
`;

const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const environment = (more: Environment = {}) =>
  cleanEnvironment(folder, { ...cloud.aws.location, ...QUIET_SDKS, ...more });
const forked = async (args: string[], env = environment()) =>
  runCommand(cloud.pythons.client.python, args, { cwd: folder, env });
const started = async (args: string[], env = environment()) =>
  runCommand(join(cloud.pythons.client.bin, 'python'), args, { cwd: folder, env });
const refusals = () => readFileSync(join(cloud.logs, 'fork-server-client.log'), 'utf8').match(/^no fork for .*$/gm) ?? [];

beforeAll(async () => {
  cloud = await live();
  folder = join(cloud.folder, 'fork-server');
  mkdirSync(join(folder, 'changes'), { recursive: true });
  write('look.py', LOOK);
  write('changes/sitecustomize.py', 'import sys\nsys.changed_by_sitecustomize = __file__\n');
  write('imported.py', 'import sys\nprint([name in sys.modules for name in sys.argv[1:]])\n');
});

test('a process of a client is a fork: ZenML and the SDKs are imported when it begins', async () => {
  const command = ['imported.py', 'zenml.client', 'sagemaker', 's3fs'];
  expect((await forked(command)).stdout).toBe('[True, True, True]\n');
  expect((await started(command)).stdout).toBe('[False, False, False]\n');
});

test.each(['newestServer', 'oldestServer'] as const)('%s is a fork too', async (name) => {
  const env = cleanEnvironment(folder, { ...cloud.aws.location, ...COMMON_SETTINGS });
  const { stdout } = await runCommand(
    cloud.pythons[name].python, ['imported.py', 'zenml.zen_server.zen_server_api'], { cwd: folder, env });
  expect(stdout).toBe('[True]\n');
});

test.each([
  ['a script', ['look.py', 'one', '--two=3']],
  ['a script with a path', ['../fork-server/look.py']],
  ['a module', ['-m', 'look', '-x']],
])('a fork that runs %s sees what a new process sees', async (_, args) => {
  const env = environment({ PYTHONPATH: join(folder, 'changes'), ONLY_HERE: 'é x' });
  const [fork, process] = [await forked(args, env), await started(args, env)];
  const facts = ({ stdout }: CommandResult) => JSON.parse(stdout.split('\n').find((line) => line.startsWith('{'))!) as object;
  expect(facts(fork)).toEqual(facts(process));
  expect(facts(process)).toMatchObject({ changed: join(folder, 'changes', 'sitecustomize.py'), variables: { ONLY_HERE: 'é x' } });
  for (const { code, output, stdout } of [fork, process]) {
    expect([code, stdout.trimEnd().split('\n').pop()]).toEqual([0, 'at exit']);
    expect(output).toContain('to standard error\n');
    expect(stdout).toContain('from a thread\n');
    expect(stdout).not.toContain('standard error');
  }
});

test.each([
  ['sys.exit', 'import sys\nsys.exit(7)', 7],
  ['a message', 'import sys\nsys.exit("no")', 1],
  ['an exception', 'raise ValueError("no")', 1],
  ['os._exit', 'import os\nos._exit(9)', 9],
  ['an error of syntax', 'def', 1],
])('a fork that ends by %s has the exit code and the text of a new process', async (_, text, code) => {
  const file = write('end.py', text);
  const [fork, process] = [await forked([file]), await started([file])];
  expect([fork.code, process.code]).toEqual([code, code]);
  const last = ({ output }: CommandResult) => output.trimEnd().split('\n').pop();
  expect(last(fork)).toBe(last(process));
});

describe('signals', () => {
  /** Starts a script that prints its process id, and waits for that. */
  async function begin(text: string): Promise<{ launcher: ChildProcess; pid: number; ended: Promise<unknown[]> }> {
    const file = write('wait.py', `import os, signal, sys, time\n${text}\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n`);
    const launcher = spawn(cloud.pythons.client.python, [file], { cwd: folder, env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise<unknown[]>((resolve) => { launcher.once('exit', (...how) => resolve(how)); });
    const pid = await new Promise<number>((resolve) => { launcher.stdout!.once('data', (data: Buffer) => resolve(Number(String(data)))); });
    return { launcher, pid, ended };
  }

  test('a fork gets the signals of who waits for it, and ends by them', async () => {
    const { launcher, ended } = await begin('');
    launcher.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
  });

  test('a fork handles a signal as a new process does', async () => {
    const { launcher, ended } = await begin('signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))');
    launcher.kill('SIGTERM');
    expect(await ended).toEqual([5, null]);
  });

  test('a fork ends when who waits for it is killed', async () => {
    const { launcher, pid, ended } = await begin('');
    expect(processBegan(pid)).not.toBe('');
    launcher.kill('SIGKILL');
    await ended;
    while (processBegan(pid) !== '') { await new Promise((resolve) => { setTimeout(resolve, 20); }); }
  });
});

test('a process with another value of a variable that the imports have read is started as usual', async () => {
  const { code, stdout } = await forked(
    ['imported.py', 'zenml'], environment({ ZENML_LOGGING_VERBOSITY: 'ERROR', ZENML_SERVER_X: '1' }));
  expect([code, stdout]).toEqual([0, '[False]\n']);
  expect(refusals()).toContain("no fork for ['imported.py', 'zenml']: ['ZENML_LOGGING_VERBOSITY', 'ZENML_SERVER_X']");
});

test('what is neither a script nor a module is left to the interpreter', async () => {
  expect(await forked(['-c', 'print(1 + 1)'])).toMatchObject({ code: 0, stdout: '2\n' });
  expect(await forked(['-V'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Python 3/) });
});
