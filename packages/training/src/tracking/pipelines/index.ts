import { PipelinesDeleteRuns, PipelinesStart } from '@ranloop/contracts/tracking';
import type { Core } from '../core.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { deleteRuns } from './delete-runs.ts';
import { startPipeline } from './start.ts';

export function pipelineEndpoints(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'pipelines.start_pipeline',
      body: PipelinesStart,
      run: (body, { identity }) => startPipeline(core, body, identity.user),
    }),
    endpoint({
      name: 'pipelines.delete_runs',
      body: PipelinesDeleteRuns,
      run: (body) => deleteRuns(core, body),
    }),
  ];
}
