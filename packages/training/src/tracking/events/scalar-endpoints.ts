import {
  EventsOfTask,
  MultiTaskHistogram,
  ScalarHistogram,
  SINGLE_VALUE_ITERATION,
  SingleValues,
} from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { type CurveRow, readCurves, toCurve } from './curves.ts';
import { metricCondition, nested, requireOwner, requireOwners } from './scope.ts';

const DEFAULT_SAMPLES = 2_000;
const MOST_VALUES = 100_000;

export function scalarEndpoints(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'events.scalar_metrics_iter_histogram',
      body: ScalarHistogram,
      run: async ({ task, samples = DEFAULT_SAMPLES, key = 'iter', metrics, model_events }) => {
        await requireOwner(core.db, task, model_events);
        const rows = await readCurves(core, { owners: [task], condition: metricCondition(metrics), samples, key });
        return nested(
          rows,
          (row) => [row.metric, row.variant],
          (row) => toCurve(row, row.variant, key),
        );
      },
    }),
    endpoint({
      name: 'events.multi_task_scalar_metrics_iter_histogram',
      body: MultiTaskHistogram,
      run: async ({ tasks, samples = DEFAULT_SAMPLES, key = 'iter', metrics, model_events }) => {
        const found = await requireOwners(core.db, tasks, model_events);
        const names = new Map(found.map(({ id, name }) => [id, name]));
        const condition = metricCondition(metrics);
        const rows = await readCurves(core, { owners: [...names.keys()], condition, samples, key });
        const byPair = new Map<string, CurveRow[]>();
        for (const row of rows) {
          const pair = JSON.stringify([row.metric, row.variant]);
          byPair.set(pair, [...(byPair.get(pair) ?? []), row]);
        }
        const curves = nested(
          [...byPair],
          ([pair]) => JSON.parse(pair) as [string, string],
          ([, group]) =>
            Object.fromEntries(group.map((row) => [row.owner, toCurve(row, names.get(row.owner) ?? '', key)])),
        );
        return { metrics: curves };
      },
    }),
    endpoint({
      name: 'events.get_task_single_value_metrics',
      since: '2.20',
      body: SingleValues,
      run: async ({ tasks, metrics, model_events }) => {
        const found = await requireOwners(core.db, tasks, model_events);
        const { rows } = await sql<{
          owner: string;
          metric: string;
          variant: string;
          value: number | null;
          timestamp: number;
        }>`
          select s.owner, s.metric, s.variant, tracking.finite(p.value) as value, p.ts as timestamp
          from tracking.series s join tracking.scalars p on p.series = s.id and p.iter = ${SINGLE_VALUE_ITERATION}
          where s.owner = any(${found.map(({ id }) => id)}::text[]) and ${metricCondition(metrics)}
          order by s.metric, s.variant, s.id limit ${MOST_VALUES + 1}`.execute(core.db);
        if (rows.length > MOST_VALUES)
          throw new ApiError(
            'badValue',
            { limit: MOST_VALUES },
            'too many single values: ask for fewer tasks or metrics',
          );
        // A task without single values is left out.
        const withValues = found.flatMap(({ id, name }) => {
          const values = rows.filter(({ owner }) => owner === id).map(({ owner: _owner, ...value }) => value);
          return values.length > 0 ? [{ task: id, task_name: name, values }] : [];
        });
        return { tasks: withValues };
      },
    }),
    endpoint({
      name: 'events.get_task_latest_scalar_values',
      body: EventsOfTask,
      run: ({ task }) => latest(core, task),
    }),
  ];
}

const LAST_POINTS = 100;

async function latest(core: Core, task: string) {
  await requireOwner(core.db, task, false);
  const { rows } = await sql<{
    metric: string;
    variant: string;
    last: number | null;
    mean: number | null;
    ts: number | null;
  }>`
    select s.metric, s.variant, tracking.finite(last.value) as last, tracking.finite(recent.mean) as mean, last.ts
    from tracking.series s
      cross join lateral (select p.value, p.ts from tracking.scalars p
        where p.series = s.id and p.value is not null order by p.iter desc limit 1) last
      cross join lateral (select avg(r.value) as mean from (select p.value from tracking.scalars p
        where p.series = s.id and p.value is not null order by p.iter desc limit ${LAST_POINTS}) r) recent
    where s.owner = ${task} order by s.metric, s.variant limit 2000`.execute(core.db);
  const info = await core.db
    .selectFrom('tasks')
    .select(['name', 'status', 'last_iteration as last_iter'])
    .where('id', '=', task)
    .executeTakeFirst();
  const metrics = new Map<string, object[]>();
  for (const { metric, variant, last, mean, ts } of rows) {
    const variants = metrics.get(metric) ?? [];
    metrics.set(metric, variants);
    variants.push({ name: variant, last_value: last, last_100_value: mean, timestamp: ts });
  }
  return {
    metrics: [...metrics].map(([name, variants]) => ({ name, variants })),
    ...info,
    last_timestamp: rows.reduce((newest, { ts }) => Math.max(newest, ts ?? 0), 0),
  };
}
