import { ApiError } from './errors.ts';
import { parseJson } from './json.ts';

export type Parameters = Record<string, unknown>;

const DEEPEST = 10;

/** The body as one object; an empty body is `{}`. */
export function bodyObject(body: Buffer | undefined): Parameters {
  const text = body?.toString('utf8').trim() ?? '';
  if (text === '') return {};
  const value = parseJson(text);
  if (!isObject(value)) throw new ApiError('validation', {}, 'the body must be a JSON object');
  return value;
}

/** The items of a batch: one JSON object a line, or one object over several lines. */
export function bodyItems(body: Buffer | undefined): Parameters[] {
  const text = body?.toString('utf8').trim() ?? '';
  if (text === '') throw new ApiError('batchEmpty');
  return text.includes('\n') ? (wholeObject(text) ?? linesOf(text)) : [item(text, 1)];
}

/** A batch of lines fails to parse as a whole at the second line, so this costs little; pretty-printed objects pass. */
function wholeObject(text: string): Parameters[] | undefined {
  if (text.slice(0, text.indexOf('\n')).trimEnd().endsWith('}')) return undefined;
  try {
    const value = parseJson(text);
    return isObject(value) ? [value] : undefined;
  } catch {
    return undefined;
  }
}

function linesOf(text: string): Parameters[] {
  const items: Parameters[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed !== '') items.push(item(trimmed, index + 1));
  }
  return items;
}

function item(text: string, line: number): Parameters {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    throw new ApiError('batchItem', { line });
  }
  if (!isObject(value)) throw new ApiError('batchItem', { line });
  return value;
}

/** Query-string and form fields over the body: numbers and booleans are recognised, repeats and `[]` make arrays, dots nest. */
export function withFields(body: Parameters, fields: URLSearchParams): Parameters {
  const merged = { ...body };
  for (const name of new Set(fields.keys())) {
    const values = fields.getAll(name).map(scalar);
    const list = name.endsWith('[]');
    place(merged, (list ? name.slice(0, -2) : name).split('.'), list || values.length > 1 ? values : values[0]);
  }
  return merged;
}

function place(target: Parameters, path: readonly string[], value: unknown): void {
  if (path.length > DEEPEST) throw new ApiError('validation', {}, 'a query-string key nests too deep');
  let at = target;
  for (const [depth, key] of path.entries()) {
    if (depth === path.length - 1) {
      define(at, key, value);
      return;
    }
    const next = Object.hasOwn(at, key) && isObject(at[key]) ? { ...at[key] } : {};
    define(at, key, next);
    at = next;
  }
}

/** Defines rather than assigns, so that `__proto__` is a key like any other. */
function define(target: Parameters, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function scalar(text: string): unknown {
  if (text === 'true') return true;
  if (text === 'false') return false;
  return /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : text;
}

export function isObject(value: unknown): value is Parameters {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Absent and null mean the same at the top of a request. */
export function withoutNulls(parameters: Parameters): Parameters {
  for (const key in parameters) {
    if (parameters[key] === null)
      return Object.fromEntries(Object.entries(parameters).filter(([, item]) => item !== null));
  }
  return parameters;
}
