import { ApiError, type Session, sleep } from '@ranloop/sdk/session';
import type { Line } from './lines.ts';

/** Carries the output of one task to the server, in order and in batches. */
export interface TaskLog {
  add(line: Line): void;
  /** True when so much waits that the child must not write more for now. */
  readonly full: boolean;
  /** Sends what waits, repeating until it is stored; stops trying when `signal` aborts. Answers how many lines are left. */
  close(signal: AbortSignal): Promise<number>;
}

const EVERY_MS = 500;
const FULL_AT_CHARACTERS = 4_000_000;
const MOST_EVENT_CHARACTERS = 60_000;
const MOST_EVENTS = 500;
const RETRY_MS = 1_000;

interface LogEvent {
  readonly level: string;
  readonly timestamp: number;
  readonly msg: string;
  readonly lines: number;
}

export function createTaskLog(
  session: Session,
  { task, worker, onRoom }: { task: string; worker: string; onRoom: () => void },
): TaskLog {
  let waiting: LogEvent[] = [];
  let characters = 0;
  let lastTimestamp = 0;
  let inFlight = 0;
  let underWay: Promise<void> | undefined;
  const timer = setInterval(() => void drain().catch(() => undefined), EVERY_MS);

  /** Neighbouring lines of one level share an event. Timestamps grow strictly: the server sorts a log by them. */
  function add({ level, text }: Line): void {
    const last = waiting.at(-1);
    characters += text.length + 1;
    if (
      last &&
      waiting.length > inFlight &&
      last.level === level &&
      last.msg.length + text.length < MOST_EVENT_CHARACTERS
    ) {
      waiting[waiting.length - 1] = { ...last, msg: `${last.msg}\n${text}`, lines: last.lines + 1 };
      return;
    }
    lastTimestamp = Math.max(Date.now(), lastTimestamp + 1);
    waiting.push({ level, timestamp: lastTimestamp, msg: text, lines: 1 });
  }

  async function send(batch: readonly LogEvent[]): Promise<void> {
    const events = batch.map(({ level, timestamp, msg }) => ({ type: 'log', task, worker, level, timestamp, msg }));
    try {
      await session.callLines('events.add_batch', events, { retryLimitMs: 0 });
    } catch (error) {
      // A task that was deleted or published takes no more log: there is nobody to keep it for.
      if (!(error instanceof ApiError) || error.resultCode !== 400) throw error;
    }
  }

  function drain(): Promise<void> {
    underWay ??= (async () => {
      while (waiting.length > 0) {
        const batch = waiting.slice(0, MOST_EVENTS);
        inFlight = batch.length;
        await send(batch);
        inFlight = 0;
        waiting = waiting.slice(batch.length);
        characters = waiting.reduce((sum, { msg }) => sum + msg.length + 1, 0);
        if (characters < FULL_AT_CHARACTERS) onRoom();
      }
    })().finally(() => {
      inFlight = 0;
      underWay = undefined;
    });
    return underWay;
  }

  return {
    add,
    get full() {
      return characters >= FULL_AT_CHARACTERS;
    },
    async close(signal) {
      clearInterval(timer);
      while (waiting.length > 0) {
        try {
          await drain();
        } catch {
          if (signal.aborted) break;
          await sleep(RETRY_MS, signal).catch(() => undefined);
        }
      }
      return waiting.reduce((sum, { lines }) => sum + lines, 0);
    },
  };
}
