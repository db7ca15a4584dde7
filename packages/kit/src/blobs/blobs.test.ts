import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BlobStore, createFolderBlobs } from './index.ts';

let folder: string;
let blobs: BlobStore;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ranloop-blobs-'));
  blobs = createFolderBlobs(path.join(folder, 'store'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a blob is read back whole, in part, and is gone after it was removed', async () => {
  expect(await blobs.put('a/b c/ü.txt', Readable.from('0123456789'))).toEqual({ bytes: 10 });
  expect(await text(blobs.read('a/b c/ü.txt'))).toBe('0123456789');
  expect(await text(blobs.read('a/b c/ü.txt', { start: 2, end: 4 }))).toBe('234');
  expect(await blobs.remove('a/b c/ü.txt')).toBe(true);
  expect(await blobs.stat('a/b c/ü.txt')).toBeUndefined();
  expect(await blobs.remove('a/b c/ü.txt')).toBe(false);
});

test.each(['../outside', 'a/../../outside', '/../outside', 'nul\0byte', '', '/', '.'])(
  'the key %j does not leave the store',
  async (key) => {
    await writeFile(path.join(folder, 'outside'), 'secret');
    await expect(blobs.put(key, Readable.from('x'))).rejects.toMatchObject({ code: 'RL_INVALID' });
    await expect(blobs.stat(key)).rejects.toMatchObject({ code: 'RL_INVALID' });
    expect(() => blobs.read(key)).toThrow(/leaves the store/);
  },
);

test('an upload that breaks off leaves neither a blob nor a part of one', async () => {
  const broken = Readable.from(
    (async function* () {
      yield 'half';
      throw new Error('the client went away');
    })(),
  );
  await expect(blobs.put('x', broken)).rejects.toThrow('the client went away');
  expect(await blobs.stat('x')).toBeUndefined();
  expect(await readdir(path.join(folder, 'store'))).toEqual([]);
});
