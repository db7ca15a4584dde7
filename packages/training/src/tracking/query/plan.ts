import { sql } from 'kysely';
import type { Entity, Sql } from './entity.ts';
import type { Order } from './order.ts';
import type { Page } from './page.ts';

/** The ids of one page, in order. */
export interface PageOfIds {
  /** What the statement begins with. */
  readonly before: Sql;
  /** An array of ids. */
  readonly ids: Sql;
}

interface Wanted {
  readonly condition: Sql;
  readonly order: Order;
  readonly page: Pick<Page, 'limit' | 'offset'>;
}

/** The rows of an entity, called `e`. */
export const tableOf = (entity: Entity): Sql => sql.raw(`tracking.${entity.table} e`);

export function pageOfIds(entity: Entity, { condition, order, page }: Wanted): PageOfIds {
  const { limit, offset } = page;
  if (order.driven) return drivenPage(entity, { condition, driven: order.driven, page });
  const ids = sql`array(select e.id from ${tableOf(entity)} where ${condition} order by ${order.by} limit ${limit} offset ${offset})`;
  return { before: sql``, ids };
}

/**
 * A page ordered by a field in a side table. A left join could not use the table's index for the order. So the entities that
 * have a row are taken from an inner join, in the order of the index, and only what the page still lacks from the others.
 */
function drivenPage(
  entity: Entity,
  { condition, driven, page }: Pick<Wanted, 'condition' | 'page'> & { driven: NonNullable<Order['driven']> },
): PageOfIds {
  const { side, by, rest } = driven;
  const { limit, offset } = page;
  const owner = sql.raw(side.owner);
  const from = sql.raw(side.from);
  const known = sql`from ${from} join ${tableOf(entity)} on e.id = ${owner} where ${side.match} and ${condition}`;
  const others = sql`from ${tableOf(entity)} where ${condition}
    and not exists (select from ${from} where ${owner} = e.id and ${side.match})`;
  const skipped = sql`select case when cardinality(ids) > 0 or ${offset}::bigint = 0 then 0
    else ${offset}::bigint - (select count(*) ${known}) end from known`;
  const before = sql`with known as materialized (
      select array(select e.id ${known} order by ${by} limit ${limit} offset ${offset}) as ids),
    others as materialized (
      select array(select e.id ${others} order by ${rest}
        limit (select ${limit}::bigint - cardinality(ids) from known) offset (${skipped})) as ids)`;
  return { before, ids: sql`(select known.ids || others.ids from known, others)` };
}
