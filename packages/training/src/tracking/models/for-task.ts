import type { ModelsUpdateForTask } from '@ranloop/contracts/tracking';
import type { Db } from '../core.ts';
import { raiseIteration } from '../store/iterations.ts';
import { ApiError } from '../wire/errors.ts';
import { isObject } from '../wire/parameters.ts';
import { createModel, editModel, lockModel } from './store.ts';

/** Under which name a task of that time kept its one output model. */
const OUTPUT_NAME = 'Output Model';

/** The call by which clients before API 2.13 told what a task made: its last output model, or a new one, or one that exists. */
export async function updateForTask(db: Db, body: ModelsUpdateForTask, user: string) {
  const { task: id, uri, override_model_id, iteration, ...given } = body;
  if (Boolean(uri) === Boolean(override_model_id))
    throw new ApiError('missingFields', { fields: ['uri', 'override_model_id'] }, 'exactly one of them is required');
  const task = await lockMaker(db, id);
  const last = task.models.output.at(-1)?.model;
  const contents = {
    ...given,
    name: given.name ?? task.name,
    comment: given.comment ?? `Created by task \`${task.name}\` (${id})`,
    ...(uri === undefined ? {} : { uri }),
  };
  if (iteration !== undefined) await raiseIteration(db, id, iteration);
  if (!override_model_id && last)
    return { ...(await editModel(db, { ...contents, model: last })), id: last, created: false };
  const model = override_model_id
    ? (await lockModel(db, override_model_id)).id
    : await createModel(db, { ...contents, ...inherited(task), uri: uri ?? '', task: id, ready: false }, user);
  const output = [{ name: OUTPUT_NAME, model, updated: new Date().toISOString() }];
  await db
    .updateTable('tasks')
    .set({ models: JSON.stringify({ ...task.models, output }), last_update: new Date(), last_change: new Date() })
    .where('id', '=', id)
    .execute();
  return { id: model, created: true };
}

async function lockMaker(db: Db, id: string) {
  const task = await db
    .selectFrom('tasks')
    .select(['name', 'status', 'project', 'execution', 'configuration', 'models'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!task) throw new ApiError('invalidTaskId', { id });
  if (task.status !== 'created' && task.status !== 'in_progress')
    throw new ApiError('taskStatus', { id, status: task.status }, 'the task is neither created nor in progress');
  return task;
}

/** What a new model takes from its task. */
function inherited({ project, execution, configuration, models }: Awaited<ReturnType<typeof lockMaker>>) {
  const { framework, model_labels } = execution;
  // Where the description of the network is kept that clients of that time send as execution.model_desc.
  const design = configuration['design']?.value;
  const labels = isObject(model_labels) ? model_labels : {};
  const parent = models.input[0]?.model;
  return {
    ...(project ? { project } : {}),
    ...(parent ? { parent } : {}),
    ...(typeof framework === 'string' ? { framework } : {}),
    ...(design === undefined ? {} : { design }),
    labels: Object.fromEntries(
      Object.entries(labels).filter((pair): pair is [string, number] => Number.isInteger(pair[1])),
    ),
  };
}
