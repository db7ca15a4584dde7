import { sql } from 'kysely';
import type { Core, Db } from '../core.ts';
import { ApiError } from '../wire/errors.ts';

/** What machines report of themselves. The part before the underscore is the category. */
const METRICS = [
  'cpu_usage',
  'cpu_temperature',
  'memory_used',
  'memory_free',
  'gpu_usage',
  'gpu_temperature',
  'gpu_fraction',
  'gpu_memory_free',
  'gpu_memory_used',
  'network_tx',
  'network_rx',
  'disk_free_home',
  'disk_free_temp',
  'disk_read',
  'disk_write',
] as const;

export type Stats = Record<string, number | (number | null)[]>;

const MOST_DEVICES = 1_024;
const MOST_MS = 253_402_300_799_999;
/** Milliseconds since 1973 are beyond this, seconds will be in the year 5138. */
const LEAST_MS = 100_000_000_000;

/** Epoch milliseconds of a client's clock, which may reckon in seconds. */
function milliseconds(timestamp: number): number {
  const ms = Math.round(timestamp < LEAST_MS ? timestamp * 1000 : timestamp);
  // Written so that NaN is refused, too.
  if (!(ms >= 0 && ms <= MOST_MS)) throw new ApiError('badValue', { timestamp }, 'not a time in milliseconds');
  return ms;
}

/** The metrics that are known and the numbers in them; a device that gave none keeps its place. */
export function readStats(given: Readonly<Record<string, unknown>>): Stats {
  const stats: Stats = {};
  for (const metric of METRICS) {
    const value = Object.hasOwn(given, metric) ? given[metric] : undefined;
    if (Array.isArray(value)) {
      const numbers = value.slice(0, MOST_DEVICES).map((item) => (isNumber(item) ? item : null));
      if (numbers.some(isNumber)) stats[metric] = numbers;
    } else if (isNumber(value)) stats[metric] = value;
  }
  return stats;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

interface WorkerReport {
  readonly worker: string;
  readonly timestamp: number;
  readonly task: string | null;
  readonly stats: Readonly<Record<string, unknown>>;
}

/** One row a report, also without statistics: it says that the worker was there. A report that is repeated overwrites. */
export async function writeStats(db: Db, { worker, timestamp, task, stats }: WorkerReport): Promise<void> {
  await sql`insert into tracking.worker_stats (worker, ts, task, stats)
    values (${worker}, ${milliseconds(timestamp)}, ${task}, ${JSON.stringify(readStats(stats))}::jsonb)
    on conflict (worker, ts) do update set task = excluded.task, stats = worker_stats.stats || excluded.stats,
      received = excluded.received`.execute(db);
}

/** By our clock: a worker whose clock runs ahead must not keep its rows for years. */
export async function dropOldStats(core: Core): Promise<void> {
  await sql`delete from tracking.worker_stats
    where received < now() - make_interval(days => ${core.config.statisticsDays})`.execute(core.db);
}
