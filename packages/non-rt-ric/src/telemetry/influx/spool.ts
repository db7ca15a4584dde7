import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { RanloopError } from '@ranloop/contracts/errors';
import type { Log } from '@ranloop/kit/log';

/** Lines that wait on disk while the server is away. On return of `append` they survive a crash. */
export interface Spool {
  /** True while something waits: new lines must then wait behind it, so that the order is kept. */
  readonly waiting: boolean;
  append(lines: string): Promise<void>;
  /** Sends what waits, oldest first, until nothing does or sending fails. */
  drain(): Promise<void>;
  open(): Promise<void>;
}

interface SpoolOptions {
  readonly folder: string;
  readonly mostBytes: number;
  readonly send: (lines: string) => Promise<void>;
  readonly log: Log;
}

const MOST_FILE_BYTES = 4 * 1024 * 1024;
const NAME = /^(\d{12})\.lines$/;
const nameOf = (number: number) => `${String(number).padStart(12, '0')}.lines`;

export function createSpool({ folder, mostBytes, send, log }: SpoolOptions): Spool {
  /** Files that wait, by number, with their sizes. */
  const files = new Map<number, number>();
  /** The file that grows; never one that a crash or a failed write may have left with half a line at its end. */
  let growing: number | undefined;
  let next = 1;
  let chain: Promise<unknown> = Promise.resolve();
  // One thing at a time touches the folder.
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = chain.then(work);
    chain = result.catch(() => undefined);
    return result;
  };

  async function write(lines: string): Promise<void> {
    const bytes = Buffer.byteLength(lines);
    const used = [...files.values()].reduce((sum, size) => sum + size, 0);
    if (used + bytes > mostBytes) throw new RanloopError('RL_BUSY', 'InfluxDB is away and the spool is full');
    const size = growing === undefined ? undefined : files.get(growing);
    const number = growing !== undefined && size !== undefined && size + bytes <= MOST_FILE_BYTES ? growing : next;
    if (number === next) next += 1;
    growing = undefined;
    files.set(number, (files.get(number) ?? 0) + bytes);
    const file = await open(path.join(folder, nameOf(number)), 'a', 0o600);
    try {
      await file.appendFile(lines);
      await file.sync();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
      throw new RanloopError('RL_BUSY', 'InfluxDB is away and the disk of the spool is full', { cause: error });
    } finally {
      await file.close();
    }
    growing = number;
  }

  /** False when nothing waits. */
  async function sendOldest(): Promise<boolean> {
    const [number] = files.keys();
    if (number === undefined) return false;
    const name = path.join(folder, nameOf(number));
    const text = await readFile(name, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    // A crash in the middle of a write leaves half a line, which nobody was told is stored.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    try {
      if (whole !== '') await send(whole);
      await rm(name, { force: true });
    } catch (error) {
      if (!(error instanceof RanloopError) || error.code !== 'RL_UNPROCESSABLE') throw error;
      log.error({ err: error, file: name }, 'InfluxDB refuses spooled lines; they are kept beside the spool');
      await rename(name, `${name}.refused`);
    }
    files.delete(number);
    return true;
  }

  return {
    get waiting() {
      return files.size > 0;
    },
    append: (lines) => inTurn(() => write(lines)),
    async drain() {
      while (await inTurn(sendOldest));
    },
    async open() {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const numbers = (await readdir(folder))
        .map((name) => Number(NAME.exec(name)?.[1] ?? Number.NaN))
        .filter((number) => Number.isSafeInteger(number))
        .sort((a, b) => a - b);
      for (const number of numbers) files.set(number, (await stat(path.join(folder, nameOf(number)))).size);
      next = (numbers.at(-1) ?? 0) + 1;
    },
  };
}
