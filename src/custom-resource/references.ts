import { IConstruct } from 'constructs';
import { isUuid } from '../contract/physical-id';
import { Reference } from '../contract/properties';
import { claimAlone } from '../private/duplicates';
import { areKnownToDiffer, isUnknown } from '../private/known';
import { synthError } from '../private/synth-error';
import { invalidProp, validateName } from '../private/validation';
import type { RegistrationOptions } from '../server/registration-options';
import type { ZenMLServer } from '../server/server';

/** Internal attributes of this library's constructs. Other implementations of the interfaces do not have them. */
interface InternalAttributes {
  /** How the handler finds the object. */
  readonly _reference?: Reference;
  /** Whether this app defines the object, so that the object equals the template. */
  readonly _definedInApp?: boolean;
  /** The registration of an object that this app defines. */
  readonly _registration?: IConstruct;
}

/** Whether this app defines the object. Not by `instanceof`, which fails between two copies of the library. */
export function isDefinedInApp(object: IConstruct): boolean {
  return (object as InternalAttributes)._definedInApp === true;
}

/**
 * The registration of an object that this app defines; none for existing objects and other implementations of the
 * interfaces.
 */
export function registrationsOf(object: IConstruct): IConstruct[] {
  const { _registration } = object as InternalAttributes;
  return _registration ? [_registration] : [];
}

/**
 * How the handler finds an object. For other implementations of the interfaces a UUID or a token is an id, and any
 * other text a name.
 */
export function referenceTo(object: IConstruct, nameOrId: string): Reference {
  const own = (object as InternalAttributes)._reference;
  if (own) { return own; }
  return isUnknown(nameOrId) || isUuid(nameOrId) ? { Id: nameOrId } : { Name: nameOrId };
}

/**
 * Makes synth fail when two objects of one app have the same explicit name on a server, unless one of the two adopts
 * the other.
 */
export function claimName(
  holder: IConstruct, options: RegistrationOptions, objectType: string, prop: string, name: string | undefined,
): void {
  const { server, adoptExisting } = options;
  if (name === undefined || adoptExisting) { return; }
  claimAlone(holder, `${objectType} ${server.url} ${name}`, (other) => `\`${prop}\` must be unique on the ZenML server `
    + `${server.url}, got: "${name}", which the ${objectType} ${other} has as well: rename one of them (or set `
    + '`adoptExisting` on a component or stack that moves)');
}

/** Refers to an existing object by its UUID. Throws when the id is not a UUID. */
export function idReference(prop: string, id: string): Reference {
  if (!isUnknown(id) && !isUuid(id)) {
    throw invalidProp(prop, 'must be a UUID in lower case, as `zenml ... list` shows it', id,
      'to refer by name, use the from...Name method');
  }
  return { Id: id };
}

/** Refers to an existing object by its name. Throws when ZenML does not accept the name. */
export function nameReference(prop: string, name: string): Reference {
  // The server's default objects cannot be changed, but other objects may refer to them.
  if (name !== 'default') { validateName(prop, name); }
  return { Name: name };
}

/**
 * Throws when two objects that are used together are registered with different servers.
 *
 * @param subject the other object, as the message begins
 */
export function requireSameServer(subject: string, server: ZenMLServer, other: ZenMLServer): void {
  if (server !== other && areKnownToDiffer(server.url, other.url)) {
    throw synthError(
      'CZ152',
      `${subject} must be registered with the ZenML server ${server.url}, got: an object on another `
        + `ZenML server (${other.url}): use one server for both`,
    );
  }
}
