import { RanloopError } from '@ranloop/contracts/errors';

/** The path of a file as a key of the store: no leading slash, no step up. Refused as not found, since it names nothing here. */
export function cleanKey(given: string | undefined): string {
  const key = (given ?? '').replace(/^\/+/, '');
  const outside =
    key === '' || key.includes('\0') || key.includes('\\') || key.split('/').some((part) => part === '..');
  if (outside) throw new RanloopError('RL_NOT_FOUND', `"${key.slice(0, 200)}" is not a path of this store`);
  return key;
}

const UNUSABLE = new Set(['ENAMETOOLONG', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY', 'EINVAL']);
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EMFILE']);

/** What the store's medium says, in terms of the catalogue. */
export function storeFault(error: unknown): never {
  const code = (error as { code?: string }).code ?? '';
  if (UNUSABLE.has(code)) throw new RanloopError('RL_INVALID', `the path cannot be used (${code})`, { cause: error });
  if (FULL.has(code)) throw new RanloopError('RL_STORE', `the store takes no more (${code})`, { cause: error });
  throw error;
}
