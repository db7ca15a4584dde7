import type { Query } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { ApiError } from '../wire/errors.ts';
import { isObject } from '../wire/parameters.ts';
import { all, any, type Condition, fieldCondition, patternCondition, setCondition } from './conditions.ts';
import type { Entity, Resolved, Sql } from './entity.ts';
import { splitPath } from './paths.ts';

const RESERVED = new Set([
  'page',
  'page_size',
  'size',
  'scroll_id',
  'refresh_scroll',
  'order_by',
  'only_fields',
  'projection',
  'search_text',
  'search_hidden',
  'allow_public',
  '_any_',
  '_or_',
  '_all_',
  '_and_',
  'filters',
]);

const MOST_FILTERS = 100;

/** Finds the field behind a dotted path. Own properties only, so that `constructor` is just an unknown field. */
export function resolveField(entity: Entity, path: string): Resolved | undefined {
  if (Object.hasOwn(entity.columns, path)) {
    const column = entity.columns[path];
    return column && { ...column, value: sql.raw(column.sql), order: column.order?.map((key) => sql.raw(key)) ?? [] };
  }
  const [first = '', ...rest] = splitPath(path);
  if (rest.length === 0) return undefined;
  if (Object.hasOwn(entity.references, first)) {
    const reference = entity.references[first];
    const field = rest[0];
    if (!reference || rest.length > 1 || !field || !reference.fields.includes(field)) return undefined;
    return {
      kind: 'text',
      value: sql.raw(`(select r.${field} from tracking.${reference.table} r where r.id = e.${reference.column})`),
    };
  }
  return Object.hasOwn(entity.nested, first) ? entity.nested[first]?.(rest) : undefined;
}

/** Everything a request filters by. Keys that name no field are ignored, as everywhere in the API. */
export function compileWhere(entity: Entity, request: Query): Condition {
  const conditions: Condition[] = [];
  const sets = Object.entries(request.filters ?? {});
  // A field in `filters` is not asked a second time by its plain filter.
  const asked = new Set(sets.map(([name]) => name));
  for (const [key, given] of Object.entries(request)) {
    if (RESERVED.has(key) || asked.has(key) || given === undefined || given === null) continue;
    const condition = filterOf(entity, key, given);
    if (condition) conditions.push(condition);
    if (conditions.length > MOST_FILTERS) throw new ApiError('badValue', {}, `more than ${MOST_FILTERS} filters`);
  }
  for (const key of ['_any_', '_or_'] as const) conditions.push(...multiField(entity, request[key], any));
  for (const key of ['_all_', '_and_'] as const) conditions.push(...multiField(entity, request[key], all));
  if (sets.length > MOST_FILTERS) throw new ApiError('badValue', {}, `more than ${MOST_FILTERS} filters`);
  for (const [name, given] of sets) {
    const field = resolveField(entity, name);
    if (field) conditions.push({ sql: setCondition(name, field, given), slow: false });
  }
  if (request.search_text) conditions.push({ sql: searchCondition(entity, request.search_text), slow: false });
  if (entity.hiddenTag && hides(request)) {
    const tags = resolveField(entity, 'system_tags');
    if (tags) conditions.push(fieldCondition('system_tags', tags, ['__$not', entity.hiddenTag]));
  }
  return { sql: all(conditions.map((one) => one.sql)), slow: conditions.some((one) => one.slow) };
}

function hides(request: Query): boolean {
  return request.search_hidden !== true && request['id'] === undefined;
}

function filterOf(entity: Entity, key: string, given: unknown): Condition | undefined {
  const field = resolveField(entity, key);
  if (!field) return undefined;
  if (given === '') return undefined;
  const isPattern = entity.patterns.includes(key) && typeof given === 'string';
  if (isPattern) return patternCondition(key, field, { given, ignoreCase: false });
  if (Array.isArray(given) && given.length === 0) return undefined;
  return fieldCondition(key, field, given);
}

function multiField(entity: Entity, given: unknown, join: (parts: readonly Sql[]) => Sql): Condition[] {
  if (given === undefined) return [];
  return (Array.isArray(given) ? given : [given]).map((one) => {
    if (!isObject(one) || !Array.isArray(one['fields'])) throw new ApiError('validation', {}, 'fields must be a list');
    const parts = one['fields'].map((path: unknown) => multiFieldPart(entity, String(path), one));
    return { sql: join(parts.map((part) => part.sql)), slow: parts.some((part) => part.slow) };
  });
}

function multiFieldPart(entity: Entity, path: string, given: Record<string, unknown>): Condition {
  const field = resolveField(entity, path);
  // A field that does not exist holds nothing: no pattern matches it.
  if (!field) return { sql: sql`false`, slow: false };
  if (given['datetime'] !== undefined) {
    if (field.kind !== 'date') throw new ApiError('badType', { field: path }, 'not a date');
    return fieldCondition(path, field, given['datetime']);
  }
  return patternCondition(path, field, { given: given['pattern'], ignoreCase: true });
}

function searchCondition(entity: Entity, text: string): Sql {
  if (text.length > 1_000) throw new ApiError('badValue', {}, 'search_text is too long');
  return any(entity.texts.map((column) => sql`strpos(lower(${sql.raw(column)}), lower(${text})) > 0`));
}
