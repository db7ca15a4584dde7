import { ApiError } from '../wire/errors.ts';

const LONGEST = 4_096;

/** A client's pattern: a literal that the whole value must equal, or a regular expression in PostgreSQL's dialect. */
export type Pattern = { readonly equals: string } | { readonly regex: string };

/**
 * Python's regular expressions to PostgreSQL's. Both share most of the grammar; escaped punctuation means itself in both.
 * `^literal$`, which is what SDKs send to find a name, becomes an equality, so that an index answers it.
 */
export function parsePattern(pattern: string): Pattern {
  if (pattern.length > LONGEST) throw new ApiError('badRegex', {}, `a pattern is longer than ${LONGEST} characters`);
  const literal = anchoredLiteral(pattern);
  if (literal !== undefined) return { equals: literal };
  // "***" would switch PostgreSQL to another syntax; for Python it is an error.
  if (pattern.startsWith('*')) throw new ApiError('badRegex', { pattern }, 'nothing to repeat');
  if (expandedSize(pattern) > MOST_STATES) throw new ApiError('badRegex', { pattern }, 'it repeats too much');
  return { regex: translate(pattern) };
}

/** PostgreSQL writes a counted repetition out, and the memory that matching takes grows with the square of that. */
const MOST_STATES = 2_000;

/** How many characters the pattern has when counted repetitions are written out; too many counts as infinitely many. */
function expandedSize(pattern: string): number {
  const outer: number[] = [];
  let size = 0;
  let atom = 0;
  for (const [token] of pattern.matchAll(TOKEN)) {
    const times = /^\{(\d+)(?:,(\d*))?\}/.exec(token);
    if (token === '(') {
      outer.push(size);
      size = 0;
    } else if (token === ')') {
      atom = size;
      size += outer.pop() ?? 0;
    } else if (times) {
      const most = Math.max(Number(times[1]), Number(times[2] || 0), 1);
      size += atom * (most - 1);
      atom *= most;
    } else {
      atom = 1;
      size += 1;
    }
    if (size > MOST_STATES * 1_000) return Number.POSITIVE_INFINITY;
  }
  return outer.reduce((sum, part) => sum + part, size);
}

/** An escape, a class of characters, a counted repetition, or one character. */
const TOKEN = /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\{\d+(?:,\d*)?\}|[\s\S]/g;

const SPECIAL = new Set('.^$*+?{}[]()|\\');

function anchoredLiteral(pattern: string): string | undefined {
  if (!pattern.startsWith('^') || !pattern.endsWith('$') || pattern.length < 2) return undefined;
  let literal = '';
  for (let at = 1; at < pattern.length - 1; at += 1) {
    const char = pattern.charAt(at);
    if (char !== '\\') {
      if (SPECIAL.has(char)) return undefined;
      literal += char;
      continue;
    }
    at += 1;
    const escaped = pattern.charAt(at);
    // The last dollar itself may be the escaped one; an escaped letter or digit has a meaning of its own.
    if (at >= pattern.length - 1 || /[A-Za-z0-9]/.test(escaped)) return undefined;
    literal += escaped;
  }
  return literal;
}

/** Escapes whose letter means something else in PostgreSQL: there `\b` is a backspace and `\y` the edge of a word. */
const ESCAPES: Readonly<Record<string, string>> = { b: '\\y', B: '\\Y', Z: '\\Z' };

function translate(pattern: string): string {
  return pattern.replace(
    /\\(.)|\(\?P(<\w+>|=\w+)/gs,
    (whole, escaped: string | undefined, named: string | undefined) => {
      if (named?.startsWith('<')) return '(';
      if (named) throw new ApiError('badRegex', { pattern }, 'named references are not supported');
      if (escaped !== undefined && /[1-9]/.test(escaped))
        throw new ApiError('badRegex', { pattern }, 'back references are not supported');
      return (escaped !== undefined && ESCAPES[escaped]) || whole;
    },
  );
}
