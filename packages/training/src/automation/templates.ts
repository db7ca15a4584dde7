import type { Task } from '@ranloop/contracts/tracking';
import type { Session } from '@ranloop/sdk/session';
import { createTask, findProject, getQueueId } from '@ranloop/sdk/tracking';
import type { AutomationConfig } from './config.ts';

/** A task runs a recipe when its script says so in this way; the agent reads the same words. */
const RECIPE_REPOSITORY = 'ranloop:recipes';

/**
 * Makes the template task of each recipe, and the queues, unless they are there. A template is an ordinary task that
 * nobody runs: what people change in its parameters holds for the runs that follow.
 */
export async function ensureTemplates(
  session: Session,
  config: AutomationConfig,
): Promise<ReadonlyMap<string, string>> {
  const steps = config.pipelines.flatMap((pipeline) => pipeline.steps);
  for (const queue of new Set(steps.map((step) => step.queue))) await getQueueId(session, queue, { create: true });
  const project = await findProject(session, config.templateProject);
  const templates = new Map(project ? await existing(session, project) : []);
  for (const { recipe, type } of steps) {
    if (templates.has(recipe)) continue;
    const task = await createTask(session, {
      name: recipe,
      project: config.templateProject,
      type,
      comment: `Template of the recipe "${recipe}": clone it, set its parameters, and put it into a queue.`,
      tags: ['template'],
      script: { repository: RECIPE_REPOSITORY, entry_point: recipe, binary: 'node', working_dir: '.' },
    });
    await task.close();
    templates.set(recipe, task.id);
  }
  return templates;
}

async function existing(session: Session, project: string): Promise<[string, string][]> {
  const { tasks } = await session.call<{ tasks: Task[] }>('tasks.get_all', {
    project: [project],
    tags: ['template'],
    system_tags: ['-archived'],
    only_fields: ['id', 'script.entry_point', 'script.repository'],
    order_by: ['created'],
    page: 0,
    page_size: 500,
  });
  return tasks
    .filter(({ script }) => script?.repository === RECIPE_REPOSITORY)
    .map(({ id, script }) => [script?.entry_point ?? '', id]);
}
