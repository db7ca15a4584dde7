import { RanloopError } from '@ranloop/contracts/errors';
import type { Aggregate, Series, TelemetryQuery, TelemetryResult } from '@ranloop/contracts/r1';
import type { Database } from '@ranloop/kit/postgres';
import type { TelemetryConfig } from '../config.ts';
import { byLabels } from './labels.ts';
import { checkBuckets, checkRange, type SeriesFilter, tooManyPoints, tooManySeries } from './limits.ts';

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

/** SQL of each aggregate, from a list that no request can add to. */
const AGGREGATES: Readonly<Record<Aggregate, string>> = {
  avg: 'avg(value)',
  min: 'min(value)',
  max: 'max(value)',
  sum: 'sum(value)',
  count: 'count(*)::double precision',
  last: '(array_agg(value order by time desc))[1]',
};

type Limits = TelemetryConfig['query'];

export async function queryPoints({ pool }: Database, query: TelemetryQuery, limits: Limits): Promise<TelemetryResult> {
  checkRange(query);
  const series = await matchingSeries({ pool }, query, limits.mostSeries);
  if (series.length === 0) return { series: [] };
  const step = query.step === undefined ? undefined : Math.max(1, Math.round(query.step * 1_000_000));
  if (step !== undefined) checkBuckets(series.length, { ...query, stepMicros: step }, limits.mostPoints);
  const rows = await points({ pool }, series, { query, step, limits });
  return { series: assemble(series, rows) };
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

type Row = readonly [series: number, time: number, value: number];

async function points(
  { pool }: Pick<Database, 'pool'>,
  series: readonly SeriesRow[],
  { query, step, limits }: { query: TelemetryQuery; step: number | undefined; limits: Limits },
): Promise<readonly Row[]> {
  const condition = `series_id = any($1::integer[]) and time >= $2 and time < $3${query.includeSuspect ? '' : ' and not suspect'}`;
  const values: unknown[] = [series.map(({ id }) => id), query.from, query.to];
  const aggregate = AGGREGATES[query.aggregate ?? 'avg'];
  let text: string;
  if (step !== undefined) {
    values.push(step);
    text = `select series_id, time / $4::bigint * $4::bigint as bucket, ${aggregate} from telemetry.points
            where ${condition} group by series_id, bucket order by series_id, bucket`;
  } else if (query.aggregate !== undefined) {
    text = `select series_id, $2::bigint, ${aggregate} from telemetry.points where ${condition} group by series_id`;
  } else {
    values.push(limits.mostPoints + 1);
    text = `select series_id, time, value from telemetry.points where ${condition} order by series_id, time limit $4`;
  }
  const rows = await timed({ pool }, limits.timeoutMs, { text, values });
  if (rows.length > limits.mostPoints) throw tooManyPoints(limits.mostPoints);
  return rows;
}

async function timed(
  { pool }: Pick<Database, 'pool'>,
  timeoutMs: number,
  statement: { text: string; values: unknown[] },
): Promise<Row[]> {
  const client = await pool.connect();
  try {
    await client.query('begin read only');
    // Grouping a day of many series must not spill to disk; a query answers at most mostPoints groups.
    await client.query(`set local statement_timeout = ${Math.trunc(timeoutMs)}; set local work_mem = '64MB'`);
    const { rows } = await client.query<Row & unknown[]>({ ...statement, rowMode: 'array' });
    await client.query('commit');
    return rows;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    if ((error as { code?: string }).code === '57014')
      throw new RanloopError('RL_TOO_LARGE', `the query took longer than ${timeoutMs} ms; ask for less`);
    throw error;
  } finally {
    client.release();
  }
}

/** Rows come sorted by series number and time. */
function assemble(series: readonly SeriesRow[], rows: readonly Row[]): Series[] {
  const points = new Map<number, [number, number][]>();
  let current: [number, number][] = [];
  let at: number | undefined;
  for (const [id, time, value] of rows) {
    if (id !== at) {
      current = [];
      points.set(id, current);
      at = id;
    }
    current.push([time, value]);
  }
  const found = series.flatMap((one): Series[] => {
    const own = points.get(one.id);
    return own ? [{ ...labels(one), points: own }] : [];
  });
  return found.sort(byLabels);
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
