import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type Json, jsonSchemaOf, type SchemaDocument } from './document.ts';

export interface DataProblem {
  /** Pointer into the data, with a leading slash; empty for the data itself. */
  readonly path: string;
  readonly problem: string;
}

export type DataCheck = (data: unknown) => DataProblem | undefined;

/** A fixed set of schema documents by address. */
export interface Schemas {
  has(address: string): boolean;
  /** The check that a pointer names, compiled once; undefined when there is none, a text when the schema cannot be used. */
  find(address: string, pointer: string): DataCheck | string | undefined;
}

export function createSchemas(documents: ReadonlyMap<string, SchemaDocument>): Schemas {
  // Formats stay annotations, as in ONAP's collector: real senders write times of every kind.
  const ajv = new Ajv({ strict: false, validateFormats: false, validateSchema: false, addUsedSchema: false });
  for (const [address, document] of documents) ajv.addSchema(jsonSchemaOf(document) as object, address);
  // Only pointers that lead to a schema are kept, so the documents bound it.
  const compiled = new Map<string, DataCheck | string>();

  return {
    has: (address) => documents.has(address),
    find(address, pointer) {
      const document = documents.get(address);
      const path = document && partsOf(pointer);
      if (!path || at(document.content, path) === undefined) return undefined;
      const key = `${address}#${path.map((part) => `/${encodeURIComponent(escaped(part))}`).join('')}`;
      const earlier = compiled.get(key);
      if (earlier !== undefined) return earlier;
      const made = compile(ajv, key);
      compiled.set(key, made);
      return made;
    },
  };
}

function compile(ajv: Ajv, reference: string): DataCheck | string {
  try {
    return checkOf(ajv.compile({ $ref: reference }));
  } catch (error) {
    return `its schema cannot be used: ${(error as Error).message.slice(0, 300)}`;
  }
}

function checkOf(validate: ValidateFunction): DataCheck {
  return (data) => {
    try {
      if (validate(data) as boolean) return undefined;
    } catch (error) {
      // A schema that refers to itself follows the data down as far as it goes.
      if (error instanceof RangeError) return { path: '', problem: 'is nested too deeply' };
      throw error;
    }
    return problemOf(validate.errors ?? []);
  };
}

/** Of several alternatives that failed, the complaint that lies deepest is the nearest to what was meant. */
function problemOf(errors: readonly ErrorObject[]): DataProblem {
  const [first, ...others] = errors.map(told);
  if (!first) return { path: '', problem: 'refused' };
  const depth = ({ path }: DataProblem) => path.split('/').length;
  return others.reduce((best, one) => (depth(one) > depth(best) ? one : best), first);
}

function told({ instancePath, params, message = 'refused' }: ErrorObject): DataProblem {
  const { missingProperty, additionalProperty, allowedValues } = params as Readonly<Record<string, unknown>>;
  if (typeof missingProperty === 'string')
    return { path: `${instancePath}/${escaped(missingProperty)}`, problem: 'is required' };
  if (typeof additionalProperty === 'string')
    return { path: `${instancePath}/${escaped(additionalProperty)}`, problem: 'is not a known field' };
  const allowed = Array.isArray(allowedValues) ? `: ${JSON.stringify(allowedValues).slice(0, 300)}` : '';
  return { path: instancePath, problem: `${message}${allowed}` };
}

/** `#components/schemas/X` (as 3GPP senders write it) and `#/components/schemas/X` alike; undefined for no pointer. */
function partsOf(pointer: string): readonly string[] | undefined {
  if (pointer === '' || pointer === '/') return [];
  try {
    const parts = decodeURIComponent(pointer).replace(/^\//, '').split('/');
    return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  } catch {
    return undefined;
  }
}

function at(content: SchemaDocument['content'], path: readonly string[]): Json | undefined {
  let here: Json | undefined = content;
  // What OpenAPI holds elsewhere is no schema, and would let everything pass.
  const [root, kind, name] = path;
  if ('components' in content && (root !== 'components' || kind !== 'schemas' || name === undefined)) return undefined;
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined;
    here = (here as Readonly<Record<string, Json>>)[part];
  }
  return typeof here === 'object' && here !== null && !Array.isArray(here) ? here : undefined;
}

const escaped = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1');
