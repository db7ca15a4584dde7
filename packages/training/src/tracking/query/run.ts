import type { Query } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core, Db } from '../core.ts';
import { compileWhere } from './compile.ts';
import { all } from './conditions.ts';
import type { Entity, Sql } from './entity.ts';
import { compileOrder } from './order.ts';
import { parsePage } from './page.ts';
import { type PageOfIds, pageOfIds, tableOf } from './plan.ts';
import { compileProjection } from './projection.ts';

export type Document = Record<string, unknown>;

export interface QueryOptions {
  /** References as objects, as the `_ex` calls have them. */
  readonly joined?: boolean;
  /** A condition beside those of the request. */
  readonly also?: Sql;
}

/** Runs a request of the query language; documents come out as they go on the wire. */
export async function queryDocuments(
  core: Core,
  { entity, request, options = {} }: { entity: Entity; request: Query; options?: QueryOptions },
): Promise<{ documents: Document[]; scroll_id?: string }> {
  const where = compileWhere(entity, request);
  const order = compileOrder(entity, request);
  const projection = compileProjection(entity, request['projection'] ?? request.only_fields, options.joined ?? false);
  const page = parsePage(request);
  const condition = options.also ? all([where.sql, options.also]) : where.sql;
  const statement = documentsOf(entity, projection.outputs, pageOfIds(entity, { condition, order, page }));
  const { rows } = where.slow
    ? await core.db.transaction().execute(async (trx) => {
        await sql`set local statement_timeout = ${sql.lit(core.config.patternTimeoutMs)}`.execute(trx);
        return statement.execute(trx);
      })
    : await statement.execute(core.db);
  const scroll = page.next(rows.length);
  return {
    documents: rows.map((row) => projection.cut(toDocument(row))),
    ...(scroll === undefined ? {} : { scroll_id: scroll }),
  };
}

/** First the ids of the page, then the documents: what is skipped or sorted is never shown, and showing is what costs. */
function documentsOf(entity: Entity, outputs: Readonly<Record<string, Sql>>, { before, ids }: PageOfIds) {
  return sql<Document>`${before} select ${selectList(outputs)}
    from unnest(${ids}) with ordinality page (id, place) join ${tableOf(entity)} on e.id = page.id order by page.place`;
}

/** One entity by its id, whole or by `only_fields`. */
export async function documentById(db: Db, entity: Entity, id: string): Promise<Document | undefined> {
  const { outputs } = compileProjection(entity, undefined, false);
  const statement = sql<Document>`select ${selectList(outputs)} from ${tableOf(entity)} where e.id = ${id}`;
  const { rows } = await statement.execute(db);
  return rows[0] && toDocument(rows[0]);
}

function selectList(outputs: Readonly<Record<string, Sql>>): Sql {
  return sql.join(
    Object.entries(outputs).map(([field, expression]) => sql`${expression} as ${sql.raw(`"${field}"`)}`),
    sql`, `,
  );
}

/** Nulls are left out: on the wire an absent field is one that is not set. Dates become ISO texts with an offset. */
export function toDocument(row: Document): Document {
  const entries = Object.entries(row).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([key, value]) => [key, value instanceof Date ? wireDate(value) : value]));
}

/** Six decimals and `+00:00`: the form in which Python writes a date. */
export function wireDate(date: Date): string {
  return date.toISOString().replace('Z', '000+00:00');
}
