import type { Aggregate, TelemetryQuery } from '@ranloop/contracts/r1';
import type { Coverage, Range } from './coverage.ts';
import { BUCKET, HOUR } from './rollups.ts';

/** SQL of each aggregate over parts of a bucket, from a list that no request can add to. */
const AGGREGATES: Readonly<Record<Aggregate, string>> = {
  avg: 'sum(sum) / sum(count)',
  min: 'min(min)',
  max: 'max(max)',
  sum: 'sum(sum)',
  count: 'sum(count)::double precision',
  last: '(array_agg(last order by at desc))[1]',
};

/** The same over a bucket that is in one part. */
const PLAIN: Readonly<Record<Aggregate, string>> = {
  avg: 'sum / count',
  min: 'min',
  max: 'max',
  sum: 'sum',
  count: 'count::double precision',
  last: 'last',
};

export type Statement = readonly [text: string, values: readonly unknown[]];

export function rawStatement(
  ids: readonly number[],
  { from, to, includeSuspect }: TelemetryQuery,
  most: number,
): Statement {
  const flags = includeSuspect ? 'flags' : '0::smallint';
  const inner = `select series_id, time, value, ${flags} from telemetry.points where series_id = any($1::integer[])
    and time >= $2 and time < $3${includeSuspect ? '' : ' and flags = 0'} order by series_id, time limit $4`;
  return [
    `select series_id, string_agg(time::text, ',' order by time), string_agg(value::text, ',' order by time),
       string_agg(time || ' ' || flags, ',' order by time) filter (where flags <> 0)
     from (${inner}) as q (series_id, time, value, flags) group by series_id`,
    [ids, from, to, most + 1],
  ];
}

/** The hours within the range whose summaries are valid. */
export function rolledStatement({ from, to }: TelemetryQuery): Statement {
  const inside = [Math.ceil(from / HOUR), Math.floor(to / HOUR)];
  return ['select hour from telemetry.rolled where done and hour >= $1 and hour < $2 order by hour', inside];
}

/** Weeks that have summaries and no samples any more. */
export const WEEKS_WITHOUT_SAMPLES = `select w.week from (select replace(c.relname, 'rollups_w', '')::integer as week
    from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'telemetry.rollups'::regclass) w
  where to_regclass('telemetry.points_w' || w.week) is null order by 1`;

/** Parts of buckets, from summaries where they cover the range and from points elsewhere, put together. */
export function bucketStatement(
  ids: readonly number[],
  { query, step }: { readonly query: TelemetryQuery; readonly step: number | undefined },
  { rolled, raw }: Coverage,
): Statement {
  const values: unknown[] = [ids];
  const bound = (value: number) => `$${values.push(value)}::bigint`;
  const bucket = (time: string) =>
    step === undefined ? bound(query.from) : `${time} / ${bound(step)} * ${bound(step)}`;
  const within = ([from, to]: Range, time: string) =>
    `series_id = any($1::integer[]) and ${time} >= ${bound(from)} and ${time} < ${bound(to)}`;
  const arms = [
    ...rolled.map(
      (range) => `select series_id, ${bucket('bucket')} as at_bucket, bucket as at, count, sum, min, max, last
        from telemetry.rollups where ${within(range, 'bucket')}`,
    ),
    ...raw.map((range) => {
      const last = query.aggregate === 'last' ? '(array_agg(value order by time desc))[1]' : 'null::double precision';
      return `select series_id, ${bucket('time')} as at_bucket, max(time) as at, count(*), sum(value), min(value),
        max(value), ${last} as last from telemetry.points
        where ${within(range, 'time')}${query.includeSuspect ? '' : ' and flags = 0'} group by 1, 2`;
    }),
  ];
  // Summaries end with hours, so a step of one bucket never has parts on both sides of such an end.
  const whole = step === BUCKET || (rolled.length === 0 && raw.length === 1);
  const aggregate = (whole ? PLAIN : AGGREGATES)[query.aggregate ?? 'avg'];
  const inner = `select series_id, at_bucket, ${aggregate} from (${arms.join(' union all ')})
    as parts (series_id, at_bucket, at, count, sum, min, max, last)${whole ? '' : ' group by 1, 2'}`;
  return [joined(inner), values];
}

function joined(inner: string): string {
  return `select series_id, string_agg(time::text, ',' order by time), string_agg(value::text, ',' order by time)
    from (${inner}) as q (series_id, time, value) group by series_id`;
}
