import { sql } from 'kysely';
import type { Db } from '../core.ts';
import { newId } from '../store/ids.ts';
import { ApiError } from '../wire/errors.ts';

const MOST_NAME_BYTES = 1_000;
const SHORTEST_NAME = 3;

export interface NewQueue {
  name: string;
  display_name?: string | undefined;
  tags?: string[] | undefined;
  system_tags?: string[] | undefined;
  metadata?: Record<string, unknown> | undefined;
}

export function queueName(given: string): string {
  const name = given.trim();
  if ([...name].length < SHORTEST_NAME || Buffer.byteLength(name) > MOST_NAME_BYTES)
    throw new ApiError('validation', { field: 'name' }, `${SHORTEST_NAME} characters to ${MOST_NAME_BYTES} bytes`);
  return name;
}

/** The id of the new queue, or undefined when the name is taken. */
export async function insertQueue(db: Db, queue: NewQueue, user: string): Promise<string | undefined> {
  const now = new Date();
  const row = await db
    .insertInto('queues')
    .values({
      id: newId(),
      name: queueName(queue.name),
      display_name: queue.display_name ?? null,
      user_id: user,
      created: now,
      last_update: now,
      tags: queue.tags ?? [],
      system_tags: queue.system_tags ?? [],
      metadata: JSON.stringify(queue.metadata ?? {}),
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

export async function ensureQueue(db: Db, queue: NewQueue, user: string): Promise<string> {
  const byName = () =>
    db.selectFrom('queues').select('id').where('name', '=', queueName(queue.name)).executeTakeFirst();
  const id = (await byName())?.id ?? (await insertQueue(db, queue, user)) ?? (await byName())?.id;
  if (id === undefined) throw new ApiError('general');
  return id;
}

/** The one queue with the system tag `default`. */
export async function defaultQueue(db: Db): Promise<{ id: string; name: string }> {
  const rows = await db
    .selectFrom('queues')
    .select(['id', 'name'])
    .where(sql<boolean>`system_tags @> array['default']`)
    .orderBy('created')
    .limit(1)
    .execute();
  if (!rows[0]) throw new ApiError('noDefaultQueue');
  return rows[0];
}
