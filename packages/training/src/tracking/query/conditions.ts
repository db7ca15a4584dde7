import { sql } from 'kysely';
import { ApiError } from '../wire/errors.ts';
import { isObject } from '../wire/parameters.ts';
import { inSide, type Resolved, type Sql } from './entity.ts';
import { type Pattern, parsePattern } from './regex.ts';
import { type ListFilter, parseDates, parseList, parseRange, type Range } from './values.ts';

/** A condition and whether it runs a regular expression, which may take long. */
export interface Condition {
  readonly sql: Sql;
  readonly slow: boolean;
}

const plain = (condition: Sql): Condition => ({ sql: condition, slow: false });

export function all(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`true` : sql`(${sql.join([...conditions], sql` and `)})`;
}

export function any(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`false` : sql`(${sql.join([...conditions], sql` or `)})`;
}

/** The filter that a field gets by its kind. */
export function fieldCondition(name: string, field: Resolved, given: unknown): Condition {
  if (field.kind === 'date') return plain(rangeCondition(field, parseDates(name, given)));
  if (field.kind === 'number') return plain(rangeCondition(field, parseRange(name, given)));
  if (field.kind === 'flag') return plain(sql`${field.value} = ${flag(name, given)}`);
  return plain(listCondition(field, parseList(name, given)));
}

function flag(name: string, given: unknown): boolean {
  if (typeof given !== 'boolean') throw new ApiError('badType', { field: name }, 'true or false');
  return given;
}

function rangeCondition<T extends Date | number>(field: Resolved, { bounds, orMissing }: Range<T>): Sql {
  if (bounds.length === 0) return sql`true`;
  const within = all(bounds.map(({ op, value: bound }) => sql`${field.value} ${sql.raw(op)} ${bound}`));
  if (!orMissing) return holds(field, within);
  return field.side ? sql`not ${inSide(field.side, sql`not ${within}`)}` : sql`(${within}) is not false`;
}

/** That the field has a value and the condition is true of it. */
function holds({ side }: Resolved, condition: Sql): Sql {
  return side ? inSide(side, condition) : condition;
}

function listCondition(field: Resolved, filter: ListFilter): Sql {
  const sets: Sql[] = [];
  if (filter.any.length > 0) sets.push(hasAny(field, filter.any));
  if (filter.all.length > 0) sets.push(hasAll(field, filter.all));
  if (filter.none.length > 0) sets.push(not(hasAny(field, filter.none)));
  if (!filter.orEmpty) return all(sets.length > 0 && filter.join === 'or' ? [any(sets)] : sets);
  const joined = sets.length === 0 ? [] : [filter.join === 'or' ? any(sets) : all(sets)];
  return any([...joined, isEmpty(field)]);
}

/** Unlike `not`, true of a field without a value. */
const not = (condition: Sql) => sql`(${condition}) is not true`;

function hasAny(field: Resolved, values: readonly string[]): Sql {
  if (field.kind === 'array') return any(overlaps(field, values));
  if (field.side?.isOneOf) return inSide(field.side, field.side.isOneOf(values));
  return holds(field, sql`${field.value} = any(${[...values]}::text[])`);
}

function overlaps({ value, members = {} }: Resolved, values: readonly string[]): Sql[] {
  const column = (one: string) => (Object.hasOwn(members, one) ? members[one] : undefined);
  const own = values.flatMap((one) => column(one) ?? []);
  const others = values.filter((one) => column(one) === undefined);
  return [...own.map((one) => sql.raw(one)), ...(others.length > 0 ? [sql`${value} && ${others}::text[]`] : [])];
}

function hasAll(field: Resolved, values: readonly string[]): Sql {
  if (field.kind === 'array') return sql`${field.value} @> ${[...values]}::text[]`;
  return all(values.map((value) => hasAny(field, [value])));
}

function isEmpty(field: Resolved): Sql {
  if (field.kind === 'array') return sql`coalesce(cardinality(${field.value}), 0) = 0`;
  return field.side
    ? sql`not ${inSide(field.side, sql`${field.value} <> ''`)}`
    : sql`coalesce(${field.value}, '') = ''`;
}

const SETS = new Set(['any', 'all', 'op']);

/** `{any: {include, exclude}, all: {include, exclude}, op}` of one field; null among the values means that there is none. */
export function setCondition(name: string, field: Resolved, given: unknown): Sql {
  const refuse = (problem: string) => new ApiError('validation', { field: `filters.${name}` }, problem);
  if (!isObject(given)) throw refuse('an object is expected');
  if (field.kind !== 'text' && field.kind !== 'array') throw refuse('the field is not a list');
  const unknown = Object.keys(given).find((key) => !SETS.has(key));
  if (unknown !== undefined) throw refuse(`${unknown.slice(0, 100)} is neither any, all nor op`);
  const op = given['op'] ?? 'and';
  if (op !== 'and' && op !== 'or') throw refuse('op is "and" or "or"');
  const parts: Sql[] = [];
  for (const mode of ['any', 'all'] as const) {
    const set = given[mode] ?? {};
    if (!isObject(set)) throw refuse(`${mode} is an object`);
    const unset = Object.keys(set).find((key) => key !== 'include' && key !== 'exclude');
    if (unset !== undefined) throw refuse(`${unset.slice(0, 100)} is neither include nor exclude`);
    const include = members(set['include'], refuse).map((value) => isMember(field, value));
    const exclude = members(set['exclude'], refuse).map((value) => not(isMember(field, value)));
    const conditions = [...include, ...exclude];
    if (conditions.length > 0) parts.push(mode === 'any' ? any(conditions) : all(conditions));
  }
  if (parts.length === 0) return sql`true`;
  return op === 'or' ? any(parts) : all(parts);
}

const MOST_MEMBERS = 1_000;

function members(given: unknown, refuse: (problem: string) => ApiError): (string | null)[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given) || given.length > MOST_MEMBERS)
    throw refuse(`a list of at most ${MOST_MEMBERS} values is expected`);
  return [...new Set(given as unknown[])].map((value) => {
    if (value === null || typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw refuse('values are texts');
  });
}

const isMember = (field: Resolved, value: string | null) => (value === null ? isEmpty(field) : hasAny(field, [value]));

/** A pattern on a field: case matters for filters by name, not for `_any_` and `_all_`. A missing field matches nothing. */
export function patternCondition(
  name: string,
  field: Resolved,
  options: { given: unknown; ignoreCase: boolean },
): Condition {
  if (typeof options.given !== 'string') throw new ApiError('badType', { field: name }, 'a pattern is text');
  const pattern: Pattern = parsePattern(options.given);
  if ('equals' in pattern && !options.ignoreCase) return plain(equalTo(field, pattern.equals));
  const regex = 'equals' in pattern ? `^${escapeRegex(pattern.equals)}$` : pattern.regex;
  const operator = options.ignoreCase ? sql`~*` : sql`~`;
  const condition =
    field.kind === 'array'
      ? sql`exists (select 1 from unnest(${field.value}) item where item ${operator} ${regex})`
      : holds(field, sql`${field.value}::text ${operator} ${regex}`);
  return { sql: condition, slow: true };
}

function equalTo(field: Resolved, text: string): Sql {
  return field.kind === 'array' || field.kind === 'text' ? hasAny(field, [text]) : sql`${field.value}::text = ${text}`;
}

function escapeRegex(text: string): string {
  return text.replace(/[.^$*+?{}[\]()|\\]/g, '\\$&');
}
