import { constants, createWriteStream, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RanloopError } from '@ranloop/contracts/errors';
import type { BlobStore, OpenBlob } from './index.ts';

/** Where uploads grow before they are moved to their key: on the same file system, with names that are always short enough. */
const PARTS = '.parts';
/** A part that nobody wrote to for so long was left by a process that was killed. */
const DEAD_AFTER_MS = 86_400_000;
const ATTEMPTS = 5;

/** Blobs as files below one folder. Symbolic links are followed only to what lies in the folder too. */
export function createFolderBlobs(folder: string): BlobStore {
  const root = path.resolve(folder);
  const parts = path.join(root, PARTS);
  let swept: Promise<void> | undefined;
  let writes = 0;

  /** The path of a key; undefined when a link on the way leads out of the store. */
  async function locate(key: string): Promise<string | undefined> {
    const target = insideOf(root, key);
    const realRoot = await realpath(root).catch(() => undefined);
    if (realRoot === undefined) return target;
    const real = await deepestReal(target);
    return real === realRoot || real.startsWith(realRoot + path.sep) ? target : undefined;
  }

  async function statFile(key: string): Promise<{ target: string; found: Stats } | undefined> {
    const target = await locate(key);
    const found = target === undefined ? undefined : await stat(target).catch(() => undefined);
    return target !== undefined && found ? { target, found } : undefined;
  }

  /** Folders that became empty go too, so that what was a folder can become a file. */
  async function prune(target: string): Promise<void> {
    for (let at = path.dirname(target); at.startsWith(root + path.sep); at = path.dirname(at)) {
      const gone = await rmdir(at).then(
        () => true,
        () => false,
      );
      if (!gone) return;
    }
  }

  return {
    async put(key, content) {
      const target = await locate(key);
      if (target === undefined) throw leaves(key);
      await mkdir(parts, { recursive: true });
      swept ??= sweep(parts);
      await swept;
      writes += 1;
      const partial = path.join(parts, `${process.pid}-${Date.now()}-${writes}`);
      try {
        const out = createWriteStream(partial, { flush: true });
        await pipeline(content, out);
        await place(partial, target);
        return { bytes: out.bytesWritten };
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
    },
    async open(key) {
      const target = await locate(key);
      // O_NONBLOCK: opening a pipe would wait for its other end.
      const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
      const handle = target === undefined ? undefined : await open(target, flags).catch(absent);
      return handle && openFile(handle);
    },
    async remove(key, { writtenBefore } = {}) {
      const at = await statFile(key);
      if (!at?.found.isFile() || (writtenBefore && at.found.mtime > writtenBefore)) return false;
      const gone = await rm(at.target).then(() => true, absent);
      if (gone) await prune(at.target);
      return gone === true;
    },
    async removeFolder(key) {
      const at = await statFile(key);
      if (!at?.found.isDirectory()) return false;
      // What is only linked here belongs elsewhere: the link goes, not what it leads to.
      const linked = (await lstat(at.target)).isSymbolicLink();
      await rm(at.target, { recursive: !linked, force: true, maxRetries: ATTEMPTS });
      await prune(at.target);
      return true;
    },
  };
}

function leaves(key: string): RanloopError {
  return new RanloopError('RL_INVALID', `the path "${key.slice(0, 200)}" leaves the store`);
}

function insideOf(root: string, key: string): string {
  const full = path.resolve(root, key.replace(/^\/+/, ''));
  const below = path.relative(root, full);
  const [first = ''] = below.split(path.sep);
  if (key.includes('\0') || below === '' || first === '..' || path.isAbsolute(below)) throw leaves(key);
  if (first.toLowerCase() === PARTS)
    throw new RanloopError('RL_INVALID', `the folder "${PARTS}" is kept for uploads under way`);
  return full;
}

/** The real path of the target, or of the nearest folder above it that exists. */
async function deepestReal(target: string): Promise<string> {
  for (let at = target; ; at = path.dirname(at)) {
    // A link that leads nowhere has no real path, and must not be written through.
    const real = await realpath(at).catch(async () => ((await lstat(at).catch(() => undefined)) ? '' : undefined));
    if (real !== undefined || at === path.dirname(at)) return real ?? at;
  }
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ENXIO']);

function absent(error: { code?: string }): undefined {
  if (!ABSENT.has(error.code ?? '')) throw error;
}

async function openFile(handle: FileHandle): Promise<OpenBlob | undefined> {
  const found = await handle.stat();
  if (!found.isFile()) {
    await handle.close();
    return undefined;
  }
  const { size, mtime, mtimeMs, ino } = found;
  return {
    bytes: size,
    modified: mtime,
    // Every upload makes a new file, so two of one size within one tick of the clock still differ.
    version: `${size.toString(16)}-${Math.round(mtimeMs * 1000).toString(16)}-${ino.toString(16)}`,
    read: async (range) => handle.createReadStream(range ?? {}) as Readable,
    close: () => handle.close(),
  };
}

/** Moves a finished part to its place. Its folder may be pruned in the same moment, and is then made again. */
async function place(partial: string, target: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await mkdir(path.dirname(target), { recursive: true });
      return await rename(partial, target);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT' || attempt >= ATTEMPTS) throw error;
    }
  }
}

async function sweep(parts: string): Promise<void> {
  for (const name of await readdir(parts).catch(() => [])) {
    const file = path.join(parts, name);
    const found = await stat(file).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > DEAD_AFTER_MS) await rm(file, { force: true }).catch(() => undefined);
  }
}
