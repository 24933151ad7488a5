import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { cdkJson } from './scenarios';
import { lastLines, runCommand } from '../process/command';

/** What an app says to CloudFormation and to whoever runs it. */
export interface Synthesis {
  readonly stacks: Record<string, SynthesizedStack>;
  /** Warnings, errors and notes, as `level: text`. */
  readonly messages: string[];
}

interface SynthesizedStack {
  readonly environment: string;
  readonly terminationProtection: boolean;
  readonly template: Template;
}

export interface Template {
  readonly Resources: Record<string, { Type: string; Properties?: any; Metadata?: Record<string, unknown> }>;
  readonly [section: string]: any;
}

/** Tells which versions an app uses (and so which language), not what it deploys. */
const ANALYTICS = { Resources: 'CDKMetadata', Conditions: 'CDKMetadataAvailable' };

/** Each of `npx` and `tsx` is a process of Node.js that only starts the next one. */
const NPX_TSX = /^npx tsx (?!-)/;

/**
 * Runs the `app` of a folder's cdk.json as the CDK command line does, without the command line: it takes seconds to
 * load itself.
 */
export async function synthesize(
  folder: string,
  options: { context?: Record<string, string>; env?: NodeJS.ProcessEnv } = {},
): Promise<Synthesis> {
  const { app, context } = cdkJson(folder);
  const out = mkdtempSync(join(tmpdir(), 'cdk-zenml-example-'));
  try {
    const env = withoutMachine({
      ...options.env,
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...options.context }),
    });
    const run = await runCommand('sh', ['-c', app.replace(NPX_TSX, 'node --import tsx ')], { cwd: folder, env });
    if (run.code !== 0) {
      throw new Error(`\`${app}\` failed (exit code ${run.code}):\n${lastLines(run.output, 25)}`);
    }
    return readSynthesis(out);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** The caller's environment, less the account and Region of this machine: they must not get into templates. */
export function withoutMachine(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { CDK_DEFAULT_ACCOUNT: _account, CDK_DEFAULT_REGION: _region, ...env } = process.env;
  return { ...env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1', ...more };
}

/** What an app has written into its folder of output. */
export function readSynthesis(out: string): Synthesis {
  const { stacks } = new CloudAssembly(out);
  return {
    stacks: Object.fromEntries(
      stacks.map((stack) => [
        stack.stackName,
        {
          environment: stack.environment.name,
          terminationProtection: stack.terminationProtection ?? false,
          template: comparable(stack.template as Template),
        },
      ]),
    ),
    messages: stacks.flatMap((stack) =>
      stack.messages.map(({ level, id, entry }) => `${level}: ${id}: ${String(entry.data)}`),
    ),
  };
}

/**
 * Without what says nothing about the deployment: analytics, and where on this machine an asset came from (its hash
 * stays).
 */
function comparable(template: Template): Template {
  const copy = JSON.parse(JSON.stringify(template)) as Template;
  for (const [section, name] of Object.entries(ANALYTICS)) {
    if (!copy[section]?.[name]) { continue; }
    delete copy[section][name];
    if (Object.keys(copy[section]).length === 0) { delete (copy as any)[section]; }
  }
  for (const resource of Object.values(copy.Resources)) {
    if (resource.Metadata) { delete resource.Metadata['aws:asset:path']; }
  }
  return copy;
}
