import { RanloopError } from '@ranloop/contracts/errors';
import type { Database } from '@ranloop/kit/postgres';
import type { Point } from '../model.ts';

/** Microseconds of a week; partition n holds n * WEEK <= time < (n + 1) * WEEK. */
export const WEEK = 7 * 86_400 * 1_000_000;

const HOUR_MICROS = 3_600_000_000;

export const weekOf = (time: number) => Math.floor(time / WEEK);

/** The table of a week. The name is made of a number only, so it is safe inside SQL text. */
export const weekTable = (week: number) => `telemetry.points_w${Math.trunc(week)}`;

export interface Partitions {
  /** Makes the partitions that the points need; refuses when there would be more than allowed. */
  ensure(points: readonly Point[]): Promise<void>;
  /** Drops the weeks that ended before `time`; gives their number. */
  dropBefore(time: number): Promise<number>;
}

export function createPartitions({ pool }: Database, mostWeeks: number): Partitions {
  let known: Set<number> | undefined;

  async function load(): Promise<Set<number>> {
    const { rows } = await pool.query<{ name: string }>(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = 'telemetry.points'::regclass`,
    );
    return new Set(rows.map(({ name }) => Number(name.replace('points_w', ''))));
  }

  async function make(week: number): Promise<void> {
    const client = await pool.connect();
    try {
      // Two processes that make one partition in the same instant would fail; the lock lets one go first.
      await client.query('begin');
      await client.query(`select pg_advisory_xact_lock(hashtext('telemetry.points'))`);
      await client.query(
        `create table if not exists ${weekTable(week)} partition of telemetry.points
         for values from (${week * WEEK}) to (${(week + 1) * WEEK})`,
      );
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  }

  return {
    async ensure(points) {
      let last = Number.NaN;
      for (const { time } of points) {
        const week = weekOf(time);
        if (week === last) continue;
        last = week;
        known ??= await load();
        if (known.has(week)) continue;
        if (known.size >= mostWeeks) known = await load();
        if (known.size >= mostWeeks)
          throw new RanloopError(
            'RL_UNPROCESSABLE',
            `samples of ${known.size} weeks are stored, and no more are allowed`,
          );
        await make(week);
        known.add(week);
      }
    },
    async dropBefore(time) {
      known = await load();
      const old = [...known].filter((week) => (week + 1) * WEEK <= time);
      for (const week of old) {
        await pool.query(`drop table if exists ${weekTable(week)}`);
        await pool.query(`drop table if exists telemetry.rollups_w${Math.trunc(week)}`);
        await pool.query('delete from telemetry.rolled where hour >= $1 and hour < $2', [
          (week * WEEK) / HOUR_MICROS,
          ((week + 1) * WEEK) / HOUR_MICROS,
        ]);
        known.delete(week);
      }
      return old.length;
    },
  };
}
