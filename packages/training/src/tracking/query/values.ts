import { ApiError } from '../wire/errors.ts';

/** What a list filter asks of a field: three sets of values, joined by `and` or `or`. */
export interface ListFilter {
  /** One of them is there. */
  readonly any: readonly string[];
  /** All of them are there. */
  readonly all: readonly string[];
  /** None of them is there. */
  readonly none: readonly string[];
  /** How the sets that are not empty are joined. */
  readonly join: 'and' | 'or';
  /** A null item: a field that is missing or empty passes whatever the sets say. */
  readonly orEmpty: boolean;
}

const MOST_ITEMS = 10_000;

/**
 * A list filter with its inline operators: `__$all` and `__$any` say what the values after them mean, `__$not` excludes the
 * next value, `__$nop` goes back to the start. The prefix `-` excludes too, but not after an operator. An operator in the
 * first place also joins the sets.
 */
export function parseList(field: string, given: unknown): ListFilter {
  const items = Array.isArray(given) ? given : [given];
  if (items.length > MOST_ITEMS) throw new ApiError('badValue', { field }, `more than ${MOST_ITEMS} values`);
  const sets = { any: [] as string[], all: [] as string[], none: [] as string[] };
  let context: 'any' | 'all' = 'any';
  let dashes = true;
  let negate = false;
  for (const item of items) {
    if (item === null) {
      negate = false;
      continue;
    }
    const text = scalarText(field, item);
    const operator = operatorOf(field, text);
    if (operator === undefined) {
      const dashed = !negate && dashes && text.startsWith('-');
      if (dashed && text === '-') throw new ApiError('badValue', { field, value: text }, 'a value is expected after -');
      sets[negate || dashed ? 'none' : context].push(dashed ? text.slice(1) : text);
      negate = false;
      continue;
    }
    if (negate && operator !== 'nop') throw new ApiError('badValue', { field }, 'a value is expected after __$not');
    negate = operator === 'not';
    if (operator === 'not') continue;
    context = operator === 'all' ? 'all' : 'any';
    dashes = operator === 'nop';
  }
  if (negate) throw new ApiError('badValue', { field }, 'a value is expected after __$not');
  return { ...sets, join: joinOf(items), orEmpty: items.includes(null) };
}

/** The first item decides, beside `__$not`, which only belongs to its value. */
function joinOf(items: readonly unknown[]): 'and' | 'or' {
  const first = items.find((item) => item !== '__$not');
  return first === '__$any' || first === '__$or' ? 'or' : 'and';
}

function operatorOf(field: string, text: string): 'any' | 'all' | 'not' | 'nop' | undefined {
  if (!text.startsWith('__$')) return undefined;
  const operator = Object.hasOwn(OPERATORS, text) ? OPERATORS[text] : undefined;
  if (operator === undefined) throw new ApiError('badValue', { field, value: text }, 'no such operator');
  return operator;
}

const OPERATORS: Readonly<Record<string, 'any' | 'all' | 'not' | 'nop'>> = {
  __$all: 'all',
  __$and: 'all',
  __$any: 'any',
  __$or: 'any',
  __$not: 'not',
  __$nop: 'nop',
};

function scalarText(field: string, item: unknown): string {
  if (typeof item === 'string') return item;
  if (typeof item === 'number' || typeof item === 'boolean') return String(item);
  throw new ApiError('badType', { field }, 'a filter holds texts');
}

export type Comparison = '>' | '>=' | '<' | '<=' | '=';
export interface Bound<T> {
  readonly op: Comparison;
  readonly value: T;
}
export interface Range<T> {
  readonly bounds: readonly Bound<T>[];
  /** `[null, max]`: what has no value is below every maximum. */
  readonly orMissing: boolean;
}

/** `">2026-01-01"`, a list of such, or `[from, to]` where null leaves an end open. */
export function parseDates(field: string, given: unknown): Range<Date> {
  return parseBounds(field, given, (text) => {
    const [, op, rest] = /^\s*(>=|<=|>|<)?\s*(.*)$/s.exec(String(text)) ?? [];
    const value = parseDate(rest ?? '');
    if (!value) throw new ApiError('badValue', { field, value: text }, 'not a date');
    return { op: op as Comparison | undefined, value };
  });
}

/** `[min, max]`, ends included, where null leaves an end open; or one number. */
export function parseRange(field: string, given: unknown): Range<number> {
  return parseBounds(field, given, (item) => {
    const value = typeof item === 'string' && item.trim() !== '' ? Number(item) : item;
    if (typeof value !== 'number' || Number.isNaN(value))
      throw new ApiError('badValue', { field, value: item }, 'not a number');
    return { op: undefined, value };
  });
}

function parseBounds<T>(
  field: string,
  given: unknown,
  parse: (item: unknown) => { op: Comparison | undefined; value: T },
): Range<T> {
  const items = (Array.isArray(given) ? given : [given]).map((item: unknown) => (item === '' ? null : item));
  if (items.length > 2) throw new ApiError('badValue', { field }, 'a range has two ends');
  const bounds: Bound<T>[] = [];
  let bare = true;
  for (const [at, item] of items.entries()) {
    if (item === null || item === undefined) continue;
    const { op, value } = parse(item);
    const byPlace: Comparison = items.length === 1 ? '=' : at === 0 ? '>=' : '<=';
    bare &&= op === undefined;
    bounds.push({ op: op ?? byPlace, value });
  }
  return { bounds, orMissing: bare && items.length === 2 && bounds.length === 1 && items[0] === null };
}

/** ISO 8601 as Python writes it; without an offset it is UTC. */
export function parseDate(text: string): Date | undefined {
  const iso = text.trim().replace(/^(\d{4}-\d{2}-\d{2}) (?=\d)/, '$1T');
  if (!/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[-+]\d{2}:?\d{2})?)?$/i.test(iso)) return undefined;
  const zoned = /T/i.test(iso) && !/(Z|[-+]\d{2}:?\d{2})$/i.test(iso) ? `${iso}Z` : iso;
  const time = Date.parse(zoned);
  return Number.isNaN(time) ? undefined : new Date(time);
}
