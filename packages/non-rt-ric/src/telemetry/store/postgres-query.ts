import { RanloopError } from '@ranloop/contracts/errors';
import type { Aggregate, Series, TelemetryQuery, TelemetryResult } from '@ranloop/contracts/r1';
import type { Database } from '@ranloop/kit/postgres';
import type { TelemetryConfig } from '../config.ts';
import { byLabels } from './labels.ts';
import { checkBuckets, checkRange, type SeriesFilter, tooManyPoints, tooManySeries } from './limits.ts';
import { BUCKET, HOUR } from './rollups.ts';

export interface SeriesRow {
  readonly id: number;
  readonly source: string;
  readonly dn: string;
  readonly counter: string;
  readonly snssai: string;
  readonly five_qi: number;
  readonly plmn: string;
  readonly unit: string;
}

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

type Limits = TelemetryConfig['query'];

export async function queryPoints({ pool }: Database, query: TelemetryQuery, limits: Limits): Promise<TelemetryResult> {
  checkRange(query);
  const series = await matchingSeries({ pool }, query, limits.mostSeries);
  if (series.length === 0) return { series: [] };
  const step = query.step === undefined ? undefined : Math.max(1, Math.round(query.step * 1_000_000));
  if (step !== undefined) checkBuckets(series.length, { ...query, stepMicros: step }, limits.mostPoints);
  const found = await points({ pool }, series, { query, step, limits });
  const answer = series.flatMap((one): Series[] => {
    const own = found.get(one.id);
    return own ? [{ ...labels(one), points: own }] : [];
  });
  return { series: answer.sort(byLabels) };
}

export async function matchingSeries(
  { pool }: Pick<Database, 'pool'>,
  filter: SeriesFilter,
  most: number,
): Promise<SeriesRow[]> {
  const conditions: string[] = [];
  const values: unknown[] = [];
  for (const [column, wanted] of [
    ['counter', filter.counters],
    ['source', filter.sources],
    ['dn', filter.objects],
    ['snssai', filter.snssais],
  ] as const) {
    if (wanted && values.push(wanted) > 0) conditions.push(`${column} = any($${values.length}::text[])`);
  }
  values.push(most + 1);
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
  const { rows } = await pool.query<SeriesRow>(
    `select id, source, dn, counter, snssai, five_qi, plmn, unit from telemetry.series ${where} limit $${values.length}`,
    values,
  );
  if (rows.length > most) throw tooManySeries(most);
  return rows;
}

/** Times and values of one series as PostgreSQL joins them: parsing two texts is much cheaper than a row per point. */
type Row = readonly [series: number, times: string, values: string];

interface Ask {
  readonly query: TelemetryQuery;
  readonly step: number | undefined;
  readonly limits: Limits;
}

async function points(
  { pool }: Pick<Database, 'pool'>,
  series: readonly SeriesRow[],
  { query, step, limits }: Ask,
): Promise<ReadonlyMap<number, [number, number][]>> {
  const ids = series.map(({ id }) => id);
  const rows = await timed({ pool }, limits.timeoutMs, async (run) => {
    if (step === undefined && query.aggregate === undefined) return run(...rawStatement(ids, query, limits.mostPoints));
    const coarse = step !== undefined && step % BUCKET === 0 && !query.includeSuspect;
    const hours = coarse ? await run<readonly [number]>(...rolledStatement(query)) : [];
    return run(...bucketStatement(ids, { query, step }, coverage(query, hours.flat())));
  });
  const found = new Map(rows.map(([id, times, values]) => [id, zip(times, values)]));
  let total = 0;
  for (const own of found.values()) total += own.length;
  if (total > limits.mostPoints) throw tooManyPoints(limits.mostPoints);
  return found;
}

type Statement = readonly [text: string, values: readonly unknown[]];

function rawStatement(ids: readonly number[], { from, to, includeSuspect }: TelemetryQuery, most: number): Statement {
  const inner = `select series_id, time, value from telemetry.points where series_id = any($1::integer[])
    and time >= $2 and time < $3${includeSuspect ? '' : ' and not suspect'} order by series_id, time limit $4`;
  return [joined(inner), [ids, from, to, most + 1]];
}

function rolledStatement({ from, to }: TelemetryQuery): Statement {
  const inside = [Math.ceil(from / HOUR), Math.floor(to / HOUR)];
  return ['select hour from telemetry.rolled where done and hour >= $1 and hour < $2 order by hour', inside];
}

/** Parts of buckets, from summaries where they cover the range and from points elsewhere, put together. */
function bucketStatement(
  ids: readonly number[],
  { query, step }: Pick<Ask, 'query' | 'step'>,
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
        where ${within(range, 'time')}${query.includeSuspect ? '' : ' and not suspect'} group by 1, 2`;
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

type Range = readonly [from: number, to: number];

interface Coverage {
  readonly rolled: readonly Range[];
  readonly raw: readonly Range[];
}

/** More changes between summaries and points than this, and the points alone are read. */
const MOST_RANGES = 16;

/** Which parts of the range the hours that are summarised cover. */
function coverage({ from, to }: TelemetryQuery, hours: readonly number[]): Coverage {
  const rolled: [number, number][] = [];
  const raw: Range[] = [];
  let at = from;
  for (const hour of hours) {
    const [start, end] = [hour * HOUR, (hour + 1) * HOUR];
    const previous = rolled.at(-1);
    if (previous && previous[1] === start) previous[1] = end;
    else {
      if (start > at) raw.push([at, start]);
      rolled.push([start, end]);
    }
    at = end;
  }
  if (at < to) raw.push([at, to]);
  return rolled.length > MOST_RANGES ? { rolled: [], raw: [[from, to]] } : { rolled, raw };
}

function zip(times: string, values: string): [number, number][] {
  const right = values.split(',');
  return times.split(',').map((time, index) => [Number(time), Number(right[index])]);
}

type Run = <R extends readonly unknown[] = Row>(text: string, values: readonly unknown[]) => Promise<R[]>;

/** Statements on one snapshot, within a time limit. */
async function timed(
  { pool }: Pick<Database, 'pool'>,
  timeoutMs: number,
  work: (run: Run) => Promise<Row[]>,
): Promise<Row[]> {
  const client = await pool.connect();
  try {
    // Grouping a day of many series must not spill to disk; a query answers at most mostPoints groups.
    await client.query(
      `begin isolation level repeatable read read only;
       set local statement_timeout = ${Math.trunc(timeoutMs)}; set local work_mem = '64MB'`,
    );
    const rows = await work(async <R extends readonly unknown[]>(text: string, values: readonly unknown[]) => {
      const answer = await client.query<R & unknown[]>({ text, values: [...values], rowMode: 'array' });
      return answer.rows as R[];
    });
    await client.query('commit');
    return rows;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw queryError(error, timeoutMs);
  } finally {
    client.release();
  }
}

function queryError(error: unknown, timeoutMs: number): unknown {
  const { code } = error as { code?: string };
  if (code === '57014')
    return new RanloopError('RL_TOO_LARGE', `the query took longer than ${timeoutMs} ms; ask for less`);
  if (code === '22003')
    return new RanloopError('RL_UNPROCESSABLE', 'the sum of the values is beyond what a double holds');
  return error;
}

export function labels({ counter, dn, source, snssai, five_qi, plmn, unit }: SeriesRow) {
  return {
    counter,
    dn,
    source,
    ...(snssai === '' ? {} : { snssai }),
    ...(five_qi < 0 ? {} : { fiveQi: five_qi }),
    ...(plmn === '' ? {} : { plmn }),
    unit,
  };
}
