/**
 * JSON with whole numbers beyond 2^53: `JSON.parse` would round them, so they come out as strings that begin with
 * LONG_INTEGER. Nothing else about JSON changes. Throws SyntaxError.
 */
export const LONG_INTEGER = '\u0000integer:';

const SAFE_DIGITS = 15;

export function parseJson(text: string): unknown {
  // Checked first: the rewriting below relies on well-formed text.
  const plain: unknown = JSON.parse(text);
  const rewritten = quoteLongIntegers(text);
  return rewritten === undefined ? plain : JSON.parse(rewritten);
}

function quoteLongIntegers(text: string): string | undefined {
  const parts: string[] = [];
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === MINUS || isDigit(code)) {
      const end = endOfNumber(text, at);
      const token = text.slice(at, end);
      if (token.length > SAFE_DIGITS && /^-?\d+$/.test(token)) {
        parts.push(text.slice(copied, at), `"\\u0000integer:${token}"`);
        copied = end;
      }
      at = end;
    } else at += 1;
  }
  if (parts.length === 0) return undefined;
  parts.push(text.slice(copied));
  return parts.join('');
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && isNumberPart(text.charCodeAt(at))) at += 1;
  return at;
}

const isDigit = (code: number) => code >= 0x30 && code <= 0x39;
/** Digits, `.`, `+`, `-`, `e`, `E`. */
const isNumberPart = (code: number) =>
  isDigit(code) || code === 0x2e || code === 0x2b || code === MINUS || code === 0x65 || code === 0x45;
