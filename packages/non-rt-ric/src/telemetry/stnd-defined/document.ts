export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A document that holds schemas: an OpenAPI 3 one under `components/schemas`, or a JSON schema. */
export interface SchemaDocument {
  readonly content: { readonly [key: string]: Json };
}

type JsonObject = Readonly<Record<string, Json>>;

const MANY = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const ONE = new Set(['items', 'additionalItems', 'additionalProperties', 'contains', 'not', 'if', 'then', 'else']);
const NAMED = new Set(['properties', 'patternProperties', 'definitions', '$defs', 'dependencies']);
/** What names or describes a schema and would be read as an address or a keyword of a later draft. */
const DROPPED = new Set([
  '$schema',
  'id',
  '$id',
  '$anchor',
  'nullable',
  'discriminator',
  'example',
  'xml',
  'externalDocs',
]);

/** The schemas of a document as JSON schema (draft-07), at the pointers at which the document has them. */
export function jsonSchemaOf({ content }: SchemaDocument): Json {
  const components = record(content['components']);
  const schemas = record(components?.['schemas']);
  if (!schemas) return schema(content);
  return { components: { schemas: mapped(schemas, schema) } };
}

/** OpenAPI 3.0 and draft-04 differ from draft-07 in null, in exclusive bounds, and in what may stand beside a $ref. */
function schema(value: Json): Json {
  const node = record(value);
  if (!node) return value;
  if (typeof node['$ref'] === 'string') return { $ref: node['$ref'], ...definitionsOf(node) };
  const made: Record<string, Json> = {};
  for (const [key, inner] of Object.entries(node)) {
    if (DROPPED.has(key)) continue;
    if (MANY.has(key) && Array.isArray(inner)) made[key] = inner.map(schema);
    else if (NAMED.has(key)) made[key] = mapped(record(inner) ?? {}, schema);
    else if (key === 'items' && Array.isArray(inner)) made[key] = inner.map(schema);
    else if (ONE.has(key)) made[key] = schema(inner);
    else made[key] = inner;
  }
  exclusive(made, 'minimum', 'exclusiveMinimum');
  exclusive(made, 'maximum', 'exclusiveMaximum');
  return node['nullable'] === true ? { anyOf: [made, { type: 'null' }] } : made;
}

function definitionsOf(node: JsonObject): JsonObject {
  const definitions = record(node['definitions']);
  return definitions ? { definitions: mapped(definitions, schema) } : {};
}

function exclusive(made: Record<string, Json>, bound: string, flag: string): void {
  const given = made[flag];
  if (typeof given !== 'boolean') return;
  delete made[flag];
  const limit = made[bound];
  if (!given || limit === undefined) return;
  made[flag] = limit;
  delete made[bound];
}

function mapped(node: JsonObject, change: (value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, change(value)]));
}

function record(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}
