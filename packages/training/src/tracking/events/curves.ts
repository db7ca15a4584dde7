import { type Curve, SINGLE_VALUE_ITERATION } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Db } from '../core.ts';
import type { Sql } from '../query/entity.ts';

export type CurveKey = 'iter' | 'timestamp' | 'iso_time';

export interface CurveRow {
  owner: string;
  metric: string;
  variant: string;
  label: string | null;
  x: number[];
  y: number[];
}

interface CurveRequest {
  readonly owners: readonly string[];
  readonly condition: Sql;
  readonly samples: number;
  readonly key: CurveKey;
}

/**
 * The curves of some owners, each of at most `samples` points. A longer series is cut into as many slices of equal width as
 * make half of that, and of each slice the lowest and the highest point stay, where they are: no peak is averaged away.
 */
export async function readCurves(db: Db, { owners, condition, samples, key }: CurveRequest): Promise<CurveRow[]> {
  const x = sql.raw(key === 'iter' ? 'p.iter' : 'p.ts');
  const slices = Math.max(1, Math.floor(samples / 2));
  const { rows } = await sql<CurveRow>`
    with chosen as materialized (
      select s.id, s.owner, s.metric, s.variant, s.x_axis_label from tracking.series s
      where s.owner = any(${[...owners]}::text[]) and ${condition}),
    extent as materialized (
      select c.id as series, ends.low, ends.high, few.count
      from chosen c
        cross join lateral (select min(${x}) as low, max(${x}) as high from tracking.scalars p
          where p.series = c.id and p.iter <> ${SINGLE_VALUE_ITERATION} and p.value is not null) ends
        cross join lateral (select count(*) as count from (select 1 from tracking.scalars p
          where p.series = c.id and p.iter <> ${SINGLE_VALUE_ITERATION} and p.value is not null
          limit ${samples + 1}) counted) few),
    points as (
      select p.series, ${x} as x, avg(p.value) as y
      from extent e join tracking.scalars p on p.series = e.series
      where e.count <= ${samples} and p.iter <> ${SINGLE_VALUE_ITERATION} and p.value is not null group by p.series, ${x}
      union all
      select b.series, point.x, point.y from (
        select p.series, min(array[p.value, ${x}::double precision]) as lowest,
          max(array[p.value, ${x}::double precision]) as highest
        from extent e join tracking.scalars p on p.series = e.series
        where e.count > ${samples} and p.iter <> ${SINGLE_VALUE_ITERATION} and p.value <> 'NaN'
        group by p.series, floor((${x} - e.low)::double precision * ${slices} / (e.high - e.low + 1))) b
      cross join lateral (
        select b.lowest[2]::bigint as x, b.lowest[1] as y
        union all select b.highest[2]::bigint, b.highest[1] where b.highest[2] <> b.lowest[2]) point)
    select c.owner, c.metric, c.variant, c.x_axis_label as label,
      array_agg(points.x::double precision order by points.x) as x, array_agg(points.y order by points.x) as y
    from points join chosen c on c.id = points.series
    group by c.id, c.owner, c.metric, c.variant, c.x_axis_label order by c.id`.execute(db);
  return rows;
}

/** A curve as it goes on the wire; numbers that JSON lacks become null. */
export function toCurve(row: CurveRow, name: string, key: CurveKey): Curve {
  return {
    name,
    x: key === 'iso_time' ? row.x.map((ms) => new Date(ms).toISOString()) : row.x,
    y: row.y.map((value) => (Number.isFinite(value) ? value : null)),
    ...(row.label === null ? {} : { x_axis_label: row.label }),
  };
}
