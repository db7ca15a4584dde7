import { RanloopError } from '@ranloop/contracts/errors';
import type { Log } from '@ranloop/kit/log';
import type { Database } from '@ranloop/kit/postgres';
import { createTimeUnits, writeDocuments } from './events/documents.ts';
import type { SeenEvents } from './events/seen.ts';
import type { AcceptedEvent, Point } from './model.ts';
import type { PmQueue } from './pm/queue.ts';
import { badField, Refusal } from './refusal.ts';
import type { TelemetryStore, Transaction } from './store/index.ts';

export interface Written {
  readonly events: number;
  readonly repeated: number;
  readonly points: readonly Point[];
}

/** Stores what requests bring. Many requests share one transaction: that is where the throughput comes from. */
export interface Writer {
  /** Resolves once the events are durable; rejects with a Refusal when none of them was stored. */
  submit(events: readonly AcceptedEvent[]): Promise<Written>;
  /** Waits for everything that was submitted. */
  drain(): Promise<void>;
}

interface Submission {
  readonly events: readonly AcceptedEvent[];
  readonly points: number;
  readonly resolve: (written: Written) => void;
  readonly reject: (error: unknown) => void;
}

interface WriterDeps {
  readonly database: Database;
  readonly store: TelemetryStore;
  readonly seen: SeenEvents;
  /** Where the files go that events announce. */
  readonly files: Pick<PmQueue, 'enqueue'>;
  readonly log: Log;
  readonly onWritten: (written: Written) => void;
}

const MOST_REQUESTS_IN_GROUP = 500;
const MOST_REMEMBERED_SOURCES = 10_000;
const MOST_TRIES = 4;

export function createWriter(
  { writers, groupSamples }: { writers: number; groupSamples: number },
  deps: WriterDeps,
): Writer {
  const queue: Submission[] = [];
  const units = createTimeUnits(MOST_REMEMBERED_SOURCES);
  const running = new Set<Promise<void>>();
  const statements = createStatementNames();

  function take(): Submission[] {
    const group: Submission[] = [];
    let points = 0;
    while (group.length < MOST_REQUESTS_IN_GROUP && points < groupSamples) {
      const next = queue.shift();
      if (!next) break;
      points += next.points;
      group.push(next);
    }
    return group;
  }

  async function work(): Promise<void> {
    // Requests that arrive in one turn of the event loop go together.
    await new Promise(setImmediate);
    for (let group = take(); group.length > 0; group = take()) await settle(group);
  }

  /** A group that fails for the sake of one request is written again one by one, so that only that one fails. */
  async function settle(group: readonly Submission[]): Promise<void> {
    try {
      const results = await store(group.map(({ events }) => events));
      for (const [index, { resolve, reject }] of group.entries()) {
        const result = results[index];
        if (result instanceof Refusal) reject(result);
        else if (result) {
          deps.onWritten(result);
          resolve(result);
        }
      }
    } catch (error) {
      if (group.length > 1 && !isOutage(error)) {
        for (const one of group) await settle([one]);
        return;
      }
      deps.log.error({ err: error }, 'events were not stored');
      for (const { reject } of group) reject(isOutage(error) ? new Refusal('SVC1000') : error);
    }
  }

  async function store(requests: readonly (readonly AcceptedEvent[])[]): Promise<(Written | Refusal)[]> {
    await deps.seen.turn();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await inTransaction(deps.database.pool, statements, (transaction) => write(requests, transaction));
      } catch (error) {
        if (attempt >= MOST_TRIES || !isConflict(error)) throw error;
      }
    }
  }

  async function write(
    requests: readonly (readonly AcceptedEvent[])[],
    transaction: Transaction,
  ): Promise<(Written | Refusal)[]> {
    const { repeated, reused } = await deps.seen.mark(requests.flat(), transaction);
    if (reused.size > 0) return withoutReused(requests, reused, transaction);
    const fresh = requests.map((events) => events.filter((event) => !repeated.has(event)));
    const all = fresh.flat();
    await writeDocuments(all, transaction);
    await units.note(all, transaction);
    await deps.files.enqueue(all, transaction);
    await deps.store.write(
      all.flatMap(({ points }) => points),
      transaction,
    );
    return fresh.map((events, index) => ({
      events: events.length,
      repeated: (requests[index]?.length ?? 0) - events.length,
      points: events.flatMap(({ points }) => points),
    }));
  }

  /** A request that uses an eventId again is refused whole; the others are stored as if it had never come. */
  async function withoutReused(
    requests: readonly (readonly AcceptedEvent[])[],
    reused: ReadonlySet<AcceptedEvent>,
    transaction: Transaction,
  ): Promise<(Written | Refusal)[]> {
    const refusals = requests.map((events) => {
      const index = events.findIndex((event) => reused.has(event));
      const event = events[index];
      if (!event) return undefined;
      const where = events.length > 1 ? `eventList/${index}` : 'event';
      return badField(
        `${where}/commonEventHeader/eventId`,
        `"${event.eventId.slice(0, 256)}" was used by an event of another time of this source`,
      );
    });
    await transaction.restart();
    const kept = requests.filter((_, index) => refusals[index] === undefined);
    const results = kept.length > 0 ? await write(kept, transaction) : [];
    return refusals.map((refusal) => refusal ?? results.shift() ?? new Refusal('SVC1000'));
  }

  return {
    async submit(events) {
      const points = events.flatMap((event) => event.points);
      await deps.store.prepare(points);
      return new Promise<Written>((resolve, reject) => {
        queue.push({ events, points: points.length, resolve, reject });
        if (running.size >= writers) return;
        const worker = work().finally(() => running.delete(worker));
        running.add(worker);
      });
    },
    async drain() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** The writer's statements are few and the same each time, so each connection prepares them once under a short name. */
function createStatementNames(): (text: string) => string {
  const names = new Map<string, string>();
  return (text) => {
    const name = names.get(text) ?? `telemetry_${names.size}`;
    names.set(text, name);
    return name;
  };
}

async function inTransaction<T>(
  pool: Database['pool'],
  statementName: (text: string) => string,
  body: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const effects: (() => void)[] = [];
    await client.query('begin');
    const result = await body({
      query: <Row extends object>(text: string, values: readonly unknown[] = []) =>
        client.query<Row & Record<string, unknown>>({ name: statementName(text), text, values: [...values] }),
      afterCommit: (effect) => void effects.push(effect),
      async restart() {
        effects.length = 0;
        await client.query('rollback');
        await client.query('begin');
      },
    });
    await client.query('commit');
    for (const effect of effects) effect();
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

const codeOf = (error: unknown) => String((error as { code?: unknown }).code ?? '');

/** Deadlock or serialisation failure: the same again may pass. */
const isConflict = (error: unknown) => ['40P01', '40001'].includes(codeOf(error));

/** The database is away, full or shutting down (classes 08, 53, 57, and what sockets say), not refusing the data. */
function isOutage(error: unknown): boolean {
  if (error instanceof RanloopError) return error.code === 'RL_STORE' || error.code === 'RL_BUSY';
  const code = codeOf(error);
  return /^(?:08(?!P)|53|57)/.test(code) || /^E[A-Z]+$/.test(code) || /[Cc]onnection|timeout/.test(String(error));
}
