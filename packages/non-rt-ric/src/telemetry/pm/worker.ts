import { rm } from 'node:fs/promises';
import path from 'node:path';
import { asRanloopError, RanloopError } from '@ranloop/contracts/errors';
import type { Log } from '@ranloop/kit/log';
import type { PmFilesConfig } from './config.ts';
import type { Fetcher } from './fetch/index.ts';
import type { FileOf, Ingested } from './ingest.ts';
import { checkFileName, parseLocation } from './location.ts';
import type { PmQueue, WaitingFile } from './queue.ts';

export interface WorkerDeps {
  readonly queue: PmQueue;
  readonly fetcher: Fetcher;
  readonly ingest: (file: FileOf) => Promise<Ingested>;
  /** Where files are kept while they are read. */
  readonly folder: string;
  /** A file left the queue. */
  readonly onFinished: () => void;
  readonly onRefused: (file: WaitingFile, reason: string) => void;
  readonly log: Log;
}

/** Fetches and stores what waits in the queue, a few at once. */
export interface PmWorker {
  /** Looks into the queue soon. */
  wake(): void;
  start(): void;
  /** Breaks off what is under way; it stays in the queue. */
  stop(): Promise<void>;
}

const LONGEST_PAUSE_MS = 3_600_000;
/** A pause no longer than this, so that the queue is looked at now and then whatever happens. */
const LONGEST_SLEEP_MS = 60_000;
const OUTAGE_PAUSE_MS = 5_000;
const DAY_MS = 86_400_000;
/** Errors after which the same attempt may succeed. */
const PASSING = new Set(['RL_UPSTREAM', 'RL_TIMEOUT', 'RL_INTERNAL']);
/** The store is away: no fault of the file, which waits as long as it takes. */
const STORE_AWAY = new Set(['RL_STORE', 'RL_BUSY']);

export function createPmWorker(config: PmFilesConfig, deps: WorkerDeps): PmWorker {
  const { queue, log } = deps;
  const running = new Map<number, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  let abort: AbortController | undefined;

  function wake(): void {
    lookAgain = true;
    looking ??= look().finally(() => {
      looking = undefined;
      if (lookAgain) wake();
    });
  }

  function wakeIn(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(wake, ms).unref();
  }

  async function look(): Promise<void> {
    lookAgain = false;
    if (!abort || abort.signal.aborted) return;
    try {
      const free = config.concurrency - running.size;
      const files = free > 0 ? await queue.due(Date.now(), free, [...running.keys()]) : [];
      for (const file of files) run(file, abort.signal);
      const next = await queue.next([...running.keys()]);
      if (running.size < config.concurrency)
        wakeIn(next === undefined ? LONGEST_SLEEP_MS : Math.min(Math.max(next - Date.now(), 0), LONGEST_SLEEP_MS));
      await queue.forget(Date.now() - config.rememberDays * DAY_MS);
    } catch (error) {
      log.warn({ err: error }, 'the queue of PM files cannot be read');
      wakeIn(OUTAGE_PAUSE_MS);
    }
  }

  function run(file: WaitingFile, signal: AbortSignal): void {
    const work = handle(file, signal)
      .catch((error) => log.warn({ err: error, source: file.source, file: file.name }, 'a PM file is left for later'))
      .finally(() => {
        running.delete(file.id);
        wake();
      });
    running.set(file.id, work);
  }

  async function handle(file: WaitingFile, signal: AbortSignal): Promise<void> {
    const saved = path.join(deps.folder, String(file.id));
    try {
      const { samples, bytes } = await load(file, saved, signal);
      await queue.finish(file, { state: 'stored', samples, bytes });
      deps.onFinished();
      log.info({ source: file.source, file: file.name, samples, bytes }, 'PM file stored');
    } catch (thrown) {
      if (!signal.aborted) await settle(file, asRanloopError(thrown));
    } finally {
      await rm(saved, { force: true });
    }
  }

  async function load(file: WaitingFile, saved: string, signal: AbortSignal) {
    if (expired(file)) throw new RanloopError('RL_UNPROCESSABLE', 'its fileExpirationTime has passed');
    const location = parseLocation(file.location);
    const name = checkFileName(file.name === '' ? location.name : file.name);
    const fetched = await deps.fetcher({ location, sender: file.sender, file: saved, signal });
    const { samples } = await deps.ingest({ saved: fetched, source: file.source, name, signal });
    return { samples, bytes: fetched.bytes };
  }

  async function settle(file: WaitingFile, problem: RanloopError): Promise<void> {
    const reason = `${problem.code}: ${problem.message}`;
    const attempt = file.attempts + 1;
    const away = STORE_AWAY.has(problem.code);
    if (away || (PASSING.has(problem.code) && attempt < config.attempts && !expired(file))) {
      const pause = Math.min(config.retrySeconds * 1_000 * 2 ** Math.min(file.attempts, 20), LONGEST_PAUSE_MS);
      log.warn({ source: file.source, file: file.name, attempt, reason }, 'a PM file is tried again later');
      return queue.again(file.id, Date.now() + (away ? Math.min(pause, LONGEST_SLEEP_MS) : pause), reason);
    }
    const told = PASSING.has(problem.code) ? `${reason} (given up after ${attempt} attempts)` : reason;
    log.warn({ source: file.source, file: file.name, reason: told }, 'a PM file is refused');
    await queue.finish(file, { state: 'refused', reason: told });
    deps.onFinished();
    deps.onRefused(file, told);
  }

  return {
    wake,
    start() {
      abort = new AbortController();
      wake();
    },
    async stop() {
      abort?.abort();
      clearTimeout(timer);
      await looking;
      await Promise.all(running.values());
      clearTimeout(timer);
    },
  };
}

function expired({ expires }: WaitingFile): boolean {
  return expires !== null && expires < Date.now();
}
