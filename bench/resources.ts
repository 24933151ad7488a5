import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registryOf } from './apps';
import { figures, Table } from './section';
import { synthesize } from '../local/clients/registry-stack';
import { ACCOUNT, REGION } from '../local/services/aws';

export const title = 'CloudFormation resources of a registry';

export async function measure(): Promise<Table> {
  const count = (repositories: number) => {
    const folder = mkdtempSync(join(tmpdir(), 'cdk-zenml-bench-'));
    try {
      const { template } = synthesize('Bench', folder, { account: ACCOUNT, region: REGION }, (stack) => {
        registryOf(stack, repositories);
      });
      return Object.values(template.Resources).map((resource) => resource.Type);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  const one = count(1);
  const types = new Map<string, number>();
  for (const type of one) { types.set(type, (types.get(type) ?? 0) + 1); }
  return figures([
    ['one registry with one repository', `${one.length}`],
    ['each further repository', `${count(2).length - one.length}`],
    ...[...types].sort().map(([type, number]): [string, string] => [`  ${type}`, `${number}`]),
  ]);
}
