import { RanloopError } from '@ranloop/contracts/errors';
import { flagNames } from '@ranloop/contracts/pm';
import type { Series, TelemetryQuery, TelemetryResult } from '@ranloop/contracts/r1';
import type { Database } from '@ranloop/kit/postgres';
import type { TelemetryConfig } from '../config.ts';
import { coverage, isCoarse, type Range, withoutSamples } from './coverage.ts';
import { byLabels } from './labels.ts';
import { checkBuckets, checkRange, type SeriesFilter, tooManyPoints, tooManySeries } from './limits.ts';
import { bucketStatement, rawStatement, rolledStatement, WEEKS_WITHOUT_SAMPLES } from './postgres-statements.ts';

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

type Limits = TelemetryConfig['query'];

export async function queryPoints({ pool }: Database, query: TelemetryQuery, limits: Limits): Promise<TelemetryResult> {
  checkRange(query);
  const series = await matchingSeries({ pool }, query, limits.mostSeries);
  if (series.length === 0) return { series: [] };
  const step = query.step === undefined ? undefined : Math.max(1, Math.round(query.step * 1_000_000));
  if (step !== undefined) checkBuckets(series.length, { ...query, stepMicros: step }, limits.mostPoints);
  const { found, summarised } = await points({ pool }, series, { query, step, limits });
  const answer = series.flatMap((one): Series[] => {
    const own = found.get(one.id);
    return own ? [{ ...labels(one), ...own }] : [];
  });
  return {
    series: answer.sort(byLabels),
    ...(summarised.length > 0 ? { summarised: summarised.map(([from, to]) => [from, to]) } : {}),
  };
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
type Row = readonly [series: number, times: string, values: string, flags?: string | null];

interface Ask {
  readonly query: TelemetryQuery;
  readonly step: number | undefined;
  readonly limits: Limits;
}

async function points(
  { pool }: Pick<Database, 'pool'>,
  series: readonly SeriesRow[],
  { query, step, limits }: Ask,
): Promise<Found> {
  const ids = series.map(({ id }) => id);
  let summarised: readonly Range[] = [];
  const rows = await timed({ pool }, limits.timeoutMs, async (run) => {
    const weeks = await run<readonly [number]>(WEEKS_WITHOUT_SAMPLES, []);
    const gone = withoutSamples(query, weeks.flat());
    const samples = step === undefined && query.aggregate === undefined;
    const coarse = !samples && isCoarse(step);
    if (!coarse || query.includeSuspect) summarised = gone;
    if (samples) return run(...rawStatement(ids, query, limits.mostPoints));
    const hours = coarse && !query.includeSuspect ? await run<readonly [number]>(...rolledStatement(query)) : [];
    return run(...bucketStatement(ids, { query, step }, coverage(query, hours.flat(), coarse ? gone : [])));
  });
  const found = new Map(rows.map((row) => [row[0], read(row)]));
  let total = 0;
  for (const own of found.values()) total += own.points.length;
  if (total > limits.mostPoints) throw tooManyPoints(limits.mostPoints);
  return { found, summarised };
}

interface Found {
  readonly found: ReadonlyMap<number, Pick<Series, 'points' | 'suspects'>>;
  /** Ranges of which only summaries are left, where those cannot answer exactly. */
  readonly summarised: readonly Range[];
}

function read([, times, values, flags]: Row): Pick<Series, 'points' | 'suspects'> {
  const points = zip(times, values);
  if (!flags) return { points };
  const marks = flags.split(',').map((mark): NonNullable<Series['suspects']>[number] => {
    const [time, bits] = mark.split(' ');
    return [Number(time), flagNames(Number(bits))];
  });
  return { points, suspects: marks };
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
