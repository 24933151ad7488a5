/**
 * Judges the public API as the assembly tells it: docstrings, defaults, no unions (jsii takes them silently, and Java,
 * Go and .NET users get an untyped object), and no circle between namespaces (each is a Go package, and Go refuses
 * packages that import each other).
 */
import { readFileSync } from 'fs';
import { namespaceCycles, Type } from './namespaces';

const assembly = JSON.parse(readFileSync('.jsii', 'utf8')) as { types: Record<string, Type> };
const problems: string[] = [];

for (const type of Object.values(assembly.types)) {
  if (!type.docs?.summary) { problems.push(`${type.fqn}: no docstring`); }
  for (const member of [...type.properties ?? [], ...type.methods ?? [], ...type.members ?? []]) {
    const name = `${type.fqn}.${member.name}`;
    // What overrides or implements something is documented there.
    if (!member.docs?.summary && !member.overrides) { problems.push(`${name}: no docstring`); }
    if (type.datatype && member.optional && !member.docs?.default) {
      problems.push(`${name}: optional, but no @default`);
    }
    if (JSON.stringify(member.type ?? {}).includes('"union"')) { problems.push(`${name}: a union type`); }
  }
}
problems.push(...namespaceCycles(assembly.types));

for (const problem of problems) { console.error(problem); }
if (problems.length > 0) { process.exit(1); }
console.log(`${Object.keys(assembly.types).length} public types are documented, and no namespaces import each other`);
