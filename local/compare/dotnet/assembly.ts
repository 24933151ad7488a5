import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** What `.jsii` says of a package: as much of it as is looked at here. */
export interface Assembly {
  readonly name: string;
  readonly version: string;
  readonly targets: { readonly dotnet: { readonly namespace: string } };
  readonly submodules: Record<string, { readonly targets?: { readonly dotnet?: { readonly namespace: string } } }>;
  readonly types: Record<string, Type>;
}

export interface Type {
  readonly fqn: string;
  readonly assembly: string;
  readonly kind: 'class' | 'interface' | 'enum';
  readonly name: string;
  readonly namespace?: string;
  /** A struct: an interface of properties only, which has a class of its own in .NET. */
  readonly datatype?: boolean;
  readonly abstract?: boolean;
  readonly base?: string;
  readonly interfaces?: string[];
  readonly initializer?: { readonly parameters?: Parameter[] };
  readonly properties?: Property[];
  readonly methods?: Method[];
  readonly members?: { readonly name: string }[];
}

export interface Member {
  readonly name: string;
  readonly static?: boolean;
  readonly abstract?: boolean;
  readonly protected?: boolean;
  readonly overrides?: string;
}

export interface Property extends Member, Parameter {
  readonly immutable?: boolean;
}

export interface Method extends Member {
  readonly parameters?: Parameter[];
  readonly returns?: Omit<Parameter, 'name'>;
}

export interface Parameter {
  readonly name: string;
  readonly type: Reference;
  readonly optional?: boolean;
  readonly variadic?: boolean;
}

export interface Reference {
  readonly fqn?: string;
  readonly primitive?: string;
  readonly collection?: { readonly kind: 'array' | 'map'; readonly elementtype: Reference };
}

/** Large assemblies are compressed, and `.jsii` names the file. */
export function readAssembly(file: string): Assembly {
  const found = JSON.parse(readFileSync(file, 'utf8')) as Assembly | { schema: string; filename: string };
  if (!('filename' in found)) { return found; }
  return JSON.parse(gunzipSync(readFileSync(join(dirname(file), found.filename))).toString()) as Assembly;
}

/** `CdkZenml.EcrRegistry` for `cdk-zenml.ecr_registry`; undefined for a type within a type. */
export function namespaceOf(assembly: Assembly, { namespace }: Type): string | undefined {
  const root = assembly.targets.dotnet.namespace;
  if (namespace === undefined) { return root; }
  const submodule = assembly.submodules[`${assembly.name}.${namespace}`];
  return submodule && (submodule.targets?.dotnet?.namespace ?? `${root}.${namespace.split(/[_.]/).map(pascal).join('')}`);
}

/** The name in .NET of a property, method or type. */
export function pascal(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** The types that a type extends and implements, the nearest first. */
export function ancestors(type: Type, typeOf: (fqn: string) => Type | undefined): Type[] {
  const parents = [type.base, ...type.interfaces ?? []].flatMap((fqn) => (fqn && typeOf(fqn)) || []);
  return [...new Set(parents.flatMap((parent) => [parent, ...ancestors(parent, typeOf)]))];
}
