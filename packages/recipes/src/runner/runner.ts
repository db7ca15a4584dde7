import { RanloopError } from '@ranloop/contracts/errors';
import { createSession, type Session } from '@ranloop/sdk/session';
import { openTask, type Params, statusOf, type TaskHandle } from '@ranloop/sdk/tracking';
import type { Access } from './access.ts';

/** A program that an agent runs as a task. Its parameters are the task's section `General`. */
export interface Recipe<P extends Params = Params> {
  readonly name: string;
  /** Typed defaults of all parameters. */
  readonly defaults: P;
  run(context: RecipeContext<P>): Promise<void>;
}

export interface RecipeContext<P extends Params = Params> {
  readonly task: TaskHandle;
  readonly session: Session;
  readonly params: P;
  /** Aborts when the task is stopped or the process is told to end. */
  readonly signal: AbortSignal;
  /** Authorization header for R1 and inference: the key of the agent. */
  readonly authorization: () => string;
  /** How far the work is, 0..1; shown while it runs. Never waits, never fails. */
  progress(share: number): void;
  /** One line for people on standard output, which the agent puts into the task's log. */
  say(line: string): void;
}

export interface RunOptions {
  readonly access: Access;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
}

const SECTION = 'General';

/** Runs a recipe as its task, from parameters to final status. Answers the exit code: 0 completed, 1 failed or stopped. */
export async function runRecipe<P extends Params>(recipe: Recipe<P>, options: RunOptions): Promise<0 | 1> {
  const { access, complain } = options;
  const session = createSession({ ...access });
  const task = await openTask(session, access.taskId);
  const signal = AbortSignal.any([options.signal, task.aborted]);
  const progress = createProgress(task);
  try {
    // An agent marks the task before it starts us; one started by hand is still a draft.
    if ((await statusOf(session, task.id)).status !== 'in_progress') await task.started();
    const params = await task.connect(SECTION, recipe.defaults);
    await recipe.run({
      task,
      session,
      params,
      signal,
      authorization: () => `Basic ${Buffer.from(`${access.accessKey}:${access.secretKey}`).toString('base64')}`,
      progress: progress.show,
      say: options.say,
    });
    signal.throwIfAborted();
    await progress.settled();
    await task.completed();
    return 0;
  } catch (error) {
    if (signal.aborted) {
      const reason = textOf(signal.reason);
      complain(`stopped: ${reason}`);
      await endUnlessEnded(task, () => task.stopped(reason));
    } else {
      complain(textOf(error));
      await endUnlessEnded(task, () => task.failed(textOf(error).slice(0, 1_000)));
    }
    return 1;
  }
}

/** One report at a time; what comes meanwhile is left out, since the next one will tell. */
function createProgress(task: TaskHandle): { show(share: number): void; settled(): Promise<void> } {
  let underWay: Promise<void> | undefined;
  return {
    show(share) {
      underWay ??= task
        .progress(100 * Math.min(1, Math.max(0, share)))
        .catch(() => undefined)
        .finally(() => {
          underWay = undefined;
        });
    },
    settled: async () => underWay,
  };
}

/** Whoever stopped the task has set its status already; it must stay. */
async function endUnlessEnded(task: TaskHandle, end: () => Promise<void>): Promise<void> {
  const { status } = await statusOf(task.session, task.id);
  await (status === 'in_progress' ? end() : task.close());
}

function textOf(error: unknown): string {
  if (error instanceof RanloopError)
    return [`${error.message} (${error.code})`, ...error.fields.slice(1).map((f) => `${f.path} ${f.problem}`)].join(
      '; ',
    );
  return error instanceof Error ? error.message : String(error);
}
