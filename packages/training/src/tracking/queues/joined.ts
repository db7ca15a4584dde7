import { sql } from 'kysely';
import type { Core } from '../core.ts';
import type { Document } from '../query/index.ts';
import { WORKER_KEY } from '../workers/entity.ts';

/** Queues with the names of the tasks in them and the workers that serve them. */
export async function withNames(core: Core, queues: readonly Document[]): Promise<Document[]> {
  const entriesOf = (queue: Document) =>
    Array.isArray(queue['entries']) ? (queue['entries'] as Document[]) : undefined;
  const tasks = queues.flatMap((queue) => (entriesOf(queue) ?? []).map(({ task }) => String(task)));
  const ids = queues.map(({ id }) => String(id));
  const names = await sql<{ id: string; name: string }>`select id, name from tracking.tasks
    where id = any(${tasks}::text[])`.execute(core.db);
  const nameOf = new Map(names.rows.map(({ id, name }) => [id, name]));
  const workers = await sql<{ queue: string; name: string; ip: string; key: string; task: object | null }>`
    select q.id as queue, w.id as name, w.ip, ${sql.raw(WORKER_KEY)} as key,
      case when t.id is not null then jsonb_build_object('id', t.id, 'name', t.name) end as task
    from unnest(${ids}::text[]) q (id) join tracking.workers w on w.queues @> array[q.id] and w.expires > now()
      left join tracking.tasks t on t.id = w.task order by w.id limit 10000`.execute(core.db);
  return queues.map((queue) => ({
    ...queue,
    ...(entriesOf(queue)
      ? {
          entries: entriesOf(queue)?.map(({ task, added }) => ({
            task: { id: task, name: nameOf.get(String(task)) },
            added,
          })),
        }
      : {}),
    workers: workers.rows
      .filter((worker) => worker.queue === queue['id'])
      .map(({ queue: _queue, ...worker }) => worker),
  }));
}
