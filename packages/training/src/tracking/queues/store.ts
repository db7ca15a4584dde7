import { sql } from 'kysely';
import type { Db } from '../core.ts';
import { newId } from '../store/ids.ts';
import { ApiError } from '../wire/errors.ts';
import { metadataOf } from './metadata.ts';

const MOST_NAME_BYTES = 1_000;
const SHORTEST_NAME = 3;

export interface NewQueue {
  name: string;
  display_name?: string | undefined;
  tags?: string[] | undefined;
  system_tags?: string[] | undefined;
  metadata?: Record<string, unknown> | Record<string, unknown>[] | undefined;
}

function queueName(given: string): string {
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
      tags: distinctTags(queue.tags),
      system_tags: distinctTags(queue.system_tags),
      metadata: JSON.stringify(metadataOf(queue.metadata ?? {})),
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

/** Filters know what begins so as an operator: nobody could ever ask for such a tag. */
function distinctTags(tags: readonly string[] = []): string[] {
  const odd = tags.filter((tag) => tag.startsWith('__$'));
  if (odd.length > 0) throw new ApiError('badValue', { values: odd }, 'unsupported tag prefix');
  return [...new Set(tags)];
}

/** Changes what is given; gives the new values as they go on the wire. */
export async function updateQueue(db: Db, change: Partial<NewQueue> & { queue: string }) {
  const { queue, name, display_name, tags, system_tags, metadata } = change;
  const fields = {
    ...(name === undefined ? {} : { name: queueName(name) }),
    ...(display_name === undefined ? {} : { display_name }),
    ...(tags === undefined ? {} : { tags: distinctTags(tags) }),
    ...(system_tags === undefined ? {} : { system_tags: distinctTags(system_tags) }),
  };
  const items = metadata === undefined ? {} : { metadata: metadataOf(metadata) };
  const json = metadata === undefined ? {} : { metadata: JSON.stringify(items.metadata) };
  const { numUpdatedRows } = await db
    .updateTable('queues')
    .set({ ...fields, ...json, last_update: new Date() })
    .where('id', '=', queue)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new ApiError('invalidQueueId', { queue });
  return { ...fields, ...items };
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
    .limit(10)
    .execute();
  if (!rows[0]) throw new ApiError('noDefaultQueue');
  if (rows.length > 1) throw new ApiError('manyDefaultQueues', { queues: rows.map(({ id }) => id) });
  return rows[0];
}
