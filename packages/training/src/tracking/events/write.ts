import { sql } from 'kysely';
import type { Db } from '../core.ts';
import { md5 } from '../store/ids.ts';
import { ApiError } from '../wire/errors.ts';
import type { LogLine, Sample, Scalar } from './parse.ts';
import { MOST_FRESH } from './rollup.ts';
import { collectSeries, type SeriesPart } from './statistics.ts';

/** Bulk writes, one statement per kind of event, whatever the size of the batch. */

/** Gives the series whose roll-up is far behind now. */
export async function writeScalars(db: Db, scalars: readonly Scalar[]): Promise<number[]> {
  if (scalars.length === 0) return [];
  const parts = collectSeries(scalars);
  const grown = await growSeries(db, parts);
  const seriesOf = (part: SeriesPart) => grown.get(seriesKey(part));
  await writePoints(
    db,
    parts.filter((part) => seriesOf(part)?.appends),
    { seriesOf, overwrite: false },
  );
  await writePoints(
    db,
    parts.filter((part) => !seriesOf(part)?.appends),
    { seriesOf, overwrite: true },
  );
  return [...grown.values()].filter(({ behind }) => behind).map(({ id }) => id);
}

interface PointsOptions {
  readonly seriesOf: (part: SeriesPart) => Grown | undefined;
  /** Whether points may be there already: to look for them costs as much as half of writing. */
  readonly overwrite: boolean;
}

async function writePoints(
  db: Db,
  parts: readonly SeriesPart[],
  { seriesOf, overwrite }: PointsOptions,
): Promise<void> {
  if (parts.length === 0) return;
  const series: number[] = [];
  const iters: number[] = [];
  const times: number[] = [];
  const values: (number | null)[] = [];
  for (const part of parts) {
    const id = seriesOf(part)?.id;
    if (id === undefined) throw new ApiError('general');
    for (const [iter, { ts, value }] of part.points) {
      series.push(id);
      iters.push(iter);
      times.push(ts);
      values.push(value);
    }
  }
  const conflict = overwrite
    ? sql`on conflict (series, iter) do update set ts = excluded.ts, value = excluded.value`
    : sql``;
  await sql`insert into tracking.scalars (series, iter, ts, value)
    select * from unnest(${literal(series)}::bigint[], ${literal(iters)}::bigint[], ${literal(times)}::bigint[],
      ${literal(values)}::double precision[]) ${conflict}`.execute(db);
}

/** PostgreSQL's text form of an array of numbers: the driver's own way quotes each one. */
function literal(numbers: readonly (number | null)[]): string {
  return `{${numbers.map((value) => value ?? 'null').join(',')}}`;
}

const seriesKey = (part: { owner: string; metricHash: string; variantHash: string }) =>
  `${part.owner}/${part.metricHash}/${part.variantHash}`;

interface Grown {
  readonly id: number;
  /** Whether all points of the part lie behind those of the series. Its row stays locked: nobody else writes to it. */
  readonly appends: boolean;
  /** Whether its roll-up is far behind. */
  readonly behind: boolean;
}

/** Bytes of `dirty` above which its gaps are given up. */
const MOST_DIRTY = 4_000;

/** Adds the statistics of a batch to those that are there. */
async function growSeries(db: Db, parts: readonly SeriesPart[]): Promise<Map<string, Grown>> {
  const { rows } = await sql<Grown & { owner: string; metricHash: string; variantHash: string }>`
    insert into tracking.series as s (owner, metric_hash, variant_hash, metric, variant, value, min_value,
      min_value_iteration, max_value, max_value_iteration, first_value, first_value_iteration, total, count, x_axis_label,
      points, fresh, dirty, low_iter, high_iter)
    select owner, metric_hash, variant_hash, metric, variant, value, min_value, min_iter, max_value, max_iter, first_value,
      first_iter, total, count, label, points, points,
      case when low is null then '{}'::int8multirange else int8multirange(int8range(low, high, '[]')) end, lowest, highest
    from unnest(
      ${parts.map((part) => part.owner)}::text[], ${parts.map((part) => part.metricHash)}::text[],
      ${parts.map((part) => part.variantHash)}::text[], ${parts.map((part) => part.metric)}::text[],
      ${parts.map((part) => part.variant)}::text[], ${parts.map((part) => part.last?.value ?? null)}::double precision[],
      ${parts.map((part) => part.min?.value ?? null)}::double precision[],
      ${parts.map((part) => part.min?.iter ?? null)}::bigint[],
      ${parts.map((part) => part.max?.value ?? null)}::double precision[],
      ${parts.map((part) => part.max?.iter ?? null)}::bigint[],
      ${parts.map((part) => part.first?.value ?? null)}::double precision[],
      ${parts.map((part) => part.first?.iter ?? null)}::bigint[],
      ${parts.map((part) => part.total)}::double precision[], ${parts.map((part) => part.count)}::bigint[],
      ${parts.map((part) => part.label ?? null)}::text[], ${parts.map((part) => part.points.size)}::bigint[],
      ${parts.map((part) => part.low ?? null)}::bigint[], ${parts.map((part) => part.high ?? null)}::bigint[],
      ${parts.map((part) => part.lowest)}::bigint[], ${parts.map((part) => part.highest)}::bigint[])
      as given (owner, metric_hash, variant_hash, metric, variant, value, min_value, min_iter, max_value, max_iter,
        first_value, first_iter, total, count, label, points, low, high, lowest, highest)
    on conflict (owner, metric_hash, variant_hash) do update set
      value = coalesce(excluded.value, s.value),
      min_value_iteration = case when s.min_value is null or excluded.min_value < s.min_value
        then excluded.min_value_iteration else s.min_value_iteration end,
      min_value = least(s.min_value, excluded.min_value),
      max_value_iteration = case when s.max_value is null or excluded.max_value > s.max_value
        then excluded.max_value_iteration else s.max_value_iteration end,
      max_value = greatest(s.max_value, excluded.max_value),
      first_value_iteration = coalesce(s.first_value_iteration, excluded.first_value_iteration),
      first_value = coalesce(s.first_value, excluded.first_value),
      total = s.total + excluded.total,
      count = s.count + excluded.count,
      x_axis_label = coalesce(excluded.x_axis_label, s.x_axis_label),
      points = s.points + excluded.points,
      fresh = s.fresh + excluded.points,
      dirty = case when pg_column_size(s.dirty) > ${MOST_DIRTY}
        then int8multirange(range_merge(s.dirty + excluded.dirty)) else s.dirty + excluded.dirty end,
      appends = coalesce(excluded.low_iter > s.high_iter, false),
      low_iter = least(s.low_iter, excluded.low_iter),
      high_iter = greatest(s.high_iter, excluded.high_iter)
    returning id, owner, metric_hash as "metricHash", variant_hash as "variantHash",
      appends, fresh > ${MOST_FRESH} as behind`.execute(db);
  return new Map(rows.map((row) => [seriesKey(row), row]));
}

export async function writeLogs(db: Db, lines: readonly LogLine[]): Promise<void> {
  if (lines.length === 0) return;
  await sql`insert into tracking.logs (task, ts, worker, level, msg, metric, variant, iter)
    select * from unnest(${lines.map((line) => line.owner)}::text[], ${literal(lines.map((line) => line.ts))}::bigint[],
      ${lines.map((line) => line.worker)}::text[], ${lines.map((line) => line.level)}::text[],
      ${lines.map((line) => line.msg)}::text[], ${lines.map((line) => line.metric)}::text[],
      ${lines.map((line) => line.variant)}::text[], ${literal(lines.map((line) => line.iter))}::bigint[])`.execute(db);
}

export async function writeSamples(db: Db, samples: readonly Sample[]): Promise<void> {
  if (samples.length === 0) return;
  // One statement cannot write a row twice: of two events with one identity the later one stays.
  const unique = [...new Map(samples.map((one) => [`${one.owner}/${one.type}/${one.identity}`, one])).values()];
  const payloads = unique.map((one) => JSON.stringify(one.payload));
  const bytes = unique.map((one, at) => Buffer.byteLength(`${one.metric}${one.variant}${payloads[at]}`));
  await sql`insert into tracking.samples
      (owner, type, identity, metric_hash, variant_hash, metric, variant, iter, ts, worker, payload, bytes)
    select owner, type, identity, metric_hash, variant_hash, metric, variant, iter, ts, worker, payload::jsonb, bytes from unnest(
      ${unique.map((one) => one.owner)}::text[], ${unique.map((one) => one.type)}::text[],
      ${unique.map((one) => one.identity)}::text[], ${unique.map((one) => md5(one.metric))}::text[],
      ${unique.map((one) => md5(one.variant))}::text[], ${unique.map((one) => one.metric)}::text[],
      ${unique.map((one) => one.variant)}::text[], ${literal(unique.map((one) => one.iter))}::bigint[],
      ${literal(unique.map((one) => one.ts))}::bigint[], ${unique.map((one) => one.worker)}::text[],
      ${payloads}::text[], ${literal(bytes)}::bigint[])
      as given (owner, type, identity, metric_hash, variant_hash, metric, variant, iter, ts, worker, payload, bytes)
    on conflict (owner, type, identity) do update set
      ts = excluded.ts, worker = excluded.worker, payload = excluded.payload, bytes = excluded.bytes`.execute(db);
}

/** Removes everything that was reported for tasks or models. */
export async function removeEvents(db: Db, owners: string | readonly string[]): Promise<void> {
  const ids = sql`${typeof owners === 'string' ? [owners] : [...owners]}::text[]`;
  await sql`delete from tracking.scalars where series in (select id from tracking.series where owner = any(${ids}))`.execute(
    db,
  );
  await sql`delete from tracking.series where owner = any(${ids})`.execute(db);
  await sql`delete from tracking.samples where owner = any(${ids})`.execute(db);
  await sql`delete from tracking.logs where task = any(${ids})`.execute(db);
}
