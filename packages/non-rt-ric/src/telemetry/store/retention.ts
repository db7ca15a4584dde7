import type { Log } from '@ranloop/kit/log';
import type { Database } from '@ranloop/kit/postgres';
import type { TelemetryConfig } from '../config.ts';
import { dropSummaries, type Partitions, WEEK, weekTable } from './partitions.ts';
import { type Rollups, unsummarised } from './rollups.ts';

const MICROS_PER_DAY = 86_400_000_000;

/** Drops samples and summaries that are older than they are to be kept. */
export interface Retention {
  /** `now` in microseconds. */
  turn(now: number): Promise<void>;
}

interface RetentionDeps {
  readonly database: Database;
  readonly partitions: Partitions;
  readonly rollups: Rollups;
  readonly log: Log;
}

export function createRetention(
  { retentionDays, summaryDays }: Pick<TelemetryConfig, 'retentionDays' | 'summaryDays'>,
  { database: { pool }, partitions, rollups, log }: RetentionDeps,
): Retention {
  async function newest(): Promise<number | undefined> {
    const { rows } = await pool.query<{ last: number | null }>('select max(last) as last from telemetry.spans');
    return rows[0]?.last ?? undefined;
  }

  /** Writers of the week wait, so that what is checked is what is dropped; those of other weeks go on. */
  async function dropSamples(week: number): Promise<void> {
    const client = await pool.connect();
    try {
      await client.query(
        `begin; set local lock_timeout = '5s'; select pg_advisory_xact_lock(hashtext('telemetry.rollups'))`,
      );
      await client.query(`lock table ${weekTable(week)} in exclusive mode`);
      const { rows } = await client.query(unsummarised(week));
      if (rows.length === 0) await client.query(`drop table ${weekTable(week)}`);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    } finally {
      client.release();
      partitions.forget();
    }
  }

  async function dropOldSummaries(time: number): Promise<void> {
    const { rows } = await pool.query<{ week: number }>(
      `select replace(c.relname, 'rollups_w', '')::integer as week from pg_inherits i
       join pg_class c on c.oid = i.inhrelid where i.inhparent = 'telemetry.rollups'::regclass`,
    );
    for (const { week } of rows) if ((week + 1) * WEEK <= time) await dropSummaries({ pool }, week);
  }

  return {
    async turn(now) {
      if (retentionDays === 0) return;
      const last = await newest();
      if (last === undefined) return;
      const from = Math.min(now, last);
      const cutoff = from - retentionDays * MICROS_PER_DAY;
      if (summaryDays <= retentionDays) {
        await partitions.dropBefore(cutoff);
        return;
      }
      for (const week of await partitions.endedBefore(cutoff)) {
        try {
          // A query that began before the summaries were made reads the samples, so those stay until the next turn.
          if ((await rollups.complete(week)) === 0) await dropSamples(week);
        } catch (error) {
          log.warn({ err: error, week }, 'old samples were not dropped');
        }
      }
      await dropOldSummaries(from - summaryDays * MICROS_PER_DAY);
    },
  };
}
