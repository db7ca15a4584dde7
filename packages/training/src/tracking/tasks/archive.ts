import { type Core, type Db, transaction } from '../core.ts';
import { removeEntries } from '../queues/entries.ts';
import { setTags } from '../store/tags.ts';
import { lockTasks, type TaskRow } from './edit.ts';
import { changeStatusIn } from './status.ts';
import { pipelineSteps } from './steps.ts';

interface Archive {
  readonly tasks: readonly string[];
  readonly user: string;
  readonly include_pipeline_steps?: boolean | undefined;
  readonly status_reason?: string | undefined;
  readonly status_message?: string | undefined;
}

/** Archives all of the tasks or none. An archived task neither waits nor runs. */
export function archiveTasks(core: Core, archive: Archive): Promise<void> {
  return tag(core, archive, async (trx, row, reasons) => {
    const left = await removeEntries(trx, row.id);
    const change = { task: row.id, user: archive.user, ...reasons };
    if (row.status === 'in_progress') await changeStatusIn(trx, { ...change, to: 'stopped' });
    else if (row.status === 'queued' || left.length > 0)
      await changeStatusIn(trx, { ...change, to: 'created', force: true });
    await setTags(trx, { table: 'tasks', column: 'system_tags', ids: [row.id], add: ['archived'], remove: [] });
  });
}

export function unarchiveTasks(core: Core, archive: Archive): Promise<void> {
  return tag(core, archive, async (trx, row) => {
    await setTags(trx, { table: 'tasks', column: 'system_tags', ids: [row.id], add: [], remove: ['archived'] });
  });
}

interface Reasons {
  readonly status_reason: string;
  readonly status_message: string;
}

async function tag(
  core: Core,
  { tasks, user, include_pipeline_steps, status_reason = '', status_message = '' }: Archive,
  change: (trx: Db, row: TaskRow, reasons: Reasons) => Promise<void>,
): Promise<void> {
  const reasons = { status_reason, status_message };
  const changed = await transaction(core, async (trx) => {
    const steps = include_pipeline_steps ? await pipelineSteps(trx, tasks) : [];
    const rows = await lockTasks(trx, [...tasks, ...steps]);
    for (const row of rows) {
      await change(trx, row, reasons);
      await trx
        .updateTable('tasks')
        .set({ ...reasons, last_changed_by: user })
        .where('id', '=', row.id)
        .execute();
    }
    return rows.map(({ id }) => id);
  });
  for (const task of changed) core.changes.send({ kind: 'task', task });
}
