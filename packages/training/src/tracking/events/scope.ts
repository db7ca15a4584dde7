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
async function owners(
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

/** All of them, in the order asked for; refused when one is missing. */
export async function requireOwners(
  db: Db,
  ids: readonly string[],
  ofModel: boolean | undefined,
): Promise<{ id: string; name: string }[]> {
  const found = await owners(db, ids, ofModel);
  const known = new Set(found.map(({ id }) => id));
  const missing = [...new Set(ids)].filter((id) => !known.has(id));
  if (missing.length > 0) throw new ApiError(ofModel ? 'invalidModelId' : 'invalidTaskId', { ids: missing });
  return found;
}

/** Locks a task whose events are about to go; refused when it is published, unless that is allowed. */
export async function lockTask(trx: Db, id: string, allowLocked: boolean | undefined): Promise<void> {
  const found = await trx.selectFrom('tasks').select('status').where('id', '=', id).forUpdate().executeTakeFirst();
  if (!found) throw new ApiError('invalidTaskId', { id });
  const published = found.status === 'published' || found.status === 'publishing';
  if (published && !allowLocked)
    throw new ApiError('invalidTaskId', { id }, 'events of a published task cannot be changed');
}

export async function lockModel(trx: Db, id: string, allowLocked: boolean | undefined): Promise<void> {
  const found = await trx.selectFrom('models').select('ready').where('id', '=', id).forUpdate().executeTakeFirst();
  if (!found) throw new ApiError('invalidModelId', { id });
  if (found.ready && !allowLocked)
    throw new ApiError('invalidModelId', { id }, 'events of a published model cannot be changed');
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
