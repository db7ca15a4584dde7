import { RanloopError } from '@ranloop/contracts/errors';
import type { Database } from '@ranloop/kit/postgres';
import type { Point } from '../model.ts';

/** Microseconds of a week; partition n holds n * WEEK <= time < (n + 1) * WEEK. */
export const WEEK = 7 * 86_400 * 1_000_000;

const HOUR_MICROS = 3_600_000_000;

export const weekOf = (time: number) => Math.floor(time / WEEK);

/** The table of a week. The name is made of a number only, so it is safe inside SQL text. */
export const weekTable = (week: number) => `telemetry.points_w${Math.trunc(week)}`;

export async function dropSummaries({ pool }: Pick<Database, 'pool'>, week: number): Promise<void> {
  await pool.query(`drop table if exists telemetry.rollups_w${Math.trunc(week)}`);
  await pool.query('delete from telemetry.rolled where hour >= $1 and hour < $2', [
    (week * WEEK) / HOUR_MICROS,
    ((week + 1) * WEEK) / HOUR_MICROS,
  ]);
}

export interface Partitions {
  /** Makes the partitions that the points need; refuses when there would be more than allowed. */
  ensure(points: readonly Point[]): Promise<void>;
  /** Drops the weeks that ended before `time`, with their summaries; gives their number. */
  dropBefore(time: number): Promise<number>;
  /** The weeks with samples that ended before `time`. */
  endedBefore(time: number): Promise<readonly number[]>;
  /** Asks the database anew which weeks there are: another process dropped one. */
  forget(): void;
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

  /** A late sample would stand alone beside the summaries of the others. */
  async function refuseSummarised(week: number): Promise<void> {
    const { rows } = await pool.query(`select from pg_class where oid = to_regclass($1) and to_regclass($2) is null`, [
      `telemetry.rollups_w${Math.trunc(week)}`,
      weekTable(week),
    ]);
    if (rows.length === 0) return;
    const begin = new Date((week * WEEK) / 1_000).toISOString();
    throw new RanloopError('RL_UNPROCESSABLE', `of the week of ${begin} only summaries are kept; a sample is too late`);
  }

  const ended = (weeks: ReadonlySet<number>, time: number) => [...weeks].filter((week) => (week + 1) * WEEK <= time);

  return {
    async endedBefore(time) {
      known = await load();
      return ended(known, time).sort((a, b) => a - b);
    },
    forget() {
      known = undefined;
    },
    async ensure(points) {
      let last = Number.NaN;
      for (const { time } of points) {
        const week = weekOf(time);
        if (week === last) continue;
        last = week;
        known ??= await load();
        if (known.has(week)) continue;
        await refuseSummarised(week);
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
      const old = ended(known, time);
      for (const week of old) {
        await pool.query(`drop table if exists ${weekTable(week)}`);
        await dropSummaries({ pool }, week);
        known.delete(week);
      }
      return old.length;
    },
  };
}
