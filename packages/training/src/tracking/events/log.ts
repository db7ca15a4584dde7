import { TaskLog } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core, Db } from '../core.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { requireOwner } from './scope.ts';

const DEFAULT_BATCH = 5_000;
const LARGEST_BATCH = 10_000;
/** Bytes of one page: lines may be long, and an answer is held in memory. */
const MOST_BYTES = 33_554_432;
/** Lines of one millisecond that are added to a page so that the next one may begin behind it. */
const MOST_SIMULTANEOUS = 100_000;

interface Line {
  id: number;
  timestamp: number;
  worker: string;
  level: string;
  msg: string;
}

export interface LogPage {
  readonly task: string;
  readonly limit: number;
  readonly earlier: boolean;
  /** Epoch milliseconds, exclusive. */
  readonly from: number | undefined;
}

/** Lines before (or after) a time, in the order of the walk. All lines of the last millisecond are in, so no line is lost between pages. */
export async function readLog(db: Db, { task, limit, earlier, from }: LogPage): Promise<Line[]> {
  const direction = sql.raw(earlier ? 'desc' : 'asc');
  const bound = from === undefined ? sql`true` : sql`ts ${sql.raw(earlier ? '<' : '>')} ${Math.trunc(from)}`;
  const columns = sql`select id, ts as timestamp, worker, level, msg from tracking.logs`;
  const order = sql`timestamp ${direction}, id ${direction}`;
  const { rows } = await sql<Line & { count: number }>`
    select id, timestamp, worker, level, msg, count from (
      select page.*, count(*) over () as count, row_number() over (order by ${order}) as place,
        sum(octet_length(msg)) over (order by ${order}) as bytes
      from (${columns} where task = ${task} and ${bound} order by ts ${direction}, id ${direction} limit ${limit}) page) sized
    where bytes <= ${MOST_BYTES} or place = 1 order by ${order}`.execute(db);
  const last = rows.at(-1);
  // The page ends here by itself: nothing was cut off, by number or by size.
  if (!last || (rows.length === last.count && rows.length < limit)) return rows;
  const rest = await sql<Line>`${columns} where task = ${task} and ts = ${last.timestamp}
    and id ${sql.raw(earlier ? '<' : '>')} ${last.id} order by id ${direction} limit ${MOST_SIMULTANEOUS}`.execute(db);
  return [...rows, ...rest.rows];
}

export function logEndpoints(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'events.get_task_log',
      since: '2.9',
      body: TaskLog,
      run: async ({ task, batch_size = DEFAULT_BATCH, navigate_earlier = true, from_timestamp, order }) => {
        await requireOwner(core.db, task, false);
        const limit = Math.min(batch_size, LARGEST_BATCH);
        const lines = await readLog(core.db, { task, limit, earlier: navigate_earlier, from: from_timestamp });
        if (order !== undefined && navigate_earlier === (order === 'asc')) lines.reverse();
        const events = lines.map(({ timestamp, worker, level, msg }) => ({
          type: 'log',
          task,
          metric: '',
          variant: '',
          timestamp,
          worker,
          level,
          msg,
        }));
        const counter = core.db.selectFrom('tasks').select('log_lines').where('id', '=', task);
        const total = (await counter.executeTakeFirst())?.log_lines ?? 0;
        return { events, returned: events.length, total };
      },
    }),
  ];
}
