import { SINGLE_VALUE_ITERATION } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Db } from '../core.ts';

/** Where a curve is read from: the points themselves, or the extremes of the buckets (see rollup.ts). */
export interface Points {
  readonly series: number;
  readonly x: number[];
  /** Null where JSON has no number: NaN and the infinities. */
  readonly y: (number | null)[];
}

export type Axis = 'iter' | 'ts';

const drawn = sql`p.iter <> ${SINGLE_VALUE_ITERATION} and p.value is not null`;

/** JSON, because the driver reads it many times faster than arrays. */
const arrays = sql`array_to_json(array_agg(x)) as x, array_to_json(array_agg(y)) as y`;

/** All points of some series in the order of their iterations. */
export async function allPoints(db: Db, series: readonly number[], axis: Axis): Promise<Points[]> {
  const x = sql.raw(axis === 'iter' ? 'p.iter' : 'p.ts');
  const { rows } = await sql<Points>`
    select c.id as series, points.x, points.y from unnest(${[...series]}::bigint[]) c (id)
    cross join lateral (select ${arrays} from (
      select ${x} as x, tracking.finite(p.value) as y from tracking.scalars p
      where p.series = c.id and ${drawn} order by p.iter) ordered) points
    where points.x is not null`.execute(db);
  return rows;
}

/**
 * The lowest and the highest point of every bucket; where the roll-up is behind, the points themselves; in the order of the
 * axis. All in one statement, so that buckets, marks and points are of one moment.
 */
export async function extremePoints(db: Db, series: readonly number[], axis: Axis): Promise<Points[]> {
  const x = sql.raw(axis === 'iter' ? 'p.iter' : 'p.ts');
  const place = sql.raw(axis === 'iter' ? '2' : '3');
  const { rows } = await sql<Points>`
    select c.id as series, points.x, points.y
    from tracking.series c
    cross join lateral (select range_agg(int8range(lower(r) >> c.level, (upper(r) - 1) >> c.level, '[]')) as spans
      from unnest(c.dirty) r) behind
    cross join lateral (select ${arrays} from (select x, y from (
      select point[${place}]::bigint as x, point[1] as y from tracking.scalar_buckets b
        cross join lateral (select b.lowest as point union all select b.highest where b.highest <> b.lowest) ends
      where b.series = c.id and b.level = c.level and point is not null
        and not coalesce(behind.spans @> b.bucket, false)
      union all
      select ${x}, p.value from unnest(behind.spans) span cross join lateral (
        -- offset: each span is looked up in the index.
        select * from tracking.scalars s where s.series = c.id
          and s.iter >= lower(span) << c.level and s.iter < upper(span) << c.level offset 0) p
      where ${drawn} and tracking.finite(p.value) is not null) candidates order by x) ordered) points
    where c.id = any(${[...series]}::bigint[]) and points.x is not null`.execute(db);
  return rows;
}
