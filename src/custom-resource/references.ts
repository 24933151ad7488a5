import { IConstruct } from 'constructs';
import { isUuid } from '../contract/physical-id';
import { Reference } from '../contract/properties';
import { claimAlone } from '../private/duplicates';
import { areDifferent, isUnknown } from '../private/known';
import { validateName } from '../private/validation';
import type { RegistrationOptions } from '../server/registration-options';
import type { ZenMLServer } from '../server/server';

/** Objects made by this library say themselves whether their text is an id or a name. */
interface KnowsItsReference {
  readonly _reference?: Reference;
  /** Whether a stack of this app makes the object, so that it is as the template says. */
  readonly _managed?: boolean;
  readonly _registration?: IConstruct;
}

/** Whether an object is made by this app; not `instanceof`, which fails between two copies of the library. */
export function isManaged(object: IConstruct): boolean {
  return (object as KnowsItsReference)._managed === true;
}

/** The resource that makes an object of this app; none for objects that exist, and for other implementations of the interfaces. */
export function registrationsOf(object: IConstruct): IConstruct[] {
  const { _registration } = object as KnowsItsReference;
  return _registration ? [_registration] : [];
}

/** How the handler finds an object. For other implementations of the interfaces: a UUID or a token is an id, anything else a name. */
export function referenceTo(object: IConstruct, nameOrId: string): Reference {
  const own = (object as KnowsItsReference)._reference;
  if (own) { return own; }
  return isUnknown(nameOrId) || isUuid(nameOrId) ? { Id: nameOrId } : { Name: nameOrId };
}

/** Makes it a synth error that two objects of one app have one explicit name on a server, unless one takes the object over from the other. */
export function claimName(
  holder: IConstruct, { server, adoptExisting }: RegistrationOptions, what: string, prop: string, name: string | undefined,
): void {
  if (name === undefined || adoptExisting) { return; }
  claimAlone(holder, `${what} ${server.url} ${name}`, (other) => `\`${prop}\`: a ${what} named "${name}" is made on ${server.url} by ${other}, too, and ZenML takes a name once: `
    + 'give one of them another name (or set `adoptExisting` on a component or stack that is to move)');
}

/** @throws when a known id is no UUID */
export function idReference(prop: string, id: string): Reference {
  if (!isUnknown(id) && !isUuid(id)) {
    throw new Error(`\`${prop}\` must be a UUID in lower case (as \`zenml ... list\` shows it), got: "${id}"; to refer by name use the from...Name method`);
  }
  return { Id: id };
}

/** @throws when a known name cannot be one of ZenML's */
export function nameReference(prop: string, name: string): Reference {
  // The server's own objects cannot be changed, but they may be referred to.
  if (name !== 'default') { validateName(prop, name); }
  return { Name: name };
}

/** @throws when two objects that are to work together are registered with different servers */
export function requireSameServer(what: string, server: ZenMLServer, other: ZenMLServer): void {
  if (server !== other && areDifferent(server.url, other.url)) {
    throw new Error(`${what} is registered with another ZenML server (${other.url}) than the one it is used on (${server.url}): use one server for both`);
  }
}
