import { SINGLE_VALUE_ITERATION } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Db } from '../core.ts';

/**
 * Long series are drawn from buckets of neighbouring iterations, each with its lowest and highest point, instead of from all
 * points. A bucket is the iterations that agree in all but the lowest `level` bits; the level of a series rises with its
 * extent, so that it never has more than MOST_BUCKETS. Writers only note which iterations they touched (`series.dirty`);
 * those buckets are made anew from the points, by `roll_up`. A writer holds the row of its series until it commits, so
 * whoever has locked that row sees every point that `dirty` speaks of: overwritten, late and concurrent points need no care
 * of their own.
 */

/** Series that had so many points written at most are read point by point. */
export const SHORT_SERIES = 8_192;
/** Points behind the roll-up that a reader looks up beside the buckets; with more, the writer or the reader rolls up. */
export const MOST_FRESH = 16_384;

const MOST_BUCKETS = 4_096;

/** Brings the buckets of one series up to date, in a transaction of its own. One statement: its lock must not wait for a busy event loop. */
export async function rollUp(db: Db, series: number): Promise<void> {
  await sql`select tracking.roll_up(${series}::bigint, ${SINGLE_VALUE_ITERATION}::bigint, ${MOST_BUCKETS}::int)`.execute(
    db,
  );
}
