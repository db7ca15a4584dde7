import type { TaskStatus } from '@ranloop/contracts/tracking';
import { sql, type UpdateObject } from 'kysely';
import { type Core, type Db, transaction } from '../core.ts';
import { wireDate } from '../query/index.ts';
import type { Tables } from '../store/tables.ts';
import { ApiError } from '../wire/errors.ts';
import { changedBy, lockTask } from './edit.ts';

/** Where a task may go without force. Staying where it is is always allowed. */
const TRANSITIONS: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  created: ['queued', 'in_progress'],
  queued: ['created', 'in_progress', 'stopped'],
  in_progress: ['stopped', 'failed', 'created', 'completed'],
  stopped: ['closed', 'created', 'failed', 'queued', 'in_progress', 'published', 'publishing', 'completed'],
  closed: ['created', 'failed', 'published', 'publishing', 'stopped'],
  failed: ['created', 'stopped', 'published', 'queued'],
  publishing: ['published'],
  published: [],
  completed: ['published', 'in_progress', 'created'],
  unknown: [],
};

export interface StatusChange {
  readonly task: string;
  readonly to: TaskStatus;
  readonly user: string;
  readonly force?: boolean | undefined;
  readonly status_reason?: string | undefined;
  readonly status_message?: string | undefined;
  /** Further columns that change in the same stroke. */
  readonly set?: UpdateObject<Tables, 'tasks'>;
}

export interface StatusChanged {
  updated: number;
  fields: Record<string, unknown>;
}

/** Changes the status in one transaction with its effects; the row is locked, so of two callers one sees the other's result. */
export async function changeStatus(core: Core, change: StatusChange): Promise<StatusChanged> {
  const changed = await transaction(core, (trx) => changeStatusIn(trx, change));
  announce(core, change);
  return changed;
}

export function announce(core: Core, { task, to }: { task: string; to: TaskStatus }): void {
  core.changes.send({ kind: 'status', task, status: to });
}

export async function changeStatusIn(db: Db, change: StatusChange): Promise<StatusChanged> {
  const { task, to, user, force, status_reason = '', status_message = '' } = change;
  const row = await lockTask(db, task);
  const from = row.status as TaskStatus;
  if (force !== true && from !== to && !TRANSITIONS[from].includes(to))
    throw new ApiError('taskStatus', { task, current_status: from, new_status: to });
  const now = new Date();
  const tags = to === 'queued' ? row.system_tags.filter((tag) => tag !== 'development') : row.system_tags;
  await db
    .updateTable('tasks')
    .set({
      status: to,
      status_reason,
      status_message,
      status_changed: now,
      system_tags: tags,
      ...changedBy(user),
      ...timesOf(to, now),
      ...change.set,
    })
    .where('id', '=', task)
    .execute();
  await db
    .updateTable('projects')
    .set({ last_update: now })
    .where('id', '=', row.project ?? '')
    .execute();
  return {
    updated: 1,
    fields: { status: to, status_reason, status_message, status_changed: wireDate(now), last_update: wireDate(now) },
  };
}

/** A task that runs keeps its first start under repeated calls; the end of a run says how long it was. */
function timesOf(to: TaskStatus, now: Date): UpdateObject<Tables, 'tasks'> {
  if (to === 'in_progress')
    return {
      started: sql<Date>`case when status = 'in_progress' then coalesce(least(started, ${now}::timestamptz), ${now}) else ${now} end`,
      completed: null,
    };
  if (to === 'stopped' || to === 'failed' || to === 'completed')
    return {
      completed: now,
      active_duration: sql<number>`case when started is null then active_duration
        else extract(epoch from ${now}::timestamptz - started)::bigint end`,
    };
  return to === 'published' ? { published: now } : {};
}
