import type { Log } from '@ranloop/kit/log';
import type { Database } from '@ranloop/kit/postgres';
import { WEEK, weekOf, weekTable } from './partitions.ts';

/** Microseconds. Rollups hold one row per series and bucket; they are made and thrown away by the hour. */
export const BUCKET = 300 * 1_000_000;
export const HOUR = 3_600 * 1_000_000;

/** Held shared by every transaction that writes points, so that a rollup can wait for those that began before it. */
export const WRITERS_LOCK = `hashtext('telemetry.points.writers')`;

/** Samples of an hour may still arrive for this long after its end. */
const SETTLE = 10 * 60 * 1_000_000;
const MOST_HOURS_AT_ONCE = 24;

/** The hours with samples that have no valid summary. */
export const unsummarised = (week: number) => `select h.hour from
  (select distinct time / ${HOUR} as hour from ${weekTable(week)}) h
  where not exists (select from telemetry.rolled r where r.hour = h.hour and r.done) order by 1`;

/**
 * Five-minute summaries of hours that are complete, for weeks with so many points that a query would feel it.
 *
 * An hour is marked before its summary is computed and becomes valid after; whoever writes into it meanwhile, or later,
 * takes the mark away in the same transaction, and queries read the hour's points again until it is summarised anew.
 */
export interface Rollups {
  /** Summarises hours that are complete and not summarised; gives their number. */
  roll(): Promise<number>;
  /** Summarises every hour of a week that has samples; gives the number of those that were not yet. */
  complete(week: number): Promise<number>;
}

export function createRollups({ pool }: Database, minimumRows: number, log: Log): Rollups {
  async function candidates(): Promise<readonly number[]> {
    const { rows: weeks } = await pool.query<{ week: number }>(
      `select replace(c.relname, 'points_w', '')::integer as week from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = 'telemetry.points'::regclass and c.reltuples >= $1 order by 1 desc limit 60`,
      [minimumRows],
    );
    if (weeks.length === 0) return [];
    const span = await pool.query<{ first: number | null; last: number | null }>(
      'select min(first) as first, max(last) as last from telemetry.spans',
    );
    const { first, last } = span.rows[0] ?? {};
    if (first == null || last == null) return [];
    const { rows } = await pool.query<{ hour: number }>('select hour from telemetry.rolled where done');
    const done = new Set(rows.map(({ hour }) => hour));
    const hours: number[] = [];
    for (const { week } of weeks.toReversed()) {
      for (let hour = (week * WEEK) / HOUR; hour < ((week + 1) * WEEK) / HOUR; hour += 1) {
        if ((hour + 1) * HOUR > first && (hour + 1) * HOUR + SETTLE <= last && !done.has(hour)) hours.push(hour);
      }
    }
    // The newest first: that is what people look at.
    return hours.reverse().slice(0, MOST_HOURS_AT_ONCE);
  }

  async function rollHour(hour: number): Promise<boolean> {
    await pool.query(
      'insert into telemetry.rolled (hour, done) values ($1, false) on conflict (hour) do update set done = false',
      [hour],
    );
    const client = await pool.connect();
    try {
      // Whoever began to write before the mark could be seen has now ended.
      await client.query(`begin; select pg_advisory_xact_lock(${WRITERS_LOCK}); commit`);
      await client.query('begin');
      await client.query(`select pg_advisory_xact_lock(hashtext('telemetry.rollups'))`);
      const week = Math.trunc(weekOf(hour * HOUR));
      await client.query(
        `create table if not exists telemetry.rollups_w${week} partition of telemetry.rollups
         for values from (${week * WEEK}) to (${(week + 1) * WEEK})`,
      );
      const range = [hour * HOUR, (hour + 1) * HOUR];
      await client.query('delete from telemetry.rollups where bucket >= $1 and bucket < $2', range);
      await client.query(
        `insert into telemetry.rollups (bucket, series_id, count, sum, min, max, last)
         select time / ${BUCKET} * ${BUCKET} as bucket, series_id, count(*), sum(value), min(value), max(value),
           (array_agg(value order by time desc))[1]
         from telemetry.points where time >= $1 and time < $2 and flags = 0 group by 1, 2`,
        range,
      );
      const { rowCount } = await client.query('update telemetry.rolled set done = true where hour = $1', [hour]);
      await client.query(rowCount === 1 ? 'commit' : 'rollback');
      return rowCount === 1;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  }

  return {
    async complete(week) {
      const { rows } = await pool.query<{ hour: number }>(unsummarised(week));
      for (const { hour } of rows) await rollHour(hour);
      return rows.length;
    },
    async roll() {
      let rolled = 0;
      for (const hour of await candidates()) {
        try {
          if (await rollHour(hour)) rolled += 1;
        } catch (error) {
          log.warn({ err: error, hour }, 'an hour of samples was not summarised');
        }
      }
      return rolled;
    },
  };
}
