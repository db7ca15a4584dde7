import type { ReportsCreate, ReportsUpdate } from '@ranloop/contracts/tracking';
import { sql, type Updateable } from 'kysely';
import { recordFiles } from '../cleanup/index.ts';
import { type Core, transaction } from '../core.ts';
import { removeEvents } from '../events/write.ts';
import type { TasksTable } from '../store/tables.ts';
import { tagList } from '../store/tags.ts';
import { createTask, taskName } from '../tasks/create.ts';
import { ApiError } from '../wire/errors.ts';
import { ensureFolder, lockReport, projectName, REPORT_TAGS, tidyFolder } from './store.ts';

export async function createReport(core: Core, body: ReportsCreate, user: string) {
  const made = await transaction(core, async (trx) => {
    const project = await ensureFolder(trx, await projectName(trx, body.project), user);
    const { name, comment, tags, report = '', report_assets = [] } = body;
    const task = {
      name,
      type: 'report' as const,
      project,
      system_tags: REPORT_TAGS,
      ...(comment === undefined ? {} : { comment }),
      ...(tags === undefined ? {} : { tags: tagList(tags) }),
    };
    const id = await createTask(trx, task, user);
    await trx.updateTable('tasks').set({ report, report_assets }).where('id', '=', id).execute();
    return { id, project_id: project };
  });
  core.changes.send({ kind: 'task', task: made.id });
  return made;
}

/** What may change when a report is published. */
const ALWAYS = new Set(['name', 'tags', 'comment']);
const MOST_SHOWN = 100;

export async function updateReport(core: Core, { task, ...given }: ReportsUpdate, user: string) {
  const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (Object.keys(fields).length === 0) return { updated: 0 };
  const always = Object.keys(fields).every((key) => ALWAYS.has(key));
  const now = new Date();
  const { name, tags, comment, report, report_assets } = given;
  const set: Updateable<TasksTable> = {
    ...(name === undefined ? {} : { name: taskName(name) }),
    ...(tags === undefined ? {} : { tags: tagList(tags) }),
    ...(comment === undefined ? {} : { comment }),
    ...(report === undefined ? {} : { report }),
    ...(report_assets === undefined ? {} : { report_assets }),
    last_change: now,
    last_changed_by: user,
    ...(always ? {} : { last_update: now }),
  };
  await transaction(core, async (trx) => {
    const { status } = await lockReport(trx, task);
    if (status !== 'created' && !always) throw new ApiError('taskStatus', { expected: 'created', status });
    await trx.updateTable('tasks').set(set).where('id', '=', task).execute();
  });
  core.changes.send({ kind: 'task', task });
  return { updated: 1, fields: { ...fields, ...(report === undefined ? {} : { report: shortened(report) }) } };
}

/** The text itself is the client's already. */
function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MOST_SHOWN ? `${line.slice(0, MOST_SHOWN - 5).trimEnd()}[...]` : line;
}

interface Move {
  readonly task: string;
  readonly project?: string;
  readonly project_name?: string;
}

/** Moves a report into the folder of another project; a folder that is empty then goes. */
export async function moveReport(core: Core, { task, project, project_name }: Move, user: string) {
  const project_id = await transaction(core, (trx) =>
    tidyFolder(trx, async () => {
      const row = await lockReport(trx, task);
      const target = await ensureFolder(trx, project_name || (await projectName(trx, project)), user);
      const now = new Date();
      await trx
        .updateTable('tasks')
        .set({ project: target, last_change: now, last_changed_by: user })
        .where('id', '=', task)
        .execute();
      return { left: row.project === target ? null : row.project, answer: target };
    }),
  );
  core.changes.send({ kind: 'task', task });
  return { project_id };
}

export async function archiveReport(
  core: Core,
  { task, note = '', archived, user }: { task: string; note: string | undefined; archived: boolean; user: string },
) {
  await transaction(core, async (trx) => {
    await lockReport(trx, task);
    const without = sql<string[]>`array_remove(system_tags, 'archived')`;
    await trx
      .updateTable('tasks')
      .set({
        system_tags: archived ? sql<string[]>`${without} || '{archived}'` : without,
        status_message: note,
        status_reason: '',
        last_change: new Date(),
        last_changed_by: user,
      })
      .where('id', '=', task)
      .execute();
  });
  core.changes.send({ kind: 'task', task });
}

/** A published report goes only when it is archived, or by force. */
export async function deleteReport(core: Core, { task, force }: { task: string; force?: boolean }) {
  await transaction(core, (trx) =>
    tidyFolder(trx, async () => {
      const { status, system_tags, project } = await lockReport(trx, task);
      if (status !== 'created' && !system_tags.includes('archived') && force !== true)
        throw new ApiError('taskUndeletable', { task, expected: 'created', current: status }, 'use force=true');
      await recordFiles(core, trx, { tasks: [task] });
      await removeEvents(trx, task);
      await sql`update tracking.tasks set parent = null where parent = ${task}`.execute(trx);
      await trx.deleteFrom('tasks').where('id', '=', task).execute();
      return { left: project, answer: undefined };
    }),
  );
  core.changes.send({ kind: 'task', task });
  return { deleted: 1 };
}
