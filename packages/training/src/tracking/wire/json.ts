import { RanloopError } from '@ranloop/contracts/errors';

const SPECIAL = /[-]?\b(?:NaN|Infinity)\b/;
/** An escaped NUL or surrogate: PostgreSQL's text holds neither a NUL nor half a pair. */
const UNSTORABLE = /\\u(?:0000|[dD][89a-fA-F])/;
const NAN = '\u0001NaN';
const MINUS_NAN = '\u0001-NaN';
const INFINITY = '\u0001Infinity';
const MINUS_INFINITY = '\u0001-Infinity';

/**
 * JSON as Python writes it: the tokens NaN, Infinity and -Infinity are numbers. Strings come out storable: NUL and lone
 * surrogates become U+FFFD.
 */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return UNSTORABLE.test(text) ? mapStrings(value, storable) : value;
  } catch (error) {
    if (!SPECIAL.test(text)) throw malformed(error);
  }
  try {
    return mapStrings(JSON.parse(quoteSpecials(text)), (string) => special(string) ?? storable(string));
  } catch (error) {
    throw malformed(error);
  }
}

function malformed(error: unknown): RanloopError {
  return new RanloopError('RL_MALFORMED', `the body is not JSON: ${(error as Error).message.slice(0, 200)}`);
}

/** Turns the bare tokens into marked strings; what stands inside strings is left alone. A raw U+0001 is not JSON, so marks cannot be forged. */
function quoteSpecials(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
    token.startsWith('"') ? token : `"\\u0001${token}"`,
  );
}

function special(text: string): number | undefined {
  if (text === NAN || text === MINUS_NAN) return Number.NaN;
  if (text === INFINITY) return Number.POSITIVE_INFINITY;
  if (text === MINUS_INFINITY) return Number.NEGATIVE_INFINITY;
  return undefined;
}

function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD');
}

function mapStrings(value: unknown, map: (text: string) => unknown): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map));
  if (typeof value !== 'object' || value === null) return value;
  // fromEntries defines the keys, so "__proto__" stays a key.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), mapStrings(item, map)]));
}

/** JSON that every client reads: numbers that JSON lacks become null. */
export function stringifyJson(value: unknown): string {
  return JSON.stringify(value);
}
