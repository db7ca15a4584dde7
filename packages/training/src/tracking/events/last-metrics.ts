import { sql } from 'kysely';
import type { Resolved, Sql } from '../query/index.ts';

/** Beyond so many series a task's last_metrics leaves the later ones out; their curves are kept all the same. */
const MOST_SERIES = 2_000;

/** Field of last_metrics to its SQL over a row `s` of the series. */
const FIELDS: Readonly<Record<string, string>> = {
  value: 's.value',
  min_value: 's.min_value',
  min_value_iteration: 's.min_value_iteration',
  max_value: 's.max_value',
  max_value_iteration: 's.max_value_iteration',
  first_value: 's.first_value',
  first_value_iteration: 's.first_value_iteration',
  mean_value: 'round((tracking.finite(s.total) / nullif(s.count, 0))::numeric, 2)::double precision',
  count: 's.count',
};

const FLOATS = new Set(['value', 'min_value', 'max_value', 'first_value', 'mean_value']);

const object = Object.entries(FIELDS)
  .map(([field, expression]) => `'${field}', ${FLOATS.has(field) ? `tracking.finite(${expression})` : expression}`)
  .join(', ');

/** The SQL that yields last_metrics of the owner that `id` names. */
export function lastMetricsOutput(id: string): string {
  return `${BEFORE} s.owner = ${id} ${AFTER}`;
}

/** The same for these metrics only, by the hashes of their names. */
export function lastMetricsOf(id: string, metrics: readonly string[]): Sql {
  return sql`${sql.raw(`${BEFORE} s.owner = ${id}`)} and s.metric_hash = any(${[...metrics]}::text[]) ${sql.raw(AFTER)}`;
}

const BEFORE = `coalesce((select jsonb_object_agg(m.metric_hash, m.variants) from (
    select s.metric_hash, jsonb_object_agg(s.variant_hash, jsonb_build_object('metric', s.metric, 'variant', s.variant, ${object})
      || case when s.x_axis_label is null then '{}'::jsonb else jsonb_build_object('x_axis_label', s.x_axis_label) end) as variants
    from (select * from tracking.series s where`;
const AFTER = `and s.value is not null order by s.id limit ${MOST_SERIES}) s
    group by s.metric_hash) m), '{}')`;

/** `last_metrics.<md5 of metric>.<md5 of variant>.<field>` */
export function lastMetricsPath(segments: readonly string[]): Resolved | undefined {
  const [metric, variant, field = 'value'] = segments;
  if (metric === undefined || variant === undefined || segments.length > 3) return undefined;
  const expression = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
  if (expression === undefined) return undefined;
  return {
    kind: 'number',
    value: sql.raw(expression),
    side: {
      from: 'tracking.series s',
      owner: 's.owner',
      match: sql`s.metric_hash = ${metric} and s.variant_hash = ${variant} and s.value is not null`,
    },
  };
}
