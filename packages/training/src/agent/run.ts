import { RanloopError } from '@ranloop/contracts/errors';
import type { Task } from '@ranloop/contracts/tracking';
import { childEnvironment } from '@ranloop/kit/config';
import type { Log } from '@ranloop/kit/log';
import { type Session, sleep } from '@ranloop/sdk/session';
import { abortReason, hasEnded, statusOf } from '@ranloop/sdk/tracking';
import { type Child, type ChildEnd, startChild } from './child.ts';
import type { AgentConfig } from './config.ts';
import { withPatience } from './patience.ts';
import type { RunFolders } from './run-folder.ts';
import { planOf } from './script.ts';
import { createTaskLog, type TaskLog } from './task-log.ts';

export type Outcome = 'completed' | 'failed' | 'stopped' | 'refused' | 'gone' | 'unreported';

/** A task that was taken from a queue. */
export interface Entry {
  readonly task: string;
  /** Id of the queue. */
  readonly queue: string;
}

export interface RunDeps {
  readonly session: Session;
  readonly folders: RunFolders;
  readonly worker: string;
  readonly log: Log;
  /** Aborts when the agent itself must end. */
  readonly ending: AbortSignal;
}

/** What the agent may still spend on a task when it must end itself. */
const ENDING = { graceMs: 1_500, callMs: 1_000 };
const WITHOUT_LIMIT = Number.POSITIVE_INFINITY;

/** Runs one task that was taken from a queue, from `started` to its final status. */
export async function runTask(config: AgentConfig, entry: Entry, deps: RunDeps): Promise<Outcome> {
  const { folders } = deps;
  const { task } = entry;
  await folders.open(task, { queue: entry.queue });
  const outcome = await begin(config, entry, deps);
  // A folder that stays tells the next start that the server does not know yet how this task ended.
  if (outcome !== 'unreported') await folders.close(task);
  return outcome;
}

async function begin(config: AgentConfig, entry: Entry, deps: RunDeps): Promise<Outcome> {
  const { session, worker, ending } = deps;
  const { task } = entry;
  const call = <T>(action: string, body: object = {}) =>
    session.call<T>(`tasks.${action}`, { task, ...body }, { retryLimitMs: WITHOUT_LIMIT, signal: ending });
  const found = await call<{ task: Task }>('get_by_id').catch(ifGone);
  if (!found) return 'gone';
  const plan = planOf(found.task.script, config.recipes);
  await call('started', { force: true, status_reason: '', status_message: `pulled by ${worker}` });
  if ('refusal' in plan) {
    await call('failed', { force: true, status_reason: plan.refusal, status_message: plan.refusal });
    return 'refused';
  }
  return runRecipe(config, { ...entry, recipe: plan.recipe }, deps);
}

async function runRecipe(
  config: AgentConfig,
  { task, queue, recipe }: Entry & { recipe: string },
  deps: RunDeps,
): Promise<Outcome> {
  const { session, folders, worker } = deps;
  const folder = await folders.open(task, { queue });
  let child: Child | undefined;
  let lastError = '';
  const log = createTaskLog(session, { task, worker, onRoom: () => child?.resume() });
  const { file, args } = config.recipeCommand;
  log.add({ level: 'info', text: `${worker} runs recipe ${recipe}` });
  child = startChild({
    file,
    args: [...args, recipe],
    cwd: folder,
    env: environmentOf(config, { task, worker }),
    nice: config.nice,
    onLine: (line) => {
      if (line.level === 'error' && line.text.trim() !== '') lastError = line.text.trim();
      log.add(line);
      if (log.full) child?.pause();
    },
  });
  if (child.pid !== undefined) await folders.open(task, { queue, pid: child.pid });
  const stopped = await watch(config, { task, child }, deps);
  const end = await child.ended;
  return report({ task, end, lastError, stopped, log }, deps);
}

/** Lives as long as the child: kills it when the task is stopped from outside or the agent ends. Answers why, if so. */
async function watch(
  config: AgentConfig,
  { task, child }: { task: string; child: Child },
  { session, ending }: RunDeps,
): Promise<string | undefined> {
  const over = new AbortController();
  void child.ended.then(() => over.abort());
  const either = AbortSignal.any([over.signal, ending]);
  let endedSince: number | undefined;
  const hurry = () => void child.kill(Math.min(config.graceMs, ENDING.graceMs));
  if (ending.aborted) hurry();
  else ending.addEventListener('abort', hurry, { once: true });
  void child.ended.then(() => ending.removeEventListener('abort', hurry));
  while (!over.signal.aborted) {
    if (ending.aborted) {
      await child.ended;
      return 'the agent was stopped';
    }
    await sleep(config.statusPollMs, either).catch(() => undefined);
    if (either.aborted) continue;
    const status = await statusNow(session, task, either);
    const reason = status && abortReason(status);
    if (!status || reason === undefined) continue;
    // A program that reported its own end is given time to leave; one that was stopped is told to.
    endedSince ??= Date.now();
    const endedItself = status.status === 'completed' || status.status === 'failed' || status.status === 'published';
    if (endedItself && Date.now() - endedSince < config.graceMs) continue;
    await child.kill(config.graceMs);
    return reason;
  }
  return undefined;
}

/** A deleted task counts as closed; an outage says nothing. */
async function statusNow(session: Session, task: string, signal: AbortSignal) {
  try {
    return (await statusOf(session, task, { signal }).catch(ifGone)) ?? ({ status: 'closed' } as const);
  } catch {
    return undefined;
  }
}

interface Ended {
  readonly task: string;
  readonly end: ChildEnd;
  readonly lastError: string;
  readonly stopped: string | undefined;
  readonly log: TaskLog;
}

/** Gives the task the status that its end means, unless the program has set one itself. */
async function report(run: Ended, deps: RunDeps): Promise<Outcome> {
  const { task, stopped, log } = run;
  const reason = failureOf(run.end, run.lastError);
  if (stopped) log.add({ level: 'info', text: `stopped: ${stopped}` });
  else if (reason) log.add({ level: 'error', text: reason });
  const action = async (signal: AbortSignal): Promise<Outcome> => {
    const left = await log.close(signal);
    if (left > 0) deps.log.warn({ task, lines: left }, 'log lines of a task could not be delivered');
    const options = { retryLimitMs: WITHOUT_LIMIT, signal };
    const now = await statusOf(deps.session, task, options).catch(ifGone);
    if (!now) return 'gone';
    if (now.status === 'completed' || now.status === 'failed') return now.status;
    if (hasEnded(now.status) || now.status === 'created') return 'stopped';
    const outcome = stopped ? 'stopped' : reason ? 'failed' : 'completed';
    const status_reason = stopped ?? reason ?? 'worker execution done';
    const body = { task, force: true, status_reason, status_message: `changed by ${deps.worker}` };
    await deps.session.call(`tasks.${outcome}`, body, options);
    return outcome;
  };
  try {
    return await withPatience(deps.ending, { ms: ENDING.callMs, action });
  } catch (error) {
    deps.log.error({ err: error, task }, 'the end of a task could not be reported');
    return 'unreported';
  }
}

/** Why a run failed, or undefined when it did not. */
function failureOf({ code, signal, error }: ChildEnd, lastError: string): string | undefined {
  if (error !== undefined) return `the recipe could not be started: ${error}`;
  if (code === 0) return undefined;
  const how = signal === undefined ? `exit code ${code}` : `killed by ${signal}`;
  return lastError === '' ? how : `${how}: ${lastError.slice(0, 500)}`;
}

function environmentOf(config: AgentConfig, { task, worker }: { task: string; worker: string }) {
  return childEnvironment({
    CLEARML_TASK_ID: task,
    CLEARML_WORKER_ID: worker,
    CLEARML_API_HOST: config.apiUrl,
    CLEARML_FILES_HOST: config.filesUrl,
    CLEARML_API_ACCESS_KEY: config.accessKey,
    CLEARML_API_SECRET_KEY: config.secretKey,
  });
}

function ifGone(error: unknown): undefined {
  if (error instanceof RanloopError && error.code === 'RL_NOT_FOUND') return undefined;
  throw error;
}
