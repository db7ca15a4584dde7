import { type HyperParam, type Model, type Project, type Queue, type Task, track } from './tracking.ts';

const LIST_FIELDS = [
  'id',
  'name',
  'type',
  'status',
  'status_message',
  'project.name',
  'user.name',
  'started',
  'completed',
  'created',
  'last_update',
  'active_duration',
  'last_iteration',
  'tags',
  'system_tags',
  'last_metrics',
];

export interface TaskListQuery {
  project?: string | undefined;
  status?: readonly string[] | undefined;
  text?: string | undefined;
  orderBy: string;
  page: number;
  pageSize: number;
}

/** A page of tasks; one more than a page is asked for, which tells whether there is a next one. */
export async function listTasks(query: TaskListQuery, signal?: AbortSignal): Promise<{ tasks: Task[]; more: boolean }> {
  const { tasks } = await track<{ tasks: Task[] }>(
    'tasks.get_all_ex',
    {
      only_fields: LIST_FIELDS,
      order_by: [query.orderBy],
      page: query.page,
      page_size: query.pageSize,
      system_tags: ['-archived'],
      ...(query.project ? { project: [query.project] } : {}),
      ...(query.status?.length ? { status: query.status } : {}),
      ...(query.text ? { _any_: { fields: ['name', 'id', 'comment'], pattern: escapePattern(query.text) } } : {}),
    },
    signal,
  );
  return { tasks, more: tasks.length === query.pageSize };
}

/** The API takes a regular expression; what a user types is text. */
export const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Names of what is referred to come only when they are asked for, so the fields of the detail pages are listed too. */
const DETAIL_FIELDS = [
  ...LIST_FIELDS,
  'status_reason',
  'comment',
  'parent.name',
  'last_worker',
  'hyperparams',
  'configuration',
  'execution',
  'models',
  'script',
  'output',
  'runtime',
];

export async function getTask(task: string, signal?: AbortSignal): Promise<Task> {
  const { tasks } = await track<{ tasks: Task[] }>(
    'tasks.get_all_ex',
    { id: [task], search_hidden: true, only_fields: DETAIL_FIELDS },
    signal,
  );
  const [found] = tasks;
  if (found) return found;
  // Answers with the error of the API when the id is not known.
  return (await track<{ task: Task }>('tasks.get_by_id', { task }, signal)).task;
}

export async function listProjects(signal?: AbortSignal): Promise<Project[]> {
  const { projects } = await track<{ projects: Project[] }>(
    'projects.get_all',
    { only_fields: ['id', 'name'], order_by: ['name'], page: 0, page_size: 500 },
    signal,
  );
  return projects;
}

export async function listQueues(signal?: AbortSignal): Promise<Queue[]> {
  const { queues } = await track<{ queues: Queue[] }>(
    'queues.get_all',
    { only_fields: ['id', 'name'], page: 0, page_size: 200 },
    signal,
  );
  return queues;
}

export async function getModels(ids: readonly string[], signal?: AbortSignal): Promise<Model[]> {
  if (ids.length === 0) return [];
  const { models } = await track<{ models: Model[] }>('models.get_all', { id: ids, page: 0, page_size: 200 }, signal);
  return models;
}

export const cloneTask = (task: string, name: string) =>
  track<{ id: string }>('tasks.clone', { task, new_task_name: name });
export const enqueueTask = (task: string, queue: string) => track('tasks.enqueue', { task, queue });
export const dequeueTask = (task: string) => track('tasks.dequeue', { task });
export const stopTask = (task: string) => track('tasks.stop', { task, status_reason: 'Stopped on the dashboard' });
export const resetTask = (task: string) => track('tasks.reset', { task });
export const publishTask = (task: string) => track('tasks.publish', { task, publish_model: true });
export const editHyperParams = (task: string, hyperparams: readonly HyperParam[]) =>
  track('tasks.edit_hyper_params', { task, hyperparams, replace_hyperparams: 'none' });

/** Artifacts and models lie on the file server; its address in stored URLs is the one the writer used. */
export function downloadPath(uri: string | undefined): string | undefined {
  if (!uri) return undefined;
  try {
    const url = new URL(uri);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
    return `/files${url.pathname}?download`;
  } catch {
    return undefined;
  }
}
