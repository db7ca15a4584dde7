import { RanloopError } from '@ranloop/contracts/errors';
import { SINGLE_VALUE_ITERATION, SINGLE_VALUE_METRIC } from '@ranloop/contracts/tracking';
import type { Session } from '../session/index.ts';

export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

/** Reports of one task. Calls return at once; events travel in batches each second. */
export interface Logger {
  /** One point of a curve. A value that is not a finite number becomes a warning in the log, not a point. */
  scalar(title: string, series: string, value: number, iteration: number): void;
  /** A number that belongs to the task as a whole. */
  singleValue(name: string, value: number): void;
  text(message: string, level?: LogLevel): void;
  /** The first row holds the heads of the columns. */
  table(title: string, series: string, rows: readonly (readonly (string | number)[])[], iteration?: number): void;
  /** A figure in Plotly's JSON. */
  plotly(title: string, series: string, figure: { data: unknown[]; layout?: object }, iteration?: number): void;
  /** Resolves when all that was reported is stored; throws when the server refused some of it. */
  flush(): Promise<void>;
  /** Flushes and stops the timer; reports after it throw. */
  close(): Promise<void>;
}

const FLUSH_EVERY_MS = 1_000;
const FLUSH_AT = 1_000;
const MOST_WAITING = 200_000;
const BATCH = 2_000;

interface Added {
  added?: number;
  errors?: number;
  errors_info?: Record<string, number>;
}

export function createLogger(session: Session, task: string): Logger {
  let waiting: object[] = [];
  let underWay: Promise<void> | undefined;
  let refused: RanloopError | undefined;
  let closed = false;
  let lastTimestamp = 0;
  // A failed flush keeps its events, and the next tick tries again; flush() and close() tell the caller.
  const timer = setInterval(() => void drain().catch(() => undefined), FLUSH_EVERY_MS);
  (timer as { unref?: () => void }).unref?.();

  function add(event: object): void {
    if (closed) throw new RanloopError('RL_CONFLICT', `the logger of task ${task} is closed`);
    if (waiting.length >= MOST_WAITING)
      throw new RanloopError('RL_BUSY', `${MOST_WAITING} reports of task ${task} wait for the server; await flush()`);
    waiting.push({ timestamp: Date.now(), ...event, task, allow_locked: false, model_event: false });
    if (waiting.length >= FLUSH_AT && !underWay) void drain().catch(() => undefined);
  }

  async function send(batch: readonly object[]): Promise<void> {
    try {
      for (const { errors = 0, errors_info = {} } of await session.callLines<Added>('events.add_batch', batch))
        if (errors > 0)
          refused ??= new RanloopError('RL_UNPROCESSABLE', `${errors} reports refused: ${Object.keys(errors_info)}`);
    } catch (error) {
      if (!(error instanceof RanloopError) || error.retry !== 'never') throw error;
      refused ??= error;
    }
  }

  function drain(): Promise<void> {
    underWay ??= (async () => {
      while (waiting.length > 0) {
        const batch = waiting.slice(0, BATCH);
        await send(batch);
        waiting = waiting.slice(batch.length);
      }
    })().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  async function flush(): Promise<void> {
    await drain();
    // What was added while an earlier drain was on its way out.
    if (waiting.length > 0) await drain();
    if (refused) {
      const error = refused;
      refused = undefined;
      throw error;
    }
  }

  const scalar = (metric: string, variant: string, { value, iter }: { value: number; iter: number }) => {
    if (Number.isFinite(value)) return add({ type: 'training_stats_scalar', metric, variant, iter, value });
    add({ type: 'log', level: 'warning', msg: `${metric}/${variant} is ${value} at iteration ${iter}` });
  };
  const plotly: Logger['plotly'] = (metric, variant, { data, layout = {} }, iter = 0) =>
    add({ type: 'plot', metric, variant, iter, plot_str: JSON.stringify({ data, layout }) });

  return {
    plotly,
    flush,
    scalar: (title, series, value, iteration) => scalar(title, series, { value, iter: iteration }),
    singleValue: (name, value) => scalar(SINGLE_VALUE_METRIC, name, { value, iter: SINGLE_VALUE_ITERATION }),
    text(message, level = 'info') {
      // Strictly growing: the server sorts a log by time.
      lastTimestamp = Math.max(Date.now(), lastTimestamp + 1);
      add({ type: 'log', level, msg: message, timestamp: lastTimestamp });
    },
    table(title, series, [heads = [], ...rows], iteration = 0) {
      const columns = heads.map((_head, column) => rows.map((row) => row[column] ?? ''));
      const data = [{ type: 'table', header: { values: heads }, cells: { values: columns } }];
      plotly(title, series, { data, layout: { title } }, iteration);
    },
    async close() {
      closed = true;
      clearInterval(timer);
      await flush();
    },
  };
}
