import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { RanloopError } from '@ranloop/contracts/errors';
import { tooLarge } from './fetch/save.ts';

/** The first bytes of what is compressed in a way that is not read. */
const OTHERS: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
];

/** The bytes of the document in a file, which may be gzipped: what its first bytes say counts, not its name. */
export async function* unpacked(file: string, mostBytes: number): AsyncGenerator<Uint8Array> {
  const head = await firstBytes(file);
  const other = OTHERS.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte));
  if (other) throw new RanloopError('RL_UNSUPPORTED', `the file is compressed with ${other[0]}; gzip or plain is read`);
  const packed = head[0] === 0x1f && head[1] === 0x8b;
  const raw = createReadStream(file);
  const stream = packed ? raw.pipe(createGunzip()) : raw;
  if (packed) raw.once('error', (error) => stream.destroy(error));
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBytes) throw tooLarge(mostBytes);
      yield chunk;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (packed && (code?.startsWith('Z_') || code === 'ERR_TRAILING_JUNK_AFTER_STREAM_END'))
      throw new RanloopError('RL_MALFORMED', 'the gzip data is damaged or cut off', { cause: error });
    throw error;
  } finally {
    raw.destroy();
  }
}

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
