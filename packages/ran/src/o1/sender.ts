import { RanloopError } from '@ranloop/contracts/errors';
import { VES_EVENT_LISTENER } from '@ranloop/contracts/ves';
import type { Log } from '@ranloop/kit/log';
import type { O1Config } from './config.ts';

/** VES 7.2 allows 2 MB and recommends 1 MB. */
const MOST_BYTES = 1_000_000;
const TIMEOUT_MS = 30_000;

/** Sends events, as JSON text, in the order in which they come; what is not accepted yet waits in a bounded spool. */
export interface Sender {
  /**
   * Resolves when the collector has accepted all events. Rejects with RL_BUSY when the spool is full, and with
   * RL_UPSTREAM when the collector refuses them for good (4xx) or the sender stops before.
   */
  send(events: readonly string[]): Promise<void>;
  readonly waiting: number;
  start(): void;
  stop(): Promise<void>;
}

interface Entry {
  readonly events: readonly string[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: RanloopError) => void;
}

type Outcome = { readonly kind: 'accepted' } | { readonly kind: 'refused' | 'again'; readonly reason: string };

export function createSender(
  config: O1Config,
  { log, count }: { log: Log; count: (outcome: 'accepted' | 'refused' | 'retried', events: number) => void },
): Sender {
  const spool: Entry[] = [];
  const listener = config.vesUrl.replace(/\/+$/, '') + VES_EVENT_LISTENER;
  const headers: Record<string, string> = { 'content-type': 'application/json', 'x-minorversion': '2' };
  if (config.username !== undefined) {
    const pair = new TextEncoder().encode(`${config.username}:${config.password ?? ''}`);
    headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  let abort = new AbortController();
  let running = false;
  let draining: Promise<void> | undefined;

  const post = async (events: readonly string[]): Promise<Outcome> => {
    const single = events.length === 1;
    try {
      const response = await fetch(single ? listener : `${listener}/eventBatch`, {
        method: 'POST',
        headers,
        body: single ? `{"event":${events[0]}}` : `{"eventList":[${events.join(',')}]}`,
        redirect: 'error',
        signal: AbortSignal.any([abort.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      const text = (await response.text()).slice(0, 500);
      if (response.ok) return { kind: 'accepted' };
      const passing = response.status >= 500 || response.status === 429 || response.status === 408;
      return { kind: passing ? 'again' : 'refused', reason: `HTTP ${response.status} ${text}` };
    } catch (error) {
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      return { kind: 'again', reason: cause instanceof Error ? cause.message : String(cause) };
    }
  };

  /** Tries until the collector has said yes or no; undefined when stopped before. */
  const deliver = async (events: readonly string[]): Promise<Outcome | undefined> => {
    let pause = config.retryMs.least;
    while (!abort.signal.aborted) {
      const outcome = await post(events);
      if (abort.signal.aborted) return undefined;
      if (outcome.kind !== 'again') {
        count(outcome.kind, events.length);
        return outcome;
      }
      count('retried', events.length);
      log.warn({ reason: outcome.reason, pause, waiting: spool.length }, 'the VES collector did not take the events');
      await sleep(pause, abort.signal);
      pause = Math.min(config.retryMs.most, 2 * pause);
    }
    return undefined;
  };

  const finish = (entry: Entry, outcome: Outcome) => {
    if (outcome.kind === 'accepted') return entry.resolve();
    log.error({ reason: outcome.reason }, 'the VES collector refused events');
    entry.reject(new RanloopError('RL_UPSTREAM', `the VES collector refused the event: ${outcome.reason}`));
  };

  const drain = async () => {
    while (running && spool.length > 0) {
      const entries = nextBatch(spool, config.batchEvents);
      const outcome = await deliver(entries.flatMap(({ events }) => events));
      if (!outcome) return;
      if (outcome.kind === 'accepted' || entries.length === 1) {
        for (const entry of spool.splice(0, entries.length)) finish(entry, outcome);
        continue;
      }
      // A collector refuses a whole batch for one bad event: the others are not to suffer for it.
      for (const entry of entries) {
        const alone = await deliver(entry.events);
        if (!alone) return;
        spool.shift();
        finish(entry, alone);
      }
    }
  };
  const kick = () => {
    if (!running || draining) return;
    draining = drain().finally(() => {
      draining = undefined;
      if (spool.length > 0) kick();
    });
  };

  return {
    get waiting() {
      return spool.length;
    },
    send(events) {
      if (events.length === 0) return Promise.resolve();
      if (spool.length >= config.spoolReports)
        return Promise.reject(new RanloopError('RL_BUSY', `${spool.length} reports wait for the VES collector`));
      return new Promise((resolve, reject) => {
        const bytes = events.reduce((sum, event) => sum + event.length, 0);
        spool.push({ events, bytes, resolve, reject });
        kick();
      });
    },
    start() {
      abort = new AbortController();
      running = true;
      kick();
    },
    async stop() {
      running = false;
      abort.abort();
      await draining;
      const error = new RanloopError('RL_UPSTREAM', 'stopped before the VES collector accepted the report');
      for (const entry of spool.splice(0)) entry.reject(error);
    },
  };
}

/** The entries at the head that fit into one request; always at least one. */
function nextBatch(spool: readonly Entry[], most: number): Entry[] {
  const batch: Entry[] = [];
  let events = 0;
  let bytes = 0;
  for (const entry of spool) {
    events += entry.events.length;
    bytes += entry.bytes;
    if (batch.length > 0 && (events > most || bytes > MOST_BYTES)) break;
    batch.push(entry);
  }
  return batch;
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
