import { sql } from 'kysely';
import { ApiError } from '../wire/errors.ts';
import { isObject } from '../wire/parameters.ts';
import type { Resolved, Sql } from './entity.ts';
import { type Pattern, parsePattern } from './regex.ts';
import { type Bound, type ListFilter, parseDates, parseList, parseRange } from './values.ts';

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
  if (field.kind === 'date') return plain(boundsCondition(field.value, parseDates(name, given)));
  if (field.kind === 'number') return plain(boundsCondition(field.value, parseRange(name, given)));
  if (field.kind === 'flag') return plain(sql`${field.value} = ${flag(name, given)}`);
  return plain(listCondition(field, parseList(name, given)));
}

function flag(name: string, given: unknown): boolean {
  if (typeof given !== 'boolean') throw new ApiError('badType', { field: name }, 'true or false');
  return given;
}

function boundsCondition<T extends Date | number>(value: Sql, bounds: readonly Bound<T>[]): Sql {
  return all(bounds.map(({ op, value: bound }) => sql`${value} ${sql.raw(op)} ${bound}`));
}

function listCondition(field: Resolved, filter: ListFilter): Sql {
  const included = filter.include.length > 0 ? [included_(field, filter)] : [];
  if (filter.orEmpty) included.push(emptyCondition(field));
  const parts = included.length > 0 ? [any(included)] : [];
  if (filter.exclude.length > 0) parts.push(sql`not coalesce(${hasAny(field, filter.exclude)}, false)`);
  return all(parts);
}

function included_(field: Resolved, { op, include }: ListFilter): Sql {
  if (op === 'any') return hasAny(field, include);
  return field.kind === 'array'
    ? sql`${field.value} @> ${[...include]}::text[]`
    : all(include.map((value) => sql`${field.value} = ${value}`));
}

function hasAny(field: Resolved, values: readonly string[]): Sql {
  return field.kind === 'array'
    ? sql`${field.value} && ${[...values]}::text[]`
    : sql`${field.value} = any(${[...values]}::text[])`;
}

function emptyCondition({ kind, value }: Resolved): Sql {
  return kind === 'array' ? sql`coalesce(cardinality(${value}), 0) = 0` : sql`coalesce(${value}, '') = ''`;
}

/** `{any: {include, exclude}, all: {include, exclude}, op}` of one field. */
export function setCondition(name: string, field: Resolved, given: unknown): Sql {
  if (!isObject(given)) throw new ApiError('badType', { field: `filters.${name}` }, 'an object');
  const parts: Sql[] = [];
  for (const mode of ['any', 'all'] as const) {
    const set = given[mode];
    if (!isObject(set)) continue;
    const include = parseList(name, set['include'] ?? []).include;
    const exclude = parseList(name, set['exclude'] ?? []).include;
    const single = (value: string) => sql`coalesce(${hasAny(field, [value])}, false)`;
    const conditions = [...include.map(single), ...exclude.map((value) => sql`not ${single(value)}`)];
    if (conditions.length > 0) parts.push(mode === 'any' ? any(conditions) : all(conditions));
  }
  if (parts.length === 0) return sql`true`;
  return given['op'] === 'or' ? any(parts) : all(parts);
}

/** A pattern on a field: case matters for filters by name, not for `_any_` and `_all_`. */
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
      : sql`coalesce(${field.value}::text, '') ${operator} ${regex}`;
  return { sql: condition, slow: true };
}

function equalTo(field: Resolved, text: string): Sql {
  return field.kind === 'array' ? sql`${field.value} && ${[text]}::text[]` : sql`${field.value} = ${text}`;
}

function escapeRegex(text: string): string {
  return text.replace(/[.^$*+?{}[\]()|\\]/g, '\\$&');
}
