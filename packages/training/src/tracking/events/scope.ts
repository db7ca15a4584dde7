import type { MetricVariants } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Db } from '../core.ts';
import type { Sql } from '../query/entity.ts';
import { md5 } from '../store/ids.ts';
import { ApiError } from '../wire/errors.ts';

/** What reads of events have in common: whose events, and which metrics of it. */

/** The name and status of a task or model; refused when there is none. */
export async function requireOwner(
  db: Db,
  id: string,
  ofModel: boolean | undefined,
): Promise<{ id: string; name: string }> {
  const [found] = await owners(db, [id], ofModel);
  if (!found) throw new ApiError(ofModel ? 'invalidModelId' : 'invalidTaskId', { id });
  return found;
}

/** Those that exist, in the order asked for. */
export async function owners(
  db: Db,
  ids: readonly string[],
  ofModel: boolean | undefined,
): Promise<{ id: string; name: string }[]> {
  if (ids.length === 0) return [];
  const table = ofModel ? ('models' as const) : ('tasks' as const);
  const rows = await db
    .selectFrom(table)
    .select(['id', 'name'])
    .where('id', 'in', [...new Set(ids)])
    .execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
}

/** A condition over rows `s` that have metric_hash and variant_hash. No variants means all of the metric. */
export function metricCondition(metrics: readonly MetricVariants[] | undefined): Sql {
  if (!metrics || metrics.length === 0) return sql`true`;
  const parts = metrics.map(({ metric, variants }) =>
    variants && variants.length > 0
      ? sql`(s.metric_hash = ${md5(metric)} and s.variant_hash = any(${variants.map(md5)}::text[]))`
      : sql`s.metric_hash = ${md5(metric)}`,
  );
  return sql`(${sql.join(parts, sql` or `)})`;
}

/** Groups rows by two keys without losing names such as `__proto__`. */
export function nested<Row, Value>(
  rows: readonly Row[],
  keys: (row: Row) => readonly [string, string],
  value: (row: Row) => Value,
): Record<string, Record<string, Value>> {
  const outer = new Map<string, [string, Value][]>();
  for (const row of rows) {
    const [first, second] = keys(row);
    const inner = outer.get(first) ?? [];
    outer.set(first, inner);
    inner.push([second, value(row)]);
  }
  return Object.fromEntries([...outer].map(([key, entries]) => [key, Object.fromEntries(entries)]));
}
