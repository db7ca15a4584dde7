import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RanloopError } from '@ranloop/contracts/errors';

/** Files by key, where a key is a relative path with forward slashes. */
export interface BlobStore {
  /** Writes whole or not at all: the blob appears under its key only when every byte is on disk. */
  put(key: string, content: Readable): Promise<{ bytes: number }>;
  /** Size and time, or undefined when there is none. */
  stat(key: string): Promise<{ bytes: number; modified: Date } | undefined>;
  /** `end` is inclusive, as in an HTTP Range. */
  read(key: string, range?: { start: number; end: number }): Readable;
  /** True when there was one. */
  remove(key: string): Promise<boolean>;
}

export function createFolderBlobs(folder: string): BlobStore {
  const root = path.resolve(folder);
  let writes = 0;
  const locate = (key: string) => {
    const full = path.resolve(root, key.replace(/^\/+/, ''));
    if (key.includes('\0') || !full.startsWith(root + path.sep))
      throw new RanloopError('RL_INVALID', `the path "${key.slice(0, 200)}" leaves the store`);
    return full;
  };
  return {
    async put(key, content) {
      const target = locate(key);
      writes += 1;
      const partial = `${target}.${process.pid}-${writes}.part`;
      await mkdir(path.dirname(target), { recursive: true });
      try {
        const out = createWriteStream(partial, { flush: true });
        await pipeline(content, out);
        await rename(partial, target);
        return { bytes: out.bytesWritten };
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
    },
    async stat(key) {
      const found = await stat(locate(key)).catch(() => undefined);
      return found?.isFile() ? { bytes: found.size, modified: found.mtime } : undefined;
    },
    read: (key, range) => createReadStream(locate(key), range),
    async remove(key) {
      const target = locate(key);
      const found = await stat(target).catch(() => undefined);
      if (!found?.isFile()) return false;
      await rm(target);
      return true;
    },
  };
}
