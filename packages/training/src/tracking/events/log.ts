import { ClearTaskLog, LegacyTaskLog, TaskLog } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Static } from 'typebox';
import { type Core, transaction } from '../core.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { cursorNumber, cursorNumbers, readCursor, writeCursor } from './cursor.ts';
import { downloadEndpoint } from './log-download.ts';
import { countLines, linesAfter, linesByTime, toLogEvent } from './log-lines.ts';
import { lockTask, requireOwner } from './scope.ts';

const DEFAULT_BATCH = 5_000;
const LEGACY_BATCH = 500;
const LARGEST_BATCH = 10_000;

export function logEndpoints(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'events.get_task_log',
      since: '2.9',
      body: TaskLog,
      run: async ({ task, batch_size = DEFAULT_BATCH, navigate_earlier = true, from_timestamp, order, metrics }) => {
        await requireOwner(core.db, task, false);
        const limit = Math.min(batch_size, LARGEST_BATCH);
        const page = { task, limit, earlier: navigate_earlier, from: from_timestamp, metrics };
        const lines = await linesByTime(core.db, page);
        if (order !== undefined && navigate_earlier === (order === 'asc')) lines.reverse();
        const events = lines.map((line) => toLogEvent(task, line));
        return { events, returned: events.length, total: await countLines(core.db, task, metrics) };
      },
    }),
    // The oldest walks in the order asked for; the next one from the head or the tail, and turns each page around.
    legacy(core, '1.5', ({ order = 'desc' }) => ({ earlier: order === 'desc', turned: false })),
    legacy(core, '1.7', ({ order = 'desc', from = 'head' }) => {
      const earlier = from !== 'head';
      return { earlier, turned: earlier !== (order === 'desc') };
    }),
    downloadEndpoint(core),
    endpoint({
      name: 'events.clear_task_log',
      since: '2.19',
      body: ClearTaskLog,
      run: (body) => clear(core, body),
    }),
  ];
}

type LegacyBody = Static<typeof LegacyTaskLog>;

function legacy(
  core: Core,
  since: string,
  course: (body: LegacyBody) => { earlier: boolean; turned: boolean },
): Endpoint {
  return endpoint({
    name: 'events.get_task_log',
    since,
    body: LegacyTaskLog,
    run: async (body) => {
      const { task, batch_size = LEGACY_BATCH, scroll_id } = body;
      await requireOwner(core.db, task, false);
      const state = scroll_id ? readCursor(scroll_id) : undefined;
      const [ts = 0, id = 0] = state ? cursorNumbers(state, 'after', 2) : [];
      // A walk that was begun keeps its direction and the size of its pages.
      const limit = Math.min(state ? cursorNumber(state, 'limit') : batch_size, LARGEST_BATCH);
      const { turned, ...begun } = course(body);
      const earlier = state ? state['earlier'] === true : begun.earlier;
      const lines = await linesAfter(core.db, { task, limit, earlier, after: state && [ts, id] });
      const last = lines.at(-1);
      const after = last ? [last.timestamp, last.id] : [ts, id];
      const next = last || state ? writeCursor({ after, limit, earlier }) : null;
      if (turned) lines.reverse();
      const events = lines.map((line) => toLogEvent(task, line));
      return { events, returned: events.length, total: await countLines(core.db, task), scroll_id: next };
    },
  });
}

type ClearBody = Static<typeof ClearTaskLog>;

/** Removes lines older than the threshold, all of them without one; only (or all but) those of some metrics. */
function clear(core: Core, body: ClearBody): Promise<{ deleted: number }> {
  const { task, threshold_sec, include_metrics = [], exclude_metrics = [], allow_locked } = body;
  return transaction(core, async (trx) => {
    await lockTask(trx, task, allow_locked);
    const old = threshold_sec ? sql`ts < ${Date.now() - threshold_sec * 1_000}` : sql`true`;
    const included = include_metrics.length > 0 ? sql`metric = any(${include_metrics}::text[])` : sql`true`;
    const { numAffectedRows } = await sql`delete from tracking.logs where task = ${task} and ${old} and ${included}
      and not metric = any(${exclude_metrics}::text[])`.execute(trx);
    const deleted = Number(numAffectedRows ?? 0n);
    await sql`update tracking.tasks set log_lines = greatest(0, log_lines - ${deleted}::bigint) where id = ${task}`.execute(
      trx,
    );
    return { deleted };
  });
}
