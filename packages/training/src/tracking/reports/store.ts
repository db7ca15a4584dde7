import type { Db } from '../core.ts';
import { ensureProjectWith } from '../projects/index.ts';
import { holdTree } from '../projects/tree.ts';
import { ApiError } from '../wire/errors.ts';

/** Reports are tasks of a type of their own; they lie in hidden projects that come and go with them. */

export const FOLDER = '.reports';
export const REPORT_TAGS = ['reports', 'hidden'];

/** The id of the folder for reports in a project (`''` is the top), made when there is none. */
export async function ensureFolder(db: Db, project: string, user: string): Promise<string> {
  const parts = project.split('/').filter((part) => part.trim() !== '');
  const name = parts.at(-1) === FOLDER ? parts.join('/') : [...parts, FOLDER].join('/');
  return ensureProjectWith(db, { name, user, fresh: { description: 'Reports project', system_tags: REPORT_TAGS } });
}

/** The name of a project that reports are put into; none is the top. */
export async function projectName(db: Db, id: string | undefined): Promise<string> {
  if (!id) return '';
  const found = await db.selectFrom('projects').select(['name', 'public']).where('id', '=', id).executeTakeFirst();
  if (!found) throw new ApiError('invalidProjectId', { id });
  if (found.public) throw new ApiError('noWritePermission', { id });
  return found.name;
}

/** Locks the report for this transaction. Other tasks are refused. */
export async function lockReport(db: Db, id: string) {
  const row = await db
    .selectFrom('tasks')
    .select(['id', 'type', 'status', 'project', 'system_tags', 'public'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw new ApiError('invalidTaskId', { id });
  if (row.public) throw new ApiError('noWritePermission', { id });
  if (row.type !== 'report') throw new ApiError('reportOnly', { id });
  return row;
}

/** Runs what may leave a folder empty. The tree is held first, so that nobody adds to a folder that goes. */
export async function tidyFolder<T>(db: Db, run: () => Promise<{ left: string | null; answer: T }>): Promise<T> {
  await holdTree(db, { alone: true });
  const { left, answer } = await run();
  if (left === null) return answer;
  const folder = db.selectFrom('projects').select('id').where('id', '=', left).where('basename', '=', FOLDER);
  // Whoever puts a report there has it locked until the report can be seen.
  if (!(await folder.forUpdate().executeTakeFirst())) return answer;
  await db
    .deleteFrom('projects')
    .where('id', '=', left)
    .where(({ not, exists, selectFrom }) => not(exists(selectFrom('tasks').select('id').where('project', '=', left))))
    .where(({ not, exists, selectFrom }) => not(exists(selectFrom('models').select('id').where('project', '=', left))))
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('projects as below').select('below.id').where('below.parent', '=', left))),
    )
    .execute();
  return answer;
}
