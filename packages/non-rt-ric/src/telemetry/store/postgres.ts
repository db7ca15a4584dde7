import { RanloopError } from '@ranloop/contracts/errors';
import { COUNTERS } from '@ranloop/contracts/pm';
import type { CounterSummary, ObjectSummary, Sample, SourceSummary } from '@ranloop/contracts/r1';
import type { Log } from '@ranloop/kit/log';
import type { Database } from '@ranloop/kit/postgres';
import type { TelemetryConfig } from '../config.ts';
import { doubt } from '../model.ts';
import type { TelemetryStore } from './index.ts';
import { byLabels } from './labels.ts';
import { createPartitions } from './partitions.ts';
import { labels, matchingSeries, queryPoints } from './postgres-query.ts';
import { widenSpans, writePoints } from './postgres-write.ts';
import { createRetention } from './retention.ts';
import { createRollups } from './rollups.ts';
import { createSeriesIds } from './series.ts';

const UPKEEP_MS = 60_000;
const TURNS_PER_HOUR = 60;
const UNDEFINED_TABLE = '42P01';

/** Samples in PostgreSQL, schema `telemetry`. */
export function createPostgresStore(database: Database, config: TelemetryConfig, log: Log): TelemetryStore {
  const { pool } = database;
  const partitions = createPartitions(database, config.mostWeeks);
  const ids = createSeriesIds(config.mostSeriesCached);
  let timer: NodeJS.Timeout | undefined;

  const rollups = createRollups(database, config.rollupRows, log);
  let upkeep: Promise<unknown> = Promise.resolve();

  const retention = createRetention(config, { database, partitions, rollups, log });
  const dropOld = () => retention.turn(Date.now() * 1_000);

  return {
    prepare: (points) => partitions.ensure(points),
    async write(points, transaction) {
      if (points.length === 0) return;
      const numbers = await ids.resolve(points, transaction);
      await writePoints(points, numbers, transaction).catch((error: unknown) => {
        if ((error as { code?: unknown }).code !== UNDEFINED_TABLE) throw error;
        partitions.forget();
        throw new RanloopError('RL_STORE', 'the week of a sample was dropped meanwhile', { cause: error });
      });
      await widenSpans(points, transaction);
      // A number that is remembered though its transaction fails would be of a series that never was.
      transaction.afterCommit(() => ids.commit(numbers));
    },
    query: (query) => queryPoints(database, query, config.query),
    async last(filter) {
      const series = await matchingSeries(database, filter, config.query.mostSeries);
      const { rows } = await pool.query<LastRow>(
        `select s.id, p.time, p.value, p.granularity, p.flags from unnest($1::integer[]) as s(id)
         cross join lateral (select time, value, granularity, flags from telemetry.points
           where series_id = s.id order by time desc limit 1) p`,
        [series.map(({ id }) => id)],
      );
      const found = new Map(rows.map((row) => [row.id, row]));
      const samples = series.flatMap((one): Sample[] => {
        const row = found.get(one.id);
        if (!row) return [];
        const { time, value, granularity, flags } = row;
        return [{ ...labels(one), value, granularity, time, ...doubt(one.counter, flags) }];
      });
      return samples.sort(byLabels);
    },
    async sources() {
      const { rows } = await pool.query<SourceSummary>(
        `select s.source, count(distinct s.dn)::integer as objects, count(*)::integer as series, p.first, p.last
         from telemetry.series s join telemetry.spans p using (source)
         group by s.source, p.first, p.last order by s.source collate "C" limit 10000`,
      );
      return rows;
    },
    async objects({ source, most }) {
      const { rows } = await pool.query<ObjectSummary>(
        `select source, dn, count(*)::integer as series from telemetry.series
         where $1::text is null or source = $1 group by source, dn order by source collate "C", dn collate "C" limit $2`,
        [source ?? null, most],
      );
      return rows;
    },
    async counters({ source, most }) {
      const { rows } = await pool.query<Omit<CounterSummary, 'objectClass' | 'description'>>(
        `select counter, max(unit) as unit, count(*)::integer as series from telemetry.series
         where $1::text is null or source = $1 group by counter order by counter collate "C" limit $2`,
        [source ?? null, most],
      );
      return rows.map((row) => {
        const known = COUNTERS.get(row.counter);
        return { ...row, objectClass: known?.objectClass ?? '', description: known?.description ?? '' };
      });
    },
    async start() {
      upkeep = dropOld().catch((error) => log.warn({ err: error }, 'old samples were not dropped'));
      let turns = 0;
      timer = setInterval(() => {
        turns += 1;
        const work = turns % TURNS_PER_HOUR === 0 ? dropOld().then(rollups.roll) : rollups.roll();
        upkeep = work.catch((error) => log.warn({ err: error }, 'upkeep of the samples failed'));
      }, UPKEEP_MS);
      timer.unref();
    },
    async close() {
      clearInterval(timer);
      await upkeep;
    },
  };
}

interface LastRow {
  readonly id: number;
  readonly time: number;
  readonly value: number;
  readonly granularity: number;
  readonly flags: number;
}
