import type { TasksClone } from '@ranloop/contracts/tracking';
import { type Core, type Db, transaction } from '../core.ts';
import { ensureProject, touchProject } from '../projects/index.ts';
import { ApiError } from '../wire/errors.ts';
import * as contents from './contents.ts';
import { blankTask, requireReferences, taskName, unique } from './create.ts';

/** Tags that say what one run is, and so do not pass to a copy. */
const OWN_TAGS = new Set(['development', 'archived']);

const withoutOwn = (tags: readonly string[]) => tags.filter((tag) => !OWN_TAGS.has(tag));

export async function cloneTask(core: Core, body: TasksClone, user: string) {
  const answer = await transaction(core, (trx) => cloneIn(trx, body, user));
  core.changes.send({ kind: 'task', task: answer.id });
  return answer;
}

/** A new task with the source's script and parameters, and nothing of its results. */
export async function cloneIn(db: Db, body: TasksClone, user: string) {
  const source = await db.selectFrom('tasks').selectAll().where('id', '=', body.task).executeTakeFirst();
  if (!source) throw new ApiError('invalidTaskId', { id: body.task });
  const named = body.new_project_name ? await ensureProject(db, body.new_project_name, user) : undefined;
  const project = named ?? (body.new_task_project || source.project);
  const { artifacts, ...overrides } = contents.present(body.execution_overrides ?? {});
  const { queue: _queue, ...execution } = source.execution;
  const inputs = source.artifacts.filter(({ mode }) => mode === 'input');
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
    container: JSON.stringify(body.new_task_container ? contents.present(body.new_task_container) : source.container),
    hyperparams: JSON.stringify(
      body.new_task_hyperparams ? contents.hyperparams(body.new_task_hyperparams) : source.hyperparams,
    ),
    configuration: JSON.stringify(
      body.new_task_configuration ? contents.configuration(body.new_task_configuration) : source.configuration,
    ),
    models: JSON.stringify({
      input: body.new_task_input_models
        ? contents.modelItems(body.new_task_input_models, 'new_task_input_models')
        : source.models.input,
      output: [],
    }),
  };
  await requireReferences(db, { project: task.project, ...(body.new_task_parent ? { parent: task.parent } : {}) });
  await db.insertInto('tasks').values(task).execute();
  await touchProject(db, project);
  return { id: task.id, ...(named ? { new_project: { id: named, name: body.new_project_name } } : {}) };
}
