import { RanloopError } from '@ranloop/contracts/errors';
import { checker } from '@ranloop/contracts/schema';
import type { BlobStore } from '@ranloop/kit/blobs';
import Type from 'typebox';
import { decodePath, keysOf, storeFault } from './keys.ts';
import { eachOf } from './pool.ts';

const FilesToDelete = Type.Object({
  files: Type.Array(Type.String({ maxLength: 8_192 }), { minItems: 1, maxItems: 100_000 }),
});
const AT_ONCE = 8;

interface Deleted {
  deleted: Record<string, string>;
  errors: Record<string, string[]>;
}

/** Deletes files and folders that are named by path or by URL, percent-encoded or not; each succeeds or fails by itself. */
export async function deleteMany(blobs: BlobStore, body: unknown): Promise<Deleted> {
  const deleted = new Map<string, string>();
  const errors = new Map<string, string[]>();
  const folders: string[] = [];
  const fail = (given: string, reason: string) => {
    const alike = errors.get(reason);
    if (alike) alike.push(given);
    else errors.set(reason, [given]);
  };
  const attempt = async (given: string, remove: (key: string) => Promise<boolean>): Promise<boolean> => {
    try {
      for (const key of keysFor(given)) {
        if (!(await remove(key).catch(storeFault))) continue;
        deleted.set(given, decodePath(pathOf(given)));
        return true;
      }
      return false;
    } catch (error) {
      fail(given, reasonOf(error));
      return true;
    }
  };
  await eachOf(new Set(checker(FilesToDelete)(body, 'body').files), AT_ONCE, async (given) => {
    // It would mean everything.
    if (/^[./]*$/.test(decodePath(pathOf(given)))) fail(given, 'Empty path not allowed');
    else if (!(await attempt(given, (key) => blobs.remove(key)))) folders.push(given);
  });
  // Folders last: a file that is named too counts by itself.
  for (const given of folders) if (!(await attempt(given, (key) => blobs.removeFolder(key)))) fail(given, 'Not found');
  return { deleted: Object.fromEntries(deleted), errors: Object.fromEntries(errors) };
}

function pathOf(given: string): string {
  const [, afterHost] = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*([^?#]*)/i.exec(given) ?? [];
  return afterHost ?? given;
}

/** Forms send a space as a plus sign. */
function keysFor(given: string): string[] {
  const path = pathOf(given);
  return (path.includes('+') ? [path, path.replaceAll('+', ' ')] : [path]).flatMap(keysOf);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof RanloopError)) throw error;
  return error.code === 'RL_NOT_FOUND' ? 'Not found' : error.message;
}
