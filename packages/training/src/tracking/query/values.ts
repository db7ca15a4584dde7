import { ApiError } from '../wire/errors.ts';

export interface ListFilter {
  readonly op: 'any' | 'all';
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** A null item: the field may be missing or empty. */
  readonly orEmpty: boolean;
}

const MOST_ITEMS = 10_000;

/** A list filter with its inline operators: `__$all`, `__$any`, `__$not` (the next value), `__$nop`, and the prefix `-`. */
export function parseList(field: string, given: unknown): ListFilter {
  const items = Array.isArray(given) ? given : [given];
  if (items.length > MOST_ITEMS) throw new ApiError('badValue', { field }, `more than ${MOST_ITEMS} values`);
  const include: string[] = [];
  const exclude: string[] = [];
  let op: 'any' | 'all' = 'any';
  let orEmpty = false;
  let negate = false;
  for (const item of items) {
    if (item === null) {
      orEmpty = true;
      continue;
    }
    const text = scalarText(field, item);
    const operator = OPERATORS[text];
    if (operator === 'any' || operator === 'all') op = operator;
    if (operator === 'nop') op = 'any';
    if (operator) {
      negate = operator === 'not';
      continue;
    }
    if (negate) exclude.push(text);
    else if (text.startsWith('-') && text.length > 1) exclude.push(text.slice(1));
    else include.push(text);
    negate = false;
  }
  return { op, include, exclude, orEmpty };
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

/** `">2026-01-01"`, a list of such, or `[from, to]` where null leaves an end open. */
export function parseDates(field: string, given: unknown): Bound<Date>[] {
  return parseBounds(field, given, (text, at) => {
    const [, op, rest] = /^\s*(>=|<=|>|<)?\s*(.*)$/s.exec(String(text)) ?? [];
    const value = parseDate(rest ?? '');
    if (!value) throw new ApiError('badValue', { field, value: text }, 'not a date');
    return { op: op as Comparison | undefined, value, at };
  });
}

/** `[min, max]`, ends included, where null leaves an end open; or one number. */
export function parseRange(field: string, given: unknown): Bound<number>[] {
  return parseBounds(field, given, (item, at) => {
    const value = typeof item === 'string' && item.trim() !== '' ? Number(item) : item;
    if (typeof value !== 'number' || Number.isNaN(value))
      throw new ApiError('badValue', { field, value: item }, 'not a number');
    return { op: undefined, value, at };
  });
}

function parseBounds<T>(
  field: string,
  given: unknown,
  parse: (item: unknown, at: number) => { op: Comparison | undefined; value: T; at: number },
): Bound<T>[] {
  const items = Array.isArray(given) ? given : [given];
  if (items.length > 2) throw new ApiError('badValue', { field }, 'a range has two ends');
  const bounds: Bound<T>[] = [];
  for (const [at, item] of items.entries()) {
    if (item === null || item === undefined || item === '') continue;
    const { op, value } = parse(item, at);
    const byPlace: Comparison = items.length === 1 ? '=' : at === 0 ? '>=' : '<=';
    bounds.push({ op: op ?? byPlace, value });
  }
  return bounds;
}

/** ISO 8601 as Python writes it; without an offset it is UTC. */
export function parseDate(text: string): Date | undefined {
  const iso = text.trim().replace(/^(\d{4}-\d{2}-\d{2}) (?=\d)/, '$1T');
  if (!/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[-+]\d{2}:?\d{2})?)?$/i.test(iso)) return undefined;
  const zoned = /T/i.test(iso) && !/(Z|[-+]\d{2}:?\d{2})$/i.test(iso) ? `${iso}Z` : iso;
  const time = Date.parse(zoned);
  return Number.isNaN(time) ? undefined : new Date(time);
}
