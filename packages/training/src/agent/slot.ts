import { RanloopError } from '@ranloop/contracts/errors';
import type { Log } from '@ranloop/kit/log';
import { type Session, sleep } from '@ranloop/sdk/session';
import { getQueueId, statusOf } from '@ranloop/sdk/tracking';
import type { AgentConfig } from './config.ts';
import type { MachineStats } from './machine.ts';
import { withPatience } from './patience.ts';
import { type Entry, type Outcome, runTask } from './run.ts';
import type { RunFolders } from './run-folder.ts';

export interface SlotDeps {
  readonly session: Session;
  readonly folders: RunFolders;
  readonly worker: string;
  readonly log: Log;
  readonly ending: AbortSignal;
  readonly machine: () => Promise<MachineStats>;
  readonly onRun: (change: 1 | -1, outcome?: Outcome) => void;
}

const AFTER_TROUBLE_MS = 2_000;
/** The server forgets a worker that was silent for so long. */
const FORGET_AFTER_SECONDS = 600;
const GOODBYE_MS = 500;

/** One worker: takes tasks in the order of its queues and runs them one after another, until `ending` aborts. */
export async function runSlot(config: AgentConfig, deps: SlotDeps): Promise<void> {
  const { session, worker, log, ending } = deps;
  const queues = await untilDone(() => enter(config, deps), deps);
  if (!queues) return;
  let current: Entry | undefined;
  const reporter = setInterval(() => void reportStatus(queues, current, deps), config.reportMs);
  try {
    while (!ending.aborted) {
      const entry = await next(queues, deps);
      if (!entry) {
        await sleep(config.pollMs, ending).catch(() => undefined);
        continue;
      }
      if (ending.aborted) {
        await giveBack(entry, deps);
        break;
      }
      current = entry;
      void reportStatus(queues, current, deps);
      deps.onRun(1);
      const outcome = await runTask(config, entry, deps).catch(async (error: unknown): Promise<Outcome> => {
        if (ending.aborted) await giveBack(entry, deps);
        else log.error({ err: error, task: entry.task, worker }, 'a task could not be run');
        return 'unreported';
      });
      deps.onRun(-1, outcome);
      current = undefined;
      if (!ending.aborted) void reportStatus(queues, current, deps);
    }
  } finally {
    clearInterval(reporter);
    await session
      .call('workers.unregister', { worker, queues: [] }, { retryLimitMs: 0, signal: AbortSignal.timeout(GOODBYE_MS) })
      .catch(() => undefined);
  }
}

/** Puts a task that was taken but not begun to the front of its queue again. */
async function giveBack({ task, queue }: Entry, { session, folders, log }: SlotDeps): Promise<void> {
  const options = { retryLimitMs: 0, signal: AbortSignal.timeout(GOODBYE_MS) };
  try {
    await session.call('tasks.enqueue', { task, queue }, options);
    await session.call('queues.move_task_to_front', { task, queue }, options);
    await folders.close(task);
  } catch (error) {
    log.warn({ err: error, task }, 'a task could not be put back into its queue');
  }
}

/** Ends what an earlier agent of this name left running, gives back what it had not begun, and registers. */
async function enter(config: AgentConfig, deps: SlotDeps): Promise<string[]> {
  const { session, folders, worker, log } = deps;
  for (const entry of await folders.leftovers()) {
    const { task } = entry;
    const found = await statusOf(session, task).catch((error: unknown) => {
      if (error instanceof RanloopError && error.code === 'RL_NOT_FOUND') return undefined;
      throw error;
    });
    if (found?.status === 'in_progress') {
      log.warn({ task, worker }, 'a task was left running by an agent that is gone');
      const status_reason = 'its agent was ended while it ran';
      await session.call('tasks.stopped', { task, force: true, status_reason, status_message: `changed by ${worker}` });
    } else if (found?.status === 'queued') await giveBack(entry, deps);
    await folders.close(task);
  }
  const queues: string[] = [];
  for (const name of config.queues) queues.push(await getQueueId(session, name, { create: true }));
  await session.call('workers.register', { worker, queues, timeout: FORGET_AFTER_SECONDS });
  return queues;
}

async function untilDone<T>(action: () => Promise<T>, { log, ending, worker }: SlotDeps): Promise<T | undefined> {
  while (!ending.aborted) {
    try {
      return await action();
    } catch (error) {
      if (!ending.aborted) log.warn({ err: error, worker }, 'the worker could not register; it tries again');
      await sleep(AFTER_TROUBLE_MS, ending).catch(() => undefined);
    }
  }
  return undefined;
}

async function next(queues: readonly string[], { session, log, ending, worker }: SlotDeps): Promise<Entry | undefined> {
  for (const queue of queues) {
    if (ending.aborted) return undefined;
    try {
      // Not broken off at once when the agent ends: the server may have taken the task off the queue already.
      const { entry } = await withPatience(ending, {
        ms: GOODBYE_MS,
        action: (signal) =>
          session.call<{ entry?: { task: string } }>(
            'queues.get_next_task',
            { queue, get_task_info: true },
            { retryLimitMs: 0, signal },
          ),
      });
      if (entry) return { task: entry.task, queue };
    } catch (error) {
      if (error instanceof RanloopError && error.code === 'RL_NOT_FOUND') continue;
      log.warn({ err: error, worker }, 'the queue could not be asked');
      await sleep(AFTER_TROUBLE_MS, ending).catch(() => undefined);
    }
  }
  return undefined;
}

async function reportStatus(
  queues: readonly string[],
  current: Entry | undefined,
  { session, worker, machine, ending }: SlotDeps,
): Promise<void> {
  try {
    const machine_stats = await machine();
    const body = { worker, timestamp: Date.now(), queues, machine_stats, ...current };
    await session.call('workers.status_report', body, { retryLimitMs: 0, signal: ending });
  } catch {
    // The next report will come; a task that was deleted meanwhile is refused here and noticed by its watch.
  }
}
