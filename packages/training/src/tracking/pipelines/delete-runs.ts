import type { Core } from '../core.ts';
import { deleteTask } from '../tasks/remove.ts';
import { ApiError } from '../wire/errors.ts';
import { many } from '../wire/many.ts';

/** Deletes runs of a pipeline with their steps. One run stays, since it is the pipeline; ids of other tasks are left alone. */
export async function deleteRuns(core: Core, { project, ids }: { project: string; ids: string[] }) {
  const rows = await core.db
    .selectFrom('tasks')
    .select('id')
    .where('project', '=', project)
    .where('type', '=', 'controller')
    .execute();
  const asked = new Set(ids);
  const runs = rows.map(({ id }) => id);
  if (runs.every((id) => asked.has(id))) throw new ApiError('allRunsRemoved', { project });
  const chosen = runs.filter((id) => asked.has(id));
  return many(chosen, async (task) => {
    const reason = { status_reason: 'Pipeline run deleted', status_message: '' };
    const body = { task, force: true, delete_output_models: true, include_pipeline_steps: true, ...reason };
    const { deleted, updated_children, updated_models, deleted_models } = await deleteTask(core, body);
    return { deleted, updated_children, updated_models, deleted_models };
  });
}
