import type { TasksStop } from '@ranloop/contracts/tracking';
import { type Core, transaction } from '../core.ts';
import { wireDate } from '../query/index.ts';
import { removeEntries } from '../queues/entries.ts';
import { changedBy, lockTask } from './edit.ts';
import { announce, changeStatusIn, type StatusChanged } from './status.ts';
import { withSteps } from './steps.ts';

/** A worker that reported within this time is expected to stop the task by itself. */
const FRESH_MS = 600_000;
const STOPPING = 'stopping';

/**
 * Asks a running task to stop: its worker sees the message, ends the work and reports. A task that no worker runs is
 * stopped here and now.
 */
export function stopTask(core: Core, body: TasksStop, user: string): Promise<StatusChanged> {
  const { task, include_pipeline_steps: include, ...rest } = body;
  return withSteps(core.db, { task, include }, (id) => stopOne(core, { ...rest, task: id }, user));
}

async function stopOne(core: Core, body: TasksStop, user: string): Promise<StatusChanged> {
  const { task, force, status_reason = '', status_message = `Stopped by ${user}` } = body;
  const answer = await transaction(core, async (trx) => {
    const row = await lockTask(trx, task);
    const report = await trx
      .selectFrom('tasks')
      .select('last_worker_report as at')
      .where('id', '=', task)
      .where('last_worker', 'is not', null)
      .executeTakeFirst();
    const fresh = report?.at !== undefined && report.at !== null && Date.now() - report.at.getTime() < FRESH_MS;
    const graceful = row.status === 'in_progress' && !row.system_tags.includes('development') && fresh;
    if (!graceful) {
      await removeEntries(trx, task);
      return changeStatusIn(trx, { task, to: 'stopped', user, force, status_reason, status_message });
    }
    const moved = changedBy(user);
    const fields = { status: row.status, status_reason, status_message: STOPPING };
    await trx
      .updateTable('tasks')
      .set({ ...moved, status_reason, status_message: STOPPING })
      .where('id', '=', task)
      .execute();
    return { updated: 1, fields: { ...fields, last_update: wireDate(moved.last_update) } };
  });
  announce(core, { task, to: answer.fields['status'] === 'in_progress' ? 'in_progress' : 'stopped' });
  return answer;
}
