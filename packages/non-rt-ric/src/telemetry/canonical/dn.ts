const ABSOLUTE = /^(?:DC|SubNetwork|MeContext|ManagedElement)=/i;
const RELATIVE = /^[A-Za-z][A-Za-z0-9_.-]*=/;

/** A value inside a DN: the characters that separate its parts are escaped (RFC 4514). */
function escaped(value: string): string {
  return /[,=+\\]/.test(value) ? value.replace(/[,=+\\]/g, (special) => `\\${special}`) : value;
}

/** The managed element that a source is. */
export function elementDn(source: string): string {
  return `ManagedElement=${escaped(source)}`;
}

/** The DN of a measured object: as given when absolute; below the source's managed element when relative or just a name. */
export function objectDn(source: string, name: string): string {
  if (name === '') return elementDn(source);
  if (ABSOLUTE.test(name)) return name;
  if (RELATIVE.test(name)) return `${elementDn(source)},${name}`;
  return partDn(source, 'Object', name);
}

/** An object of a class below the source's managed element. */
export function partDn(source: string, objectClass: string, id: string): string {
  return `${elementDn(source)},${partOf(objectClass, id)}`;
}

/** One part of a DN. */
export function partOf(name: string, value: string): string {
  return `${escaped(name)}=${escaped(value)}`;
}

/** 3GPP PM: the measured entity's DN and the LDN of the object in it (TS 28.532), unless that is already absolute. */
export function reportedDn(entity: string, object: string): string {
  if (object === '') return entity;
  if (entity === '' || object === entity || object.startsWith(`${entity},`)) return object;
  return `${entity},${object}`;
}
