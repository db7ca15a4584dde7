import type { TasksClone } from '@ranloop/contracts/tracking';
import { type Core, type Db, transaction } from '../core.ts';
import { ensureProject, touchProject } from '../projects/index.ts';
import { ApiError } from '../wire/errors.ts';
import * as contents from './contents.ts';
import { blankTask, requireModels, requireReferences, taskName, unique } from './create.ts';
import { type Contents, fromLegacy, type Held } from './legacy.ts';

/** Tags that say what one run is, and so do not pass to a copy. */
const OWN_TAGS = new Set(['development', 'archived']);

const withoutOwn = (tags: readonly string[]) => tags.filter((tag) => !OWN_TAGS.has(tag));

export async function cloneTask(core: Core, body: TasksClone, user: string) {
  const answer = await transaction(core, (trx) => cloneIn(trx, body, user));
  core.changes.send({ kind: 'task', task: answer.id });
  return answer;
}

/** What the caller wants otherwise than the source has it; older clients say it in `execution`. */
function overridden(body: TasksClone, source: Held) {
  const { new_task_container, new_task_input_models } = body;
  const { new_task_hyperparams = body.new_hyperparams, new_task_configuration = body.new_configuration } = body;
  const given = {
    ...(body.execution_overrides ? { execution: body.execution_overrides } : {}),
    ...(new_task_hyperparams ? { hyperparams: new_task_hyperparams } : {}),
    ...(new_task_configuration ? { configuration: new_task_configuration } : {}),
    ...(new_task_container ? { container: new_task_container } : {}),
    ...(new_task_input_models ? { models: { input: new_task_input_models } } : {}),
  };
  return fromLegacy<Contents>(given, source);
}

/** A new task with the source's script and parameters, and nothing of its results. */
export async function cloneIn(db: Db, body: TasksClone, user: string) {
  const source = await db.selectFrom('tasks').selectAll().where('id', '=', body.task).executeTakeFirst();
  if (!source) throw new ApiError('invalidTaskId', { id: body.task });
  const named = body.new_project_name ? await ensureProject(db, body.new_project_name, user) : undefined;
  const project = named ?? (body.new_task_project || source.project);
  const changed = overridden(body, source);
  const { artifacts, ...overrides } = contents.present(changed.execution ?? {});
  const { queue: _queue, ...execution } = source.execution;
  const inputs = source.artifacts.filter(({ mode }) => mode === 'input');
  const inputModels = changed.models
    ? contents.modelItems(changed.models['input'], 'new_task_input_models')
    : source.models.input;
  const task = {
    ...blankTask(user),
    name: taskName(body.new_task_name ?? source.name),
    type: source.type,
    comment: body.new_task_comment ?? source.comment,
    project,
    parent: body.new_task_parent || source.parent || source.id,
    tags: unique(body.new_task_tags ?? source.tags),
    system_tags: withoutOwn(unique(body.new_task_system_tags ?? source.system_tags)),
    script: JSON.stringify(source.script),
    execution: JSON.stringify({ ...execution, ...overrides }),
    artifacts: JSON.stringify(artifacts === undefined ? inputs : contents.artifacts(artifacts)),
    output: JSON.stringify(source.output['destination'] ? { destination: source.output['destination'] } : {}),
    container: JSON.stringify(changed.container ? contents.present(changed.container) : source.container),
    hyperparams: JSON.stringify(changed.hyperparams ? contents.hyperparams(changed.hyperparams) : source.hyperparams),
    configuration: JSON.stringify(
      changed.configuration ? contents.configuration(changed.configuration) : source.configuration,
    ),
    models: JSON.stringify({ input: inputModels, output: [] }),
  };
  const check = body.validate_references === true;
  await requireReferences(db, {
    ...(check || project !== source.project ? { project } : {}),
    ...(check || body.new_task_parent ? { parent: task.parent } : {}),
  });
  // A model may have gone since the source was made; one that the caller names must be there.
  if (check || body.new_task_input_models || body.execution_overrides?.['model'])
    await requireModels(db, [...new Set(inputModels.map(({ model }) => model))]);
  await db.insertInto('tasks').values(task).execute();
  await touchProject(db, project);
  return { id: task.id, ...(named ? { new_project: { id: named, name: body.new_project_name } } : {}) };
}
