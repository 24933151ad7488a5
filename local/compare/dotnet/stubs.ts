import { ancestors, Assembly, Member, Method, namespaceOf, Parameter, pascal, Property, Reference, Type } from './assembly';

const PRIMITIVES: Record<string, string> = {
  string: 'string', number: 'double', boolean: 'bool', date: 'System.DateTime', any: 'object', json: 'object',
};

/** What the generated code calls of jsii's runtime, without what it does there. */
const RUNTIME = `
namespace Amazon.JSII.Runtime.Deputy
{
    using System;
    using System.Runtime.CompilerServices;
    public class ByRefValue { }
    public class DeputyProps { public DeputyProps(object[] arguments = null) { } }
    public abstract class DeputyBase
    {
        protected DeputyBase(ByRefValue reference) { }
        protected DeputyBase(DeputyProps props) { }
        protected T GetInstanceProperty<T>([CallerMemberName] string name = null) { return default(T); }
        protected void SetInstanceProperty<T>(T value, [CallerMemberName] string name = null) { }
        protected static T GetStaticProperty<T>(Type type, [CallerMemberName] string name = null) { return default(T); }
        protected T InvokeInstanceMethod<T>(Type[] types, object[] values, [CallerMemberName] string name = null) { return default(T); }
        protected void InvokeInstanceVoidMethod(Type[] types, object[] values, [CallerMemberName] string name = null) { }
        protected static T InvokeStaticMethod<T>(Type type, Type[] types, object[] values, [CallerMemberName] string name = null) { return default(T); }
        protected static void InvokeStaticVoidMethod(Type type, Type[] types, object[] values, [CallerMemberName] string name = null) { }
    }
    public class JsiiAssemblyAttribute : Attribute { public JsiiAssemblyAttribute(string name, string version, string file) { } }
    public class JsiiByValueAttribute : Attribute { public JsiiByValueAttribute(string fqn) { } }
    public class JsiiOptionalAttribute : Attribute { }
    public class JsiiClassAttribute : Attribute { public JsiiClassAttribute(Type nativeType, string fullyQualifiedName, string parametersJson = null) { } }
    public class JsiiInterfaceAttribute : Attribute { public JsiiInterfaceAttribute(Type nativeType, string fullyQualifiedName) { } }
    public class JsiiTypeProxyAttribute : Attribute { public JsiiTypeProxyAttribute(Type nativeType, string fullyQualifiedName) { } }
    public class JsiiEnumAttribute : Attribute { public JsiiEnumAttribute(Type nativeType, string fullyQualifiedName) { } }
    public class JsiiEnumMemberAttribute : Attribute { public JsiiEnumMemberAttribute(string name) { } }
    public class JsiiPropertyAttribute : Attribute { public JsiiPropertyAttribute(string name, string typeJson, bool isOptional = false, bool isOverride = false) { } }
    public class JsiiMethodAttribute : Attribute { public JsiiMethodAttribute(string name, string returnsJson = null, string parametersJson = null, bool isOverride = false) { } }
}
namespace Amazon.CDK.Internal.DependencyResolution { public sealed class Anchor { } }
namespace Constructs.Internal.DependencyResolution { public sealed class Anchor { } }
`;

/**
 * Declarations of the libraries that the generated code needs, in C# 7 and without any content, since the packages of
 * NuGet are not there without the .NET SDK. The types of `wanted`, and what those extend and implement, have all
 * members. Types that only the members name have none.
 */
export class Stubs {
  private readonly types = new Map<string, Type>();
  private readonly names = new Map<string, string>();
  private readonly shells = new Set<string>();

  constructor(assemblies: Assembly[]) {
    for (const assembly of assemblies) {
      for (const type of Object.values(assembly.types)) {
        this.types.set(type.fqn, type);
        const namespace = namespaceOf(assembly, type);
        if (namespace !== undefined) { this.names.set(type.fqn, `${namespace}.${nameOf(type)}`); }
      }
    }
  }

  /** Enums are value types: the only types of a library for which `?` means another type. */
  public enums(): string[] {
    return [...this.types.values()].filter(({ kind }) => kind === 'enum').flatMap(({ fqn }) => this.names.get(fqn) ?? []);
  }

  /** C# of every type whose name in .NET satisfies `wanted`; structs are asked for by interface and by class. */
  public write(wanted: (name: string) => boolean): string {
    const full = new Set<Type>();
    for (const type of this.types.values()) {
      const name = this.names.get(type.fqn);
      if (name === undefined || !(wanted(name) || (type.datatype && wanted(classOfStruct(name))))) { continue; }
      for (const one of [type, ...this.ancestors(type)]) { full.add(one); }
    }
    const written = [...full].map((type) => this.declaration(type));
    const fqns = new Set([...full].map(({ fqn }) => fqn));
    const shells = [...this.shells].filter((fqn) => !fqns.has(fqn)).map((fqn) => this.shell(this.types.get(fqn)!));
    return [RUNTIME, ...written, ...shells].join('\n');
  }

  private ancestors(type: Type): Type[] {
    return ancestors(type, (fqn) => this.types.get(fqn));
  }

  private shell(type: Type): string {
    const kind = type.kind === 'class' ? 'abstract class' : type.kind;
    return this.inNamespace(type, `public ${kind} ${nameOf(type)} { }`);
  }

  private declaration(type: Type): string {
    if (type.kind === 'enum') {
      return this.inNamespace(type, `public enum ${type.name} { ${type.members!.map(({ name }) => name).join(', ')} }`);
    }
    return this.inNamespace(type, type.kind === 'class' ? this.classOf(type) : this.interfaceOf(type));
  }

  private interfaceOf(type: Type): string {
    // An optional property of a real interface has a body (C# 8), so a class need not implement it.
    const needed = (type.properties ?? []).filter(({ optional }) => type.datatype || !optional);
    const members = [
      ...needed.map((one) => `${this.typeOf(one)} ${pascal(one.name)} ${accessors(one, ';')}`),
      ...(type.methods ?? []).map((one) => `${this.signature(one)};`),
    ];
    const written = `public interface ${nameOf(type)}${this.bases(type)} { ${members.join(' ')} }`;
    if (!type.datatype) { return written; }
    const all = [type, ...this.ancestors(type)].flatMap((one) => one.properties ?? []);
    const properties = new Map(all.map((property) => [property.name, property]));
    const values = [...properties.values()].map((one) => `public ${this.typeOf(one)} ${pascal(one.name)} { get; set; }`);
    return `${written}\npublic class ${type.name} : ${nameOf(type)} { ${values.join(' ')} }`;
  }

  private classOf(type: Type): string {
    const name = nameOf(type);
    const members = [
      ...(type.properties ?? []).map((one) => {
        const body = one.abstract ? accessors(one, ';') : accessors(one, '{ throw null; }');
        return `${this.modifiers(one)} ${this.typeOf(one)} ${pascal(one.name)} ${body}`;
      }),
      ...(type.methods ?? []).map((one) =>
        `${this.modifiers(one)} ${this.signature(one)} ${one.abstract ? ';' : '{ throw null; }'}`),
    ];
    const constructor = type.initializer
      ? `public ${name}(${this.parameters(type.initializer.parameters)}): base((Amazon.JSII.Runtime.Deputy.DeputyProps)null) { }`
      : '';
    const deputies = ['ByRefValue', 'DeputyProps']
      .map((one) => `protected ${name}(Amazon.JSII.Runtime.Deputy.${one} value): base(value) { }`);
    const body = [constructor, ...deputies, ...members].join(' ');
    return `public ${type.abstract ? 'abstract ' : ''}class ${name}${this.bases(type)} { ${body} }`;
  }

  private modifiers(member: Member): string {
    const visible = member.protected ? 'protected' : 'public';
    if (member.static) { return `${visible} static`; }
    const overridden = this.types.get(member.overrides ?? '')?.kind === 'class' || member.name === 'toString';
    return `${visible} ${member.abstract ? 'abstract ' : ''}${overridden ? 'override' : member.abstract ? '' : 'virtual'}`;
  }

  private bases(type: Type): string {
    const root = type.kind === 'class' ? ['Amazon.JSII.Runtime.Deputy.DeputyBase'] : [];
    const first = type.base ? [this.nameOf(type.base)] : root;
    const bases = [...first, ...(type.interfaces ?? []).map((fqn) => this.nameOf(fqn))];
    return bases.length > 0 ? ` : ${bases.join(', ')}` : '';
  }

  private signature(method: Method): string {
    const returns = method.returns ? this.typeOf(method.returns) : 'void';
    return `${returns} ${pascal(method.name)}(${this.parameters(method.parameters)})`;
  }

  private parameters(parameters: Parameter[] = []): string {
    return parameters
      .map((one) => one.variadic
        ? `params ${this.typeOf(one)}[] @${one.name}`
        : `${this.typeOf(one)} @${one.name}${one.optional ? ' = null' : ''}`)
      .join(', ');
  }

  private typeOf({ type, optional }: { readonly type: Reference; readonly optional?: boolean }): string {
    const name = this.reference(type);
    const isEnum = type.fqn !== undefined && this.types.get(type.fqn)?.kind === 'enum';
    const isValue = isEnum || ['double', 'bool', 'System.DateTime'].includes(name);
    return optional && isValue ? `${name}?` : name;
  }

  private reference({ fqn, primitive, collection }: Reference): string {
    if (primitive) { return PRIMITIVES[primitive]!; }
    if (fqn) { return this.nameOf(fqn); }
    if (!collection) { return 'object'; }
    const element = this.reference(collection.elementtype);
    return collection.kind === 'array' ? `${element}[]` : `System.Collections.Generic.IDictionary<string, ${element}>`;
  }

  /** A type within a type is no type of these declarations. */
  private nameOf(fqn: string): string {
    const name = this.names.get(fqn);
    if (name === undefined) { return 'object'; }
    this.shells.add(fqn);
    return name;
  }

  private inNamespace(type: Type, text: string): string {
    const name = this.names.get(type.fqn)!;
    return `namespace ${name.slice(0, name.lastIndexOf('.'))} { ${text} }`;
  }
}

/** jsii adds `_` to a class that has a member of its own name, such as `ec2.Connections`. */
function nameOf({ name, kind, datatype, properties = [], methods = [] }: Type): string {
  if (datatype) { return `I${name}`; }
  const isTaken = [...properties, ...methods].some((member) => member.name.toLowerCase() === name.toLowerCase());
  return kind === 'class' && isTaken ? `${name}_` : name;
}

function classOfStruct(name: string): string {
  return name.replace(/\.I(\w+)$/, '.$1');
}

function accessors({ immutable }: Property, body: string): string {
  return `{ get ${body} ${immutable ? '' : `set ${body}`} }`;
}
