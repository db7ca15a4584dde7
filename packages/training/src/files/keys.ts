import path from 'node:path';
import { RanloopError } from '@ranloop/contracts/errors';

/**
 * The path of a file as a key of the store: no leading slash, no empty part, no step up. What would leave the store is
 * refused as not found, since it names nothing here.
 */
export function cleanKey(given: string | undefined): string {
  const key = path.posix.normalize((given ?? '').replace(/^\/+/, '')).replace(/\/+$/, '');
  // A backslash is a character of a name, except where the system takes it for a slash.
  const outside = key.split(/[\\/]/).includes('..');
  if (key === '' || key === '.' || outside || /[\0\p{Surrogate}]/u.test(key))
    throw new RanloopError('RL_NOT_FOUND', `"${key.slice(0, 200)}" is not a path of this store`);
  return key;
}

/** Percent-decodes what can be decoded and leaves the rest as it is. */
export function decodePath(given: string): string {
  return given.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

/**
 * The keys that a path of a URL may mean, the likeliest first. SDKs upload under the plain name and ask for the encoded
 * one; a name that holds percent signs itself is found as it is written.
 */
export function keysOf(urlPath: string): string[] {
  const keys = [cleanKey(decodePath(urlPath))];
  const [literal] = tryKey(urlPath);
  if (literal !== undefined && !keys.includes(literal)) keys.push(literal);
  return keys;
}

function tryKey(given: string): string[] {
  try {
    return [cleanKey(given)];
  } catch {
    return [];
  }
}

const UNUSABLE = new Set(['ENAMETOOLONG', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY', 'EINVAL', 'ELOOP', 'EILSEQ']);
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOENT', 'EBUSY']);

/** What the store's medium says, in terms of the catalogue. */
export function storeFault(error: unknown): never {
  const code = (error as { code?: string }).code ?? '';
  if (UNUSABLE.has(code)) throw new RanloopError('RL_INVALID', `the path cannot be used (${code})`, { cause: error });
  if (FULL.has(code)) throw new RanloopError('RL_STORE', `the store cannot do this now (${code})`, { cause: error });
  throw error;
}
