import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { RanloopError } from '@ranloop/contracts/errors';

/** A file under way to the disk: counted, so that none is longer than allowed, and digested. */
export interface Saving {
  /** Where the bytes go, and on to the file. */
  readonly through: Transform;
  readonly file: NodeJS.WritableStream;
  /** Hex, of all bytes that passed. */
  digest(): string;
  bytes(): number;
}

export function createSaving(path: string, mostBytes: number): Saving {
  const hash = createHash('sha256');
  let bytes = 0;
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > mostBytes) return done(tooLarge(mostBytes));
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return {
    through,
    file: createWriteStream(path, { mode: 0o600 }),
    digest: () => hash.digest('hex'),
    bytes: () => bytes,
  };
}

export function tooLarge(mostBytes: number): RanloopError {
  return new RanloopError('RL_TOO_LARGE', `the file is larger than ${mostBytes} bytes`);
}
