import { RanloopError } from '@ranloop/contracts/errors';
import type { Queue } from '@ranloop/contracts/tracking';
import { ApiError, type Session } from '../session/index.ts';
import { exactly } from './projects.ts';

/** The id of a queue by its name; made when `create` is set, else RL_NOT_FOUND. */
export async function getQueueId(session: Session, name: string, options: { create?: boolean } = {}): Promise<string> {
  const found = await findQueue(session, name);
  if (found) return found;
  if (!options.create) throw new RanloopError('RL_NOT_FOUND', `there is no queue "${name}"`);
  try {
    return (await session.call<{ id: string }>('queues.create', { name })).id;
  } catch (error) {
    const other = error instanceof ApiError ? await findQueue(session, name) : undefined;
    if (other) return other;
    throw error;
  }
}

async function findQueue(session: Session, name: string): Promise<string | undefined> {
  const body = { name: exactly(name), only_fields: ['id', 'name'] };
  return (await session.call<{ queues: Queue[] }>('queues.get_all', body)).queues[0]?.id;
}

/** Puts a task into a queue by the queue's name. */
export async function enqueue(session: Session, task: string, queue: string): Promise<void> {
  await session.call('tasks.enqueue', { task, queue: await getQueueId(session, queue) });
}
