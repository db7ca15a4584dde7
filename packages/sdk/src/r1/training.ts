import {
  type PipelineRun,
  type PipelineRunAccepted,
  type PipelineRunRequest,
  R1_TRAINING,
} from '@ranloop/contracts/r1';
import { type ClientConfig, createHttp } from './http.ts';

export interface TrainingClient {
  /** Starts a run of a pipeline, or joins the one under way. */
  start(pipeline: string, request: PipelineRunRequest): Promise<PipelineRunAccepted>;
  /** At most 100, newest first. */
  runs(pipeline: string): Promise<PipelineRun[]>;
  run(pipeline: string, runId: string): Promise<PipelineRun>;
  stop(pipeline: string, runId: string): Promise<void>;
}

export function createTrainingClient(config: ClientConfig): TrainingClient {
  const http = createHttp(config);
  const runs = (pipeline: string, rest = '') => `${R1_TRAINING}/pipelines/${encodeURIComponent(pipeline)}/runs${rest}`;
  return {
    // A second request joins the run of the first, so it may be repeated.
    start: (pipeline, request) => http.json(runs(pipeline), { method: 'POST', body: request, repeatable: true }),
    runs: async (pipeline) => (await http.json<{ runs: PipelineRun[] }>(runs(pipeline))).runs,
    run: (pipeline, runId) => http.json(runs(pipeline, `/${encodeURIComponent(runId)}`)),
    async stop(pipeline, runId) {
      await http.json(runs(pipeline, `/${encodeURIComponent(runId)}/stop`), { method: 'POST', body: {} });
    },
  };
}
