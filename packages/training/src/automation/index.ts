import { RanloopError } from '@ranloop/contracts/errors';
import type { PipelineRun, TaskParameter } from '@ranloop/contracts/r1';
import type { Authenticator } from '@ranloop/kit/auth';
import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import { createSession, sleep } from '@ranloop/sdk/session';
import type { FastifyInstance } from 'fastify';
import type { AutomationConfig } from './config.ts';
import { registerTraining } from './http.ts';
import { checkDefinition } from './pipeline.ts';
import { createRuns, type Runs } from './runs.ts';
import { ensureTemplates } from './templates.ts';

export { type AutomationConfig, automationConfig } from './config.ts';
export { LOOP_PIPELINE } from './loop-pipeline.ts';
export type { PipelineDefinition, PipelineStep } from './pipeline.ts';

export interface AutomationDeps {
  readonly r1: FastifyInstance;
  readonly auth: Authenticator;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface RunOptions {
  readonly reason?: string;
  /** Called with every change of state, and every few seconds with the progress of the step under way. */
  readonly onProgress?: (run: PipelineRun) => void;
  /** Stops the run when it was started here; a run that was joined goes on without this caller. */
  readonly signal?: AbortSignal;
}

export interface Automation extends Service {
  /** Runs a pipeline, or joins the run under way, and resolves when it ended, however: look at `state`. */
  run(name: string, params?: Readonly<Record<string, TaskParameter>>, options?: RunOptions): Promise<PipelineRun>;
}

const RETRY_MS = 1_000;
const HTTP_PATIENCE_MS = 10_000;
/** How long a run outlasts a tracking server that is away. */
const RUN_PATIENCE_MS = 1_800_000;

/** `start` does not wait for the tracking server; a run does. */
export function createAutomation(config: AutomationConfig, deps: AutomationDeps): Automation {
  const { log, metrics } = deps;
  const ended = metrics.counter('pipeline_runs_total', 'Pipeline runs that ended, by how', ['pipeline', 'state']);
  for (const definition of config.pipelines) checkDefinition(definition);
  const connect = (limitMs: number) => createSession({ ...config, worker: 'automation', retry: { limitMs } });
  const session = connect(RUN_PATIENCE_MS);
  const quick = connect(HTTP_PATIENCE_MS);
  let stopping = new AbortController();
  let ready: Promise<Runs> | undefined;

  async function prepare(signal: AbortSignal): Promise<Runs> {
    for (;;) {
      try {
        const templates = await ensureTemplates(quick, config);
        const runs = createRuns({
          session,
          templates,
          pollMs: config.pollMs,
          log,
          abandoned: signal,
          onEnd: ({ pipeline, state }) => ended.inc({ pipeline, state }),
        });
        for (const definition of config.pipelines) await runs.resume(definition);
        return runs;
      } catch (error) {
        signal.throwIfAborted();
        log.warn({ err: error }, 'the tracking server cannot be used yet; automation tries again');
        await sleep(RETRY_MS, signal);
      }
    }
  }

  const runsNow = async () => {
    if (!ready) throw new RanloopError('RL_BUSY', 'automation is not started');
    return ready;
  };
  const runsSoon = async () => {
    const enough = new AbortController();
    const late = sleep(HTTP_PATIENCE_MS, AbortSignal.any([stopping.signal, enough.signal])).then(() => {
      throw new RanloopError('RL_BUSY', 'the tracking server cannot be reached yet');
    });
    return Promise.race([runsNow(), late]).finally(() => enough.abort());
  };
  registerTraining(deps.r1, { pipelines: config.pipelines, auth: deps.auth, session: quick, runs: runsSoon });

  return {
    async start() {
      stopping = new AbortController();
      ready = prepare(stopping.signal);
      // Nobody may be waiting for it when the process ends early.
      ready.catch(() => undefined);
    },
    async stop() {
      stopping.abort(new RanloopError('RL_BUSY', 'automation stops'));
      ready = undefined;
    },
    async run(name, params = {}, { reason = 'requested', onProgress, signal } = {}) {
      const definition = config.pipelines.find((pipeline) => pipeline.name === name);
      if (!definition) throw new RanloopError('RL_NOT_FOUND', `there is no pipeline "${name}"`);
      const given = abortOf(signal);
      try {
        const runs = await Promise.race([runsNow(), given.aborted]);
        const { active, joined } = await runs.start(definition, { reason, params: { ...params } });
        const unsubscribe = onProgress ? active.onChange(onProgress) : () => undefined;
        onProgress?.(active.run);
        const leave = given.aborted.catch((why: unknown) => {
          if (joined) throw why;
          active.cancel();
          return active.ended;
        });
        return await Promise.race([active.ended, leave]).finally(unsubscribe);
      } finally {
        given.forget();
      }
    },
  };
}

/** A promise that rejects when the signal aborts, and never otherwise. */
function abortOf(signal: AbortSignal | undefined): { aborted: Promise<never>; forget: () => void } {
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal?.reason);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
  aborted.catch(() => undefined);
  return { aborted, forget: () => signal?.removeEventListener('abort', onAbort) };
}
