import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BlobStore, createFolderBlobs } from './index.ts';

let folder: string;
let root: string;
let blobs: BlobStore;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ranloop-blobs-'));
  root = path.join(folder, 'store');
  blobs = createFolderBlobs(root);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = (key: string, content = 'x') => blobs.put(key, Readable.from(content));

async function read(key: string, range?: { start: number; end: number }): Promise<string | undefined> {
  const found = await blobs.open(key);
  return found && text(await found.read(range));
}

test('a blob is read back whole, in part, and is gone after it was removed', async () => {
  expect(await put('a/b c/ü.txt', '0123456789')).toEqual({ bytes: 10 });
  expect(await read('a/b c/ü.txt')).toBe('0123456789');
  expect(await read('a/b c/ü.txt', { start: 2, end: 4 })).toBe('234');
  expect(await blobs.remove('a/b c/ü.txt')).toBe(true);
  expect(await blobs.open('a/b c/ü.txt')).toBeUndefined();
  expect(await blobs.remove('a/b c/ü.txt')).toBe(false);
  expect(await readdir(root)).toEqual(['.parts']);
});

test.each(['../outside', 'a/../../outside', '/../outside', 'nul\0byte', '', '/', '.', '.parts/x', '.PARTS'])(
  'the key %j does not leave the store',
  async (key) => {
    await writeFile(path.join(folder, 'outside'), 'secret');
    for (const attempt of [put(key), blobs.open(key), blobs.remove(key), blobs.removeFolder(key)])
      await expect(attempt).rejects.toMatchObject({ code: 'RL_INVALID' });
  },
);

test('a link that leads out of the store is neither read, written nor emptied', async () => {
  await mkdir(root);
  await writeFile(path.join(folder, 'outside'), 'secret');
  await symlink(folder, path.join(root, 'up'));
  await symlink(path.join(folder, 'outside'), path.join(root, 'link'));
  await symlink(path.join(folder, 'not yet'), path.join(root, 'dangling'));
  for (const key of ['up/outside', 'link', 'dangling']) {
    expect(await blobs.open(key)).toBeUndefined();
    expect(await blobs.remove(key)).toBe(false);
    await expect(put(key)).rejects.toMatchObject({ code: 'RL_INVALID' });
  }
  await expect(put('up/new')).rejects.toMatchObject({ code: 'RL_INVALID' });
  expect(await blobs.removeFolder('up')).toBe(false);
  expect((await readdir(folder)).sort()).toEqual(['outside', 'store']);
  expect(await readFile(path.join(folder, 'outside'), 'utf8')).toBe('secret');
});

test('a link within the store is followed, and goes alone', async () => {
  await put('real/x', 'here');
  await symlink(path.join(root, 'real'), path.join(root, 'also'));
  expect(await read('also/x')).toBe('here');
  expect(await blobs.removeFolder('also')).toBe(true);
  expect(await read('real/x')).toBe('here');
});

test('an upload that breaks off leaves neither a blob nor a part of one', async () => {
  await put('x', 'before');
  const broken = Readable.from(
    (async function* () {
      yield 'half';
      throw new Error('the client went away');
    })(),
  );
  await expect(blobs.put('x', broken)).rejects.toThrow('the client went away');
  expect(await read('x')).toBe('before');
  expect(await readdir(path.join(root, '.parts'))).toEqual([]);
});

test('parts that a killed process left are swept, those under way are not', async () => {
  const parts = path.join(root, '.parts');
  await mkdir(parts, { recursive: true });
  for (const name of ['dead', 'alive']) await writeFile(path.join(parts, name), 'half');
  await utimes(path.join(parts, 'dead'), new Date(0), new Date(0));
  await put('x');
  expect(await readdir(parts)).toEqual(['alive']);
});

test('what was opened is read as it was, though its key is written anew', async () => {
  await put('x', 'first');
  const first = await blobs.open('x');
  await put('x', 'other');
  const second = await blobs.open('x');
  expect(second?.version).not.toBe(first?.version);
  expect(first && (await text(await first.read()))).toBe('first');
  await second?.close();
});

test('a folder goes with all that is below it, and only that', async () => {
  for (const key of ['t/a', 't/deep/b', 't2/c', 'other']) await put(key);
  expect(await blobs.remove('t')).toBe(false);
  expect(await blobs.open('t')).toBeUndefined();
  expect(await blobs.removeFolder('t')).toBe(true);
  expect(await blobs.removeFolder('t')).toBe(false);
  expect(await blobs.removeFolder('other')).toBe(false);
  expect((await readdir(root)).sort()).toEqual(['.parts', 'other', 't2']);
  await put('t', 'now a file');
  expect(await read('t')).toBe('now a file');
});

test('one that was written after the time given stays', async () => {
  await put('x');
  expect(await blobs.remove('x', { writtenBefore: new Date(Date.now() - 60_000) })).toBe(false);
  expect(await blobs.remove('x', { writtenBefore: new Date(Date.now() + 60_000) })).toBe(true);
});

test('a folder that empties while others are written to it loses none of them', async () => {
  for (let round = 0; round < 50; round += 1) {
    await put('busy/old');
    await Promise.all([blobs.remove('busy/old'), put('busy/new', String(round))]);
    expect(await read('busy/new')).toBe(String(round));
    await blobs.removeFolder('busy');
  }
});
