import { EventsAdd } from '@ranloop/contracts/tracking';
import type { Core } from '../core.ts';
import { batchEndpoint, type Endpoint, endpoint } from '../wire/endpoint.ts';
import { historyEndpoints } from './history-endpoints.ts';
import { addEvents } from './ingest.ts';
import { logEndpoints } from './log.ts';
import { nameEndpoints } from './name-endpoints.ts';
import { pageEndpoints } from './page-endpoints.ts';
import { sampleEndpoints } from './sample-endpoints.ts';
import { scalarEndpoints } from './scalar-endpoints.ts';

export function eventEndpoints(core: Core): Endpoint[] {
  return [
    endpoint({ name: 'events.add', body: EventsAdd, run: (body, { worker }) => addEvents(core, [body], worker) }),
    batchEndpoint({ name: 'events.add_batch', run: (items, { worker }) => addEvents(core, items, worker) }),
    ...scalarEndpoints(core),
    ...logEndpoints(core),
    ...sampleEndpoints(core),
    ...historyEndpoints(core),
    ...pageEndpoints(core),
    ...nameEndpoints(core),
  ];
}
