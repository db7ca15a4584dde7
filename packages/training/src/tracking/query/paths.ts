import { ApiError } from '../wire/errors.ts';

const LONGEST = 2_000;
const DEEPEST = 12;

/** Splits a dotted path; the keys in it are escaped, so that a dot inside a key is `%2E`. */
export function splitPath(path: string): string[] {
  if (path.length > LONGEST) throw new ApiError('badValue', {}, 'a field path is too long');
  const segments = path.split('.').map(unescapeKey);
  if (segments.length > DEEPEST) throw new ApiError('badValue', { path }, 'a field path nests too deep');
  return segments;
}

/** The escapes that clients put into keys inside paths: `%2E` a dot, `%24` a dollar, `%_%_` two underscores, `%%` a percent. */
function unescapeKey(key: string): string {
  return key.replace(/%2E|%24|%_%_|%%/g, (code) => ESCAPES[code] ?? code);
}

const ESCAPES: Readonly<Record<string, string>> = { '%2E': '.', '%24': '$', '%_%_': '__', '%%': '%' };
