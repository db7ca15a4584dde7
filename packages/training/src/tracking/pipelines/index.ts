import { StartPipeline } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { type Core, transaction } from '../core.ts';
import { cloneIn } from '../tasks/clone.ts';
import { enqueueTask } from '../tasks/queueing.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';

export function pipelineEndpoints(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'pipelines.start_pipeline',
      since: '2.17',
      body: StartPipeline,
      run: async ({ task, queue, args = [], verify_watched_queue }, { identity }) => {
        const values = args.map(({ name, value }) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
        const { id } = await transaction(core, async (trx) => {
          const copy = await cloneIn(trx, { task }, identity.user);
          for (const [name, value] of values)
            await sql`update tracking.tasks set hyperparams = jsonb_set(
                case when hyperparams ? 'Args' then hyperparams else hyperparams || '{"Args":{}}' end,
                array['Args', ${name}::text],
                coalesce(hyperparams -> 'Args' -> ${name}::text, '{}') || jsonb_build_object(
                  'section', 'Args', 'name', ${name}::text, 'value', ${value}::text))
              where id = ${copy.id}`.execute(trx);
          return copy;
        });
        const options = {
          task: id,
          ...(queue ? { queue } : {}),
          ...(verify_watched_queue ? { verify_watched_queue } : {}),
        };
        const { queued, queue_watched } = await enqueueTask(core, options, identity.user);
        return { pipeline: id, enqueued: queued === 1, ...(queue_watched === undefined ? {} : { queue_watched }) };
      },
    }),
  ];
}
