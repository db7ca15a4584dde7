import type { MetricVariants } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Db } from '../core.ts';
import type { Sql } from '../query/entity.ts';
import { md5 } from '../store/ids.ts';

/** Bytes of one page: lines may be long, and an answer is held in memory. */
const MOST_BYTES = 33_554_432;
/** Lines of one millisecond that are added to a page so that the next one may begin behind it. */
const MOST_SIMULTANEOUS = 100_000;

export interface Line {
  id: number;
  timestamp: number;
  worker: string;
  level: string;
  msg: string;
  metric: string;
  variant: string;
  iter: number | null;
}

export interface LogPage {
  readonly task: string;
  readonly limit: number;
  readonly earlier: boolean;
  readonly metrics?: readonly MetricVariants[] | undefined;
  /** Epoch milliseconds, exclusive. */
  readonly from?: number | undefined;
  /** The time and number of the line behind which to begin. */
  readonly after?: readonly [number, number] | undefined;
}

const COLUMNS = sql`select id, ts as timestamp, worker, level, msg, metric, variant, iter from tracking.logs l`;

/** A condition over rows `l` of the log. Hardly any line names a metric; those that do have an index of their own. */
function lineCondition(metrics: readonly MetricVariants[] | undefined): Sql {
  if (!metrics || metrics.length === 0) return sql`true`;
  const parts = metrics.map(({ metric, variants }) => {
    const named = metric === '' ? sql`l.metric = ''` : sql`(l.metric <> '' and md5(l.metric) = ${md5(metric)})`;
    return variants && variants.length > 0 ? sql`(${named} and l.variant = any(${variants}::text[]))` : named;
  });
  return sql`(${sql.join(parts, sql` or `)})`;
}

/** As many lines as fit one answer, in the order of the walk, each page behind the last line of the one before. */
export async function linesAfter(db: Db, page: LogPage): Promise<Line[]> {
  return (await linesOf(db, page)).lines;
}

/** Lines before (or after) a time. All lines of the last millisecond are in, so that no line is lost between pages. */
export async function linesByTime(db: Db, page: LogPage): Promise<Line[]> {
  const { lines, cut } = await linesOf(db, page);
  const last = lines.at(-1);
  if (!last || !cut) return lines;
  const direction = sql.raw(page.earlier ? 'desc' : 'asc');
  const { rows } = await sql<Line>`${COLUMNS} where task = ${page.task} and ts = ${last.timestamp}
    and ${lineCondition(page.metrics)} and id ${sql.raw(page.earlier ? '<' : '>')} ${last.id}
    order by id ${direction} limit ${MOST_SIMULTANEOUS}`.execute(db);
  return [...lines, ...rows];
}

/** `cut`: there may be more, by number or by size. */
async function linesOf(
  db: Db,
  { task, limit, earlier, metrics, from, after }: LogPage,
): Promise<{ lines: Line[]; cut: boolean }> {
  const direction = sql.raw(earlier ? 'desc' : 'asc');
  const beyond = sql.raw(earlier ? '<' : '>');
  const time = from === undefined ? sql`true` : sql`ts ${beyond} ${bounded(from)}::bigint`;
  const place = after ? sql`(ts, id) ${beyond} (${after[0]}::bigint, ${after[1]}::bigint)` : sql`true`;
  const order = sql`timestamp ${direction}, id ${direction}`;
  const { rows } = await sql<Line & { count: number }>`
    select id, timestamp, worker, level, msg, metric, variant, iter, count from (
      select page.*, count(*) over () as count, row_number() over (order by ${order}) as place,
        sum(octet_length(msg) + octet_length(metric) + octet_length(variant) + octet_length(worker)) over (order by ${order}) as bytes
      from (${COLUMNS} where task = ${task} and ${time} and ${place} and ${lineCondition(metrics)}
        order by ts ${direction}, id ${direction} limit ${limit}) page) sized
    where bytes <= ${MOST_BYTES} or place = 1 order by ${order}`.execute(db);
  const cut = rows.length === limit || rows.length < (rows[0]?.count ?? 0);
  return { lines: rows.map(({ count: _count, ...line }) => line), cut };
}

/** Times beyond those that a date can have exclude all lines or none. */
function bounded(ms: number): number {
  return Math.max(-9e15, Math.min(9e15, Math.trunc(ms)));
}

export async function countLines(db: Db, task: string, metrics?: readonly MetricVariants[]): Promise<number> {
  if (!metrics || metrics.length === 0) {
    const counter = db.selectFrom('tasks').select('log_lines').where('id', '=', task);
    return (await counter.executeTakeFirst())?.log_lines ?? 0;
  }
  const { rows } = await sql<{ count: number }>`select count(*) as count from tracking.logs l
    where task = ${task} and ${lineCondition(metrics)}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** A line as it goes on the wire. */
export function toLogEvent(task: string, { id: _id, iter, ...line }: Line): Record<string, unknown> {
  return { type: 'log', task, ...line, ...(iter === null ? {} : { iter }) };
}
