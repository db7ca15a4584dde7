import { RanloopError } from '@ranloop/contracts/errors';
import type { TelemetryQuery } from '@ranloop/contracts/r1';
import {
  createSeriesTable,
  SERIES_SCHEMA,
  type SeriesTable,
  SLICE_DEMAND_COUNTERS,
  SLICE_DEMAND_SCHEMA,
  TWIN_PREFIX,
} from '@ranloop/sdk/features';
import { createTelemetryClient, type TelemetryClient } from '@ranloop/sdk/r1';
import { createDataset } from '@ranloop/sdk/tracking';
import {
  DATA_FILE,
  DESCRIPTION_FILE,
  type Description,
  PARQUET_FILE,
  QUALITY_FILE,
  statisticsOf,
  TABLE_SCHEMA,
  writeCsv,
  writeParquet,
} from '../dataset/index.ts';
import type { Recipe, RecipeContext } from '../runner/index.ts';
import { readPages } from './pages.ts';
import { createQualityCheck, type QualityReport, qualityRows } from './quality.ts';
import { readTime } from './range.ts';

const defaults = {
  /** R1 of the Non-RT RIC. */
  telemetry_url: 'http://127.0.0.1:9081',
  /** ISO 8601 or microseconds; empty: from the first sample on. */
  from: '',
  /** The same; empty: to the last sample. */
  to: '',
  schema: SLICE_DEMAND_SCHEMA as string,
  /** Empty: those that the schema needs; table-1 needs none of its own. */
  counters: [] as readonly string[],
  /** For series-1: the one counter. */
  counter: '',
  /** Only these DNs; empty: all that report the counters. */
  objects: [] as readonly string[],
  source_prefix: '',
  exclude_prefixes: [TWIN_PREFIX] as readonly string[],
  /** Seconds. */
  period: 60,
  project: 'Ranloop',
  dataset_name: 'slice-demand',
  page_points: 150_000,
};
export type ExtractParams = typeof defaults;

/** Reads telemetry over R1, checks it, and stores it as the next version of a dataset. */
export const extract: Recipe<ExtractParams> = { name: 'extract', defaults, run };

const DAY_SECONDS = 86_400;

async function run(context: RecipeContext<ExtractParams>): Promise<void> {
  const { params, say, task } = context;
  const counters = countersOf(params);
  if (!(params.period > 0)) throw new RanloopError('RL_INVALID', 'period must be above 0 seconds');
  const periodMicros = params.period * 1e6;
  const client = createTelemetryClient({ baseUrl: params.telemetry_url, authorization: context.authorization });
  const query = await queryOf(params, { client, counters });
  say(`reading ${counters.length} counters of ${query.sources?.length ?? 0} sources`);
  const table = createSeriesTable({ periodMicros, accept: () => true });
  const check = createQualityCheck(counters, periodMicros);
  const units = new Map<string, string>();
  const needSlice = params.schema === SLICE_DEMAND_SCHEMA;
  let points = 0;
  for await (const page of readPages(client, query, {
    signal: context.signal,
    pagePoints: params.page_points,
    periodMicros,
  })) {
    const wanted = page.series.filter(({ snssai }) => !needSlice || snssai !== undefined);
    check.add(wanted);
    table.add(wanted);
    for (const { counter, unit, points: part } of wanted) {
      units.set(counter, unit);
      points += part.length;
    }
    const done = (page.to - query.from) / (query.to - query.from);
    context.progress(done);
    say(`${points} samples, up to ${new Date(page.to / 1_000).toISOString()} (${Math.round(100 * done)} %)`);
  }
  const quality = check.report(table, await countAll(client, query, { needSlice, signal: context.signal }));
  await reportQuality(context, quality);
  if (quality.problems.length > 0)
    throw new RanloopError('RL_UNPROCESSABLE', `the data cannot be used: ${quality.problems.join('; ')}`);
  const columns = counters.map((counter) => ({ counter, unit: units.get(counter) ?? '' }));
  const dataset = await store(context, { table, columns, quality });
  say(`dataset ${params.dataset_name} ${dataset.version} is task ${dataset.id}`);
  await task.artifact('dataset', dataset);
  await task.setUserProperties({ dataset_task: dataset.id, dataset_version: dataset.version });
}

function countersOf(params: ExtractParams): readonly string[] {
  if (params.schema === SLICE_DEMAND_SCHEMA)
    return params.counters.length > 0 ? params.counters : SLICE_DEMAND_COUNTERS;
  if (params.schema === TABLE_SCHEMA) {
    if (params.counters.length === 0)
      throw new RanloopError('RL_INVALID', `counters must be named for ${TABLE_SCHEMA}`);
    return params.counters;
  }
  if (params.schema !== SERIES_SCHEMA)
    throw new RanloopError('RL_INVALID', `schema must be ${SLICE_DEMAND_SCHEMA}, ${SERIES_SCHEMA} or ${TABLE_SCHEMA}`);
  if (params.counter === '') throw new RanloopError('RL_INVALID', `counter must be named for ${SERIES_SCHEMA}`);
  return [params.counter];
}

async function queryOf(
  params: ExtractParams,
  { client, counters }: { client: TelemetryClient; counters: readonly string[] },
): Promise<TelemetryQuery> {
  const chosen = (await client.sources()).filter(
    ({ source }) =>
      source.startsWith(params.source_prefix) &&
      !params.exclude_prefixes.some((prefix) => prefix !== '' && source.startsWith(prefix)),
  );
  if (chosen.length === 0)
    throw new RanloopError('RL_NOT_FOUND', `telemetry has no source that begins with "${params.source_prefix}"`);
  const from = params.from === '' ? Math.min(...chosen.map(({ first }) => first)) : readTime(params.from, 'from');
  const to = params.to === '' ? Math.max(...chosen.map(({ last }) => last)) + 1 : readTime(params.to, 'to');
  if (from >= to) throw new RanloopError('RL_INVALID', 'from must lie before to');
  return {
    counters: [...counters],
    sources: chosen.map(({ source }) => source),
    ...(params.objects.length > 0 ? { objects: [...params.objects] } : {}),
    from,
    to,
  };
}

/** Samples by counter, the suspect ones included. */
async function countAll(
  client: TelemetryClient,
  query: TelemetryQuery,
  options: { needSlice: boolean; signal: AbortSignal },
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const series = await client.query(
    { ...query, step: DAY_SECONDS, aggregate: 'count', includeSuspect: true },
    { signal: options.signal },
  );
  for (const { counter, snssai, points } of series)
    if (!options.needSlice || snssai !== undefined)
      counts.set(
        counter,
        points.reduce((sum, [, count]) => sum + count, counts.get(counter) ?? 0),
      );
  return counts;
}

async function reportQuality({ task }: RecipeContext<ExtractParams>, quality: QualityReport): Promise<void> {
  task.logger.table('data quality', 'counters', qualityRows(quality));
  const sum = (pick: (counter: QualityReport['counters'][number]) => number) =>
    quality.counters.reduce((total, counter) => total + pick(counter), 0);
  task.logger.singleValue(
    'samples',
    sum(({ samples }) => samples),
  );
  task.logger.singleValue(
    'missing',
    sum(({ missing }) => missing),
  );
  task.logger.singleValue(
    'suspect',
    sum(({ suspect }) => suspect),
  );
  task.logger.singleValue(
    'duplicates',
    sum(({ duplicates }) => duplicates),
  );
  await task.artifact('data quality', { ...quality });
}

interface Stored {
  readonly id: string;
  readonly version: string;
  readonly lines: number;
  readonly description: Description;
}

interface Extracted {
  readonly table: SeriesTable;
  readonly columns: readonly { counter: string; unit: string }[];
  readonly quality: QualityReport;
}

async function store(
  { params, session, task }: RecipeContext<ExtractParams>,
  { table, columns, quality }: Extracted,
): Promise<Stored> {
  const { text, lines } = writeCsv(table, columns);
  const arraysOf = (counter: string) =>
    [...table.cells.keys()].flatMap((cell) =>
      [-1, ...table.snssais.keys()].flatMap((snssai) => table.column(cell, snssai, counter) ?? []),
    );
  const description: Description = {
    schema: params.schema,
    periodSeconds: params.period,
    from: table.start,
    to: table.timeOf(table.length - 1),
    lines,
    columns: columns.map(({ counter, unit }) => ({
      counter,
      unit,
      statistics: statisticsOf(arraysOf(counter), table.length),
    })),
    objects: [...table.cells],
    snssais: [...table.snssais],
  };
  const writer = await createDataset(session, {
    project: params.project,
    name: params.dataset_name,
    parent: task.id,
    comment: `${lines} lines from ${params.telemetry_url}`,
  });
  writer.add(DATA_FILE, text);
  writer.add(PARQUET_FILE, writeParquet(table, description));
  writer.add(DESCRIPTION_FILE, JSON.stringify(description, undefined, 1));
  writer.add(QUALITY_FILE, JSON.stringify(quality, undefined, 1));
  const { id, version } = await writer.finalize();
  return { id, version, lines, description };
}
