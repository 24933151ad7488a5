import { ancestors, Assembly, namespaceOf, pascal, Type } from './assembly';
import { DeclaredType, Source } from './sources';

/** Types of the generator's own use: the code that makes the SDK load the dependencies, and summaries of namespaces. */
const GENERATED_ONLY = /\.(Internal\.DependencyResolution\.Anchor|NamespaceDoc)$/;
/** Members of the generator's own use. */
const GENERATED_MEMBER = /^_MakeDeputyProps$/;

/** By full name of a type: the names of its members. */
type Names = Map<string, Set<string>>;

/** How the declared names differ from those of the assembly, whose structs can extend those of dependencies. */
export function differencesOfNames(assembly: Assembly, dependencies: Assembly[], declared: DeclaredType[]): string[] {
  const expected = namesOf(assembly, dependencies);
  const found: Names = new Map(declared
    .filter((type) => !GENERATED_ONLY.test(fullName(type)))
    .map((type) => {
      const members = type.members.map(({ name }) => name).filter((name) => !GENERATED_MEMBER.test(name));
      return [fullName(type), new Set(members)];
    }));
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((type) => {
    const [wanted, there] = [expected.get(type), found.get(type)];
    if (!there) { return [`${type} is missing`]; }
    if (!wanted) { return [`${type} is in no assembly`]; }
    return [
      ...[...wanted].filter((name) => !there.has(name)).map((name) => `${type}.${name} is missing`),
      ...[...there].filter((name) => !wanted.has(name)).map((name) => `${type}.${name} is in no assembly`),
    ];
  });
}

/** What C# refuses, or what a program with `using` of several namespaces could not write. */
export function collisions(declared: DeclaredType[], others: Record<string, Set<string>>): string[] {
  const namespaces = new Set(declared.map(({ namespace }) => namespace));
  return declared.flatMap((type) => {
    const name = fullName(type);
    const names = type.members.map((member) => member.name);
    const lower = names.map((member) => member.toLowerCase());
    return [
      ...names.includes(type.name) ? [`${name} has a member of its own name (CS0542)`] : [],
      ...names
        .filter((member, index) => names.indexOf(member) !== index)
        .map((member) => `${name} has two members ${member} (CS0102)`),
      ...names
        .filter((member, index) => lower.indexOf(member.toLowerCase()) !== index && names.indexOf(member) === index)
        .map((member) => `${name}: another member differs from ${member} only by case (CS3005)`),
      ...namespaces.has(name) ? [`${name} is also a namespace (CS0101)`] : [],
      ...Object.entries(others)
        .filter(([, theirs]) => theirs.has(type.name))
        .map(([other]) => `${name} is ambiguous beside \`using ${other}\` (CS0104)`),
    ];
  });
}

/** What a program names of the library that is not there. */
export function unknownNames(uses: Source['uses'], declared: DeclaredType[], imported: string): string[] {
  const known = new Map(declared.filter(({ namespace }) => namespace === imported).map((type) => [type.name, type]));
  return uses.flatMap(({ type, member }) => {
    const found = known.get(type);
    if (!found || member === undefined || found.members.some(({ name }) => name === member)) { return []; }
    return [`${fullName(found)}.${member} does not exist`];
  });
}

/** The simple names of the types in a namespace, each struct as interface and class. */
export function typesIn(assembly: Assembly, namespace: string): Set<string> {
  const types = Object.values(assembly.types).filter((type) => namespaceOf(assembly, type) === namespace);
  return new Set(types.flatMap(namesInDotnet));
}

export function fullName({ namespace, name }: DeclaredType): string {
  return `${namespace}.${name}`;
}

function namesOf(assembly: Assembly, dependencies: Assembly[]): Names {
  const names: Names = new Map();
  const typeOf = (fqn: string) => [assembly, ...dependencies].map(({ types }) => types[fqn]).find((type) => type);
  for (const type of Object.values(assembly.types)) {
    for (const name of namesInDotnet(type)) {
      // The class of a struct has what the struct inherits as well.
      const inherited = type.datatype && name === type.name ? ancestors(type, typeOf) : [];
      names.set(`${namespaceOf(assembly, type)}.${name}`, new Set([type, ...inherited].flatMap(membersOf)));
    }
  }
  return names;
}

function namesInDotnet({ name, datatype }: Type): string[] {
  return datatype ? [`I${name}`, name] : [name];
}

function membersOf({ properties, methods, members }: Type): string[] {
  const camelCase = [...properties ?? [], ...methods ?? []].map(({ name }) => name);
  return [...camelCase.map(pascal), ...(members ?? []).map(({ name }) => name)];
}
