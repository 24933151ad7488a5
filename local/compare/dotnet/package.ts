import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../process/command';
import { ROOT } from '../../process/paths';
import { floorOf, jsiiVersion, Library } from '../library';
import { Assembly } from './assembly';
import { projectOf } from './sources';

/** Says what the project file and the embedded package have that they should not, and the other way round. */
export async function faultsOfProject(library: Library, assembly: Assembly, log: string): Promise<string[]> {
  const project = projectOf(library);
  const { packageId } = assembly.targets.dotnet as unknown as { packageId: string };
  const tarball = `${assembly.name}-${assembly.version}.tgz`;
  const csproj = readFileSync(join(project, `${packageId}.csproj`), 'utf8');
  const listed = await runCommand('tar', ['-tzf', join(project, tarball)], { log });
  const files = listed.stdout.split('\n');
  return [
    ...Object.entries({
      PackageId: packageId,
      PackageVersion: assembly.version,
      Nullable: 'enable',
    }).filter(([name, value]) => !csproj.includes(`<${name}>${value}</${name}>`)).map(([name, value]) => `${name} is not ${value}`),
    ...Object.entries({
      'Amazon.JSII.Runtime': jsiiVersion(),
      'Amazon.CDK.Lib': floorOf('aws-cdk-lib'),
      'Constructs': floorOf('constructs'),
    }).map(([name, lowest]) => [name, `[${lowest},${Number(lowest.split('.')[0]) + 1}.0.0)`] as const)
      .filter(([name, range]) => !csproj.includes(`<PackageReference Include="${name}" Version="${range}" />`))
      .map(([name, range]) => `no reference to ${name} ${range}`),
    ...csproj.includes(`<EmbeddedResource Include="${tarball}" />`) ? [] : [`${tarball} is not embedded`],
    ...readFileSync(join(project, 'AssemblyInfo.cs'), 'utf8')
      .includes(`[assembly: JsiiAssembly("${assembly.name}", "${assembly.version}", "${tarball}")]`)
      ? []
      : ['AssemblyInfo.cs does not name the embedded package'],
    ...['.jsii', 'package.json', 'lib/index.js', 'assets/registration/index.js']
      .filter((file) => !files.includes(`package/${file}`))
      .map((file) => `${tarball} has no ${file}`),
  ];
}

export function assemblyFile(of?: 'aws-cdk-lib' | 'constructs'): string {
  return of ? join(ROOT, 'node_modules', of, '.jsii') : join(ROOT, '.jsii');
}
