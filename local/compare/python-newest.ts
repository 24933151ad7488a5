import { join } from 'node:path';
import { Library } from './library';
import { withoutMachine } from './synthesis';
import { ensureVenv } from '../process/venv';

/** Where pip finds no environment of exactly the pinned packages (another Python version), these must be right. */
const PACKAGES = ['aws-cdk-lib==2.275.0', 'constructs==10.8.1', 'mypy==2.4.1', 'pytest==9.2.0', 'syrupy==7.0.2'];

export interface NewestPython {
  readonly python: string;
  readonly env: NodeJS.ProcessEnv;
  /** The package as it is generated, importable where it lies. */
  readonly sources: string;
}

/** The Python of a user who has the newest aws-cdk-lib, a type checker and pytest. */
export async function newestPython(library: Library, log: string): Promise<NewestPython> {
  const { python } = await ensureVenv({ name: 'examples-newest', packages: PACKAGES, pins: 'examples-newest.txt' }, log);
  const sources = join(library.folder, 'python', 'src');
  return { python, sources, env: withoutMachine({ PYTHONPATH: sources, PYTHONDONTWRITEBYTECODE: '1' }) };
}
