import { flagNames, parseCounterName, type ValueFlag } from '@ranloop/contracts/pm';
import type { Aggregate, Series, TelemetryQuery, TelemetryResult } from '@ranloop/contracts/r1';
import type { TelemetryConfig } from '../config.ts';
import { byLabels } from '../store/labels.ts';
import { checkBuckets, checkRange, type SeriesFilter, tooManyPoints, tooManySeries } from '../store/limits.ts';
import type { InfluxClient, InfluxSeries } from './client.ts';
import { decodeText, encodeText, flagBits, parseSeriesKey } from './line-protocol.ts';

/** InfluxQL of each aggregate, from a list that no request can add to. */
const AGGREGATES: Readonly<Record<Aggregate, string>> = {
  avg: 'mean',
  min: 'min',
  max: 'max',
  sum: 'sum',
  count: 'count',
  last: 'last',
};

export interface Found {
  readonly counter: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** An identifier inside double quotes. Encoded text holds no backslash and no newline, so the quote is all to escape. */
const identifier = (text: string) => `"${encodeText(text).replaceAll('"', '\\"')}"`;

/** FROM and WHERE of a filter; its values are bound, and only names of measurements stand in the text, quoted. */
export function clause(filter: SeriesFilter): { from: string; where: string[]; params: Record<string, string> } {
  const params: Record<string, string> = {};
  const where: string[] = [];
  for (const [tag, wanted] of [
    ['source', filter.sources],
    ['dn', filter.objects],
    ['snssai', filter.snssais],
  ] as const) {
    if (!wanted) continue;
    const tests = wanted.map((value, index) => {
      params[`${tag}${index}`] = encodeText(value);
      return `"${tag}" = $${tag}${index}`;
    });
    where.push(tests.length > 0 ? `(${tests.join(' OR ')})` : '"source" = \'\'');
  }
  const from = filter.counters ? filter.counters.map(identifier).join(', ') : '/.*/';
  return { from, where, params };
}

/** The series that match, from the index. */
export async function findSeries(client: InfluxClient, filter: SeriesFilter, most: number): Promise<Found[]> {
  const { from, where, params } = clause(filter);
  const condition = where.length > 0 ? ` WHERE ${where.join(' AND ')}` : '';
  const answer = await client.query(`SHOW SERIES FROM ${from}${condition} LIMIT ${most + 1}`, params);
  const keys = answer.flatMap(({ values }) => values.map(([key]) => String(key)));
  if (keys.length > most) throw tooManySeries(most);
  return keys.map(parseSeriesKey);
}

export async function queryInflux(
  client: InfluxClient,
  query: TelemetryQuery,
  limits: TelemetryConfig['query'],
): Promise<TelemetryResult> {
  checkRange(query);
  const found = await findSeries(client, query, limits.mostSeries);
  if (found.length === 0) return { series: [] };
  const step = query.step === undefined ? undefined : Math.max(1, Math.round(query.step * 1_000_000));
  if (step !== undefined) checkBuckets(found.length, { ...query, stepMicros: step }, limits.mostPoints);
  const { from, where, params } = clause(query);
  where.push(`time >= ${query.from}u`, `time < ${query.to}u`);
  if (!query.includeSuspect) where.push('"suspect" = false');
  const source = `FROM ${from} WHERE ${where.join(' AND ')}`;
  const aggregate = `${AGGREGATES[query.aggregate ?? 'avg']}("value")`;
  let answer: InfluxSeries[];
  if (step !== undefined) {
    answer = await client.query(`SELECT ${aggregate} ${source} GROUP BY *, time(${step}u) fill(none)`, params);
  } else if (query.aggregate !== undefined) {
    answer = await client.query(`SELECT ${aggregate} ${source} GROUP BY *`, params);
  } else {
    await refuseMany(client, { source, params, most: limits.mostPoints });
    const fields = query.includeSuspect ? '"value", "suspect", "flags"' : '"value"';
    answer = await client.query(`SELECT ${fields} ${source} GROUP BY *`, params);
  }
  const instant = step === undefined && query.aggregate !== undefined ? query.from : undefined;
  return { series: answer.map((series) => seriesOf(series, instant)).sort(byLabels) };
}

async function refuseMany(
  client: InfluxClient,
  { source, params, most }: { source: string; params: Record<string, string>; most: number },
): Promise<void> {
  const counts = await client.query(`SELECT count("value") ${source}`, params);
  const total = counts.reduce((sum, { values }) => sum + Number(values[0]?.[1] ?? 0), 0);
  if (total > most) throw tooManyPoints(most);
}

/** `instant` stands for the time of a whole range, for which InfluxDB names the time of the chosen point instead. */
function seriesOf({ name, tags = {}, values }: InfluxSeries, instant: number | undefined): Series {
  const points = values.map(([time, value]): [number, number] => [instant ?? Number(time), Number(value)]);
  const suspects = values.flatMap(([time, , suspect, bits]): [number, ValueFlag[]][] => {
    const found = flagBits(suspect, bits);
    return found === 0 ? [] : [[Number(time), flagNames(found)]];
  });
  return { ...labelsOf(decoded(name, tags)), points, ...(suspects.length > 0 ? { suspects } : {}) };
}

/** The text that was encoded to stand in measurement and tags. */
export function decoded(name: string, tags: Readonly<Record<string, string>>): Found {
  const entries = Object.entries(tags).map(([tag, value]) => [tag, decodeText(value)]);
  return { counter: decodeText(name), tags: Object.fromEntries(entries) };
}

export function labelsOf({ counter, tags }: Found) {
  const { source = '', dn = '', snssai = '', fiveQi = '', plmn = '' } = tags;
  return {
    counter,
    dn,
    source,
    ...(snssai === '' ? {} : { snssai }),
    ...(fiveQi === '' ? {} : { fiveQi: Number(fiveQi) }),
    ...(plmn === '' ? {} : { plmn }),
    unit: parseCounterName(counter).known?.unit ?? '',
  };
}
