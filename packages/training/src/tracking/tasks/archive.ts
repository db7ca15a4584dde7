import { type Core, transaction } from '../core.ts';
import { removeEntries } from '../queues/entries.ts';
import { setTags } from '../store/tags.ts';
import { lockTask } from './edit.ts';
import { changeStatusIn } from './status.ts';

interface Archive {
  readonly user: string;
  readonly status_reason?: string | undefined;
  readonly status_message?: string | undefined;
}

/** An archived task neither waits nor runs. */
export async function archiveTask(
  core: Core,
  task: string,
  { user, ...reasons }: Archive,
): Promise<{ archived: true }> {
  await transaction(core, async (trx) => {
    const { status } = await lockTask(trx, task);
    const left = await removeEntries(trx, task);
    if (status === 'in_progress') await changeStatusIn(trx, { task, to: 'stopped', user, ...reasons });
    else if (status === 'queued' || left.length > 0)
      await changeStatusIn(trx, { task, to: 'created', user, ...reasons, force: true });
    await setTags(trx, { table: 'tasks', column: 'system_tags', ids: [task], add: ['archived'], remove: [] });
  });
  core.changes.send({ kind: 'task', task });
  return { archived: true };
}

export async function unarchiveTask(core: Core, task: string): Promise<{ unarchived: true }> {
  await transaction(core, async (trx) => {
    await lockTask(trx, task);
    await setTags(trx, { table: 'tasks', column: 'system_tags', ids: [task], add: [], remove: ['archived'] });
  });
  core.changes.send({ kind: 'task', task });
  return { unarchived: true };
}
