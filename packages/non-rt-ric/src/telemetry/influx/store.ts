import path from 'node:path';
import { RanloopError } from '@ranloop/contracts/errors';
import { COUNTERS } from '@ranloop/contracts/pm';
import type { Sample, SourceSummary } from '@ranloop/contracts/r1';
import type { Log } from '@ranloop/kit/log';
import type { TelemetryConfig } from '../config.ts';
import { doubt } from '../model.ts';
import type { TelemetryStore } from '../store/index.ts';
import { byLabels, groupBy } from '../store/labels.ts';
import { createInfluxClient } from './client.ts';
import { flagBits, line } from './line-protocol.ts';
import { clause, decoded, findSeries, labelsOf, queryInflux } from './query.ts';
import { createSpool } from './spool.ts';

const MOST_LINES = 5_000;
const RETRY_MS = 1_000;

interface InfluxDeps {
  readonly stateFolder: string;
  readonly log: Log;
}

/** Samples in InfluxDB by its 1.x HTTP API. While the server is away they wait in a spool on disk, in order. */
export function createInfluxStore(config: TelemetryConfig, { stateFolder, log }: InfluxDeps): TelemetryStore {
  if (!config.influxUrl) throw new RanloopError('RL_CONFIG', 'store "influx" needs influxUrl');
  if (config.summaryDays > config.retentionDays && config.retentionDays > 0)
    throw new RanloopError('RL_CONFIG', 'summaryDays beyond retentionDays are kept in PostgreSQL only');
  const client = createInfluxClient(config.influxUrl, config.query.timeoutMs);
  const most = config.query.mostSeries;
  const spool = createSpool({
    folder: path.join(stateFolder, 'influx-spool'),
    mostBytes: config.mostSpoolBytes,
    send: sendChunks,
    log,
  });
  let prepared = false;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function sendChunks(lines: string): Promise<void> {
    await prepareDatabase();
    const all = lines.split('\n').filter((one) => one !== '');
    for (let at = 0; at < all.length; at += MOST_LINES)
      await client.write(`${all.slice(at, at + MOST_LINES).join('\n')}\n`);
  }

  /** 2.x and 3.x make databases by other means and refuse this; their administrator has made it. */
  async function prepareDatabase(): Promise<void> {
    if (prepared || client.isBucket) return;
    const name = `"${client.database.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
    try {
      await client.query(`CREATE DATABASE ${name}`);
      const duration = config.retentionDays > 0 ? `${Math.ceil(config.retentionDays)}d` : 'INF';
      await client.query(`ALTER RETENTION POLICY "autogen" ON ${name} DURATION ${duration}`);
    } catch (error) {
      if (error instanceof RanloopError && error.code === 'RL_STORE') throw error;
      log.warn({ err: error }, 'InfluxDB does not let us make its database; it must exist');
    }
    prepared = true;
  }

  function drainLater(): void {
    if (closed || timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      spool.drain().then(
        () => log.info('the spool of InfluxDB is empty'),
        () => drainLater(),
      );
    }, RETRY_MS);
    timer.unref();
  }

  return {
    async prepare() {},
    async write(points) {
      if (points.length === 0) return;
      const lines = `${points.map(line).join('\n')}\n`;
      if (!spool.waiting) {
        try {
          return await sendChunks(lines);
        } catch (error) {
          if (!(error instanceof RanloopError) || error.code !== 'RL_STORE') throw error;
          log.warn({ err: error }, 'InfluxDB is away; samples go to the spool');
        }
      }
      await spool.append(lines);
      drainLater();
    },
    query: (query) => queryInflux(client, query, config.query),
    async last(filter) {
      await findSeries(client, filter, most);
      const { from, where, params } = clause(filter);
      const condition = where.length > 0 ? `WHERE ${where.join(' AND ')}` : '';
      const fields = '"value", "granularity", "suspect", "flags"';
      const answer = await client.query(
        `SELECT ${fields} FROM ${from} ${condition} GROUP BY * ORDER BY time DESC LIMIT 1`,
        params,
      );
      const samples = answer.flatMap(({ name, tags = {}, values }) =>
        values.map(([time, value, granularity, suspect, flags]): Sample => {
          const labels = labelsOf(decoded(name, tags));
          return {
            ...labels,
            value: Number(value),
            granularity: Number(granularity),
            time: Number(time),
            ...doubt(labels.counter, flagBits(suspect, flags)),
          };
        }),
      );
      return samples.sort(byLabels);
    },
    async sources() {
      const series = await findSeries(client, {}, config.mostSeriesCached);
      const spans = new Map<string, { first: number; last: number }>();
      for (const pick of ['first', 'last'] as const) {
        for (const { tags = {}, values } of await client.query(`SELECT ${pick}("value") FROM /.*/ GROUP BY "source"`)) {
          const { source } = decoded('', tags).tags;
          const time = Number(values[0]?.[0]);
          const span = spans.get(source ?? '') ?? { first: time, last: time };
          spans.set(source ?? '', { first: Math.min(span.first, time), last: Math.max(span.last, time) });
        }
      }
      const groups = groupBy(series, ({ tags }) => tags['source'] ?? '');
      return [...groups]
        .map(([source, members]): SourceSummary => {
          const objects = new Set(members.map(({ tags }) => tags['dn'])).size;
          return { source, objects, series: members.length, ...(spans.get(source) ?? { first: 0, last: 0 }) };
        })
        .sort((a, b) => (a.source < b.source ? -1 : 1));
    },
    async objects({ source, most: wanted }) {
      const series = await findSeries(
        client,
        source === undefined ? {} : { sources: [source] },
        config.mostSeriesCached,
      );
      const groups = groupBy(series, ({ tags }) => `${tags['source']}\n${tags['dn']}`);
      return [...groups.values()]
        .map((members) => {
          const { source: from = '', dn = '' } = members[0]?.tags ?? {};
          return { source: from, dn, series: members.length };
        })
        .sort(byLabels)
        .slice(0, wanted);
    },
    async counters({ source, most: wanted }) {
      const series = await findSeries(
        client,
        source === undefined ? {} : { sources: [source] },
        config.mostSeriesCached,
      );
      return [...groupBy(series, ({ counter }) => counter)]
        .map(([counter, members]) => {
          const { objectClass = '', description = '' } = COUNTERS.get(counter) ?? {};
          const { unit } = labelsOf({ counter, tags: {} });
          return { counter, unit, objectClass, description, series: members.length };
        })
        .sort(byLabels)
        .slice(0, wanted);
    },
    async start() {
      closed = false;
      await spool.open();
      if (spool.waiting) drainLater();
      await prepareDatabase().catch((error) => log.warn({ err: error }, 'InfluxDB is away at the start'));
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
