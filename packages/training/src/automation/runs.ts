import { RanloopError } from '@ranloop/contracts/errors';
import type { PipelineRun, PipelineRunRequest } from '@ranloop/contracts/r1';
import type { Log } from '@ranloop/kit/log';
import type { Session } from '@ranloop/sdk/session';
import { openTask, type TaskHandle } from '@ranloop/sdk/tracking';
import { createController, listControllers } from './controller.ts';
import { execute } from './execute.ts';
import { type PipelineDefinition, sortParams } from './pipeline.ts';

/** One run that is under way in this process. */
export interface ActiveRun {
  readonly run: PipelineRun;
  readonly ended: Promise<PipelineRun>;
  cancel(): void;
  /** Returns the function that ends the subscription. */
  onChange(listener: (run: PipelineRun) => void): () => void;
}

export interface Runs {
  /** Starts a run, or joins the one under way. */
  start(definition: PipelineDefinition, request: PipelineRunRequest): Promise<{ active: ActiveRun; joined: boolean }>;
  active(pipeline: string): ActiveRun | undefined;
  /** Goes on with runs that an earlier process left; when a pipeline has several, the newest. */
  resume(definition: PipelineDefinition): Promise<void>;
}

export interface RunsDeps {
  readonly session: Session;
  readonly templates: ReadonlyMap<string, string>;
  readonly pollMs: number;
  readonly log: Log;
  readonly abandoned: AbortSignal;
  readonly onEnd: (run: PipelineRun) => void;
}

export function createRuns(deps: RunsDeps): Runs {
  const { session, templates, log } = deps;
  const underWay = new Map<string, Promise<ActiveRun>>();
  const running = new Map<string, ActiveRun>();

  function begin(definition: PipelineDefinition, controller: TaskHandle, start: PipelineRun): ActiveRun {
    let run = start;
    const cancel = new AbortController();
    const listeners = new Set<(run: PipelineRun) => void>();
    // Somebody may stop the controller in any ClearML UI.
    const cancelled = AbortSignal.any([cancel.signal, controller.aborted]);
    const onChange = (changed: PipelineRun) => {
      run = changed;
      for (const listener of listeners) listener(run);
    };
    const ended = execute(start, { ...deps, definition, controller, cancelled, onChange }).finally(async () => {
      underWay.delete(definition.name);
      running.delete(definition.name);
      await controller.close().catch(() => undefined);
    });
    ended.then(deps.onEnd, (error: unknown) => {
      if (!deps.abandoned.aborted) log.error({ err: error, run: run.id }, 'a pipeline run was lost');
    });
    const active: ActiveRun = {
      get run() {
        return run;
      },
      ended,
      cancel: () => cancel.abort(new RanloopError('RL_CONFLICT', 'the run was stopped')),
      onChange(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
    running.set(definition.name, active);
    return active;
  }

  return {
    active: (pipeline) => running.get(pipeline),
    async start(definition, { reason, params = {} }) {
      sortParams(definition, params);
      const before = underWay.get(definition.name);
      if (before) return { active: await before, joined: true };
      const made = createController(session, {
        definition,
        templates,
        reason,
        params: { ...definition.params, ...params },
      }).then(({ task, run }) => begin(definition, task, run));
      underWay.set(definition.name, made);
      made.catch(() => underWay.delete(definition.name));
      return { active: await made, joined: false };
    },
    async resume(definition) {
      const [newest, ...older] = await listControllers(session, definition, { status: ['in_progress'] });
      for (const { id } of older) {
        const status_reason = 'a newer run of the pipeline went on instead';
        await session.call('tasks.stopped', { task: id, force: true, status_reason, status_message: '' });
      }
      if (!newest) return;
      log.info({ run: newest.id, pipeline: definition.name }, 'goes on with a pipeline run');
      const known = new Map(newest.steps.map((step) => [step.name, step]));
      const steps = definition.steps.map(
        ({ name, recipe }) => known.get(name) ?? { name, recipe, state: 'waiting' as const },
      );
      const active = begin(definition, await openTask(session, newest.id), { ...newest, steps });
      underWay.set(definition.name, Promise.resolve(active));
    },
  };
}
