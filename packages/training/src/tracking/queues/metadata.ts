import { type MetadataItem, QueuesDeleteMetadata, QueuesMetadata } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { metadataMap } from '../models/store.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { isObject } from '../wire/parameters.ts';

/** Items come in a list or under their keys; one that does not name itself is called by its key. */
export function metadataOf(
  given: Readonly<Record<string, unknown>> | readonly unknown[],
): Record<string, MetadataItem> {
  if (Array.isArray(given)) return metadataMap(given);
  return metadataMap(Object.entries(given).map(([key, item]) => (isObject(item) ? { key, ...item } : item)));
}

export function metadataEndpoints(core: Core): Endpoint[] {
  const write = async (queue: string, metadata: ReturnType<typeof sql<string>>) => {
    const { numUpdatedRows } = await core.db
      .updateTable('queues')
      .set({ metadata, last_update: new Date() })
      .where('id', '=', queue)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new ApiError('invalidQueueId', { queue });
    core.changes.send({ kind: 'queue', subject: queue });
    return { updated: 1 };
  };
  return [
    endpoint({
      name: 'queues.add_or_update_metadata',
      since: '2.13',
      body: QueuesMetadata,
      run: ({ queue, metadata, replace_metadata }) => {
        const json = JSON.stringify(metadataMap(metadata));
        return write(queue, replace_metadata ? sql<string>`${json}::jsonb` : sql<string>`metadata || ${json}::jsonb`);
      },
    }),
    endpoint({
      name: 'queues.delete_metadata',
      since: '2.13',
      body: QueuesDeleteMetadata,
      run: ({ queue, keys }) => write(queue, sql<string>`metadata - ${keys}::text[]`),
    }),
  ];
}
