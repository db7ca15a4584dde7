import { sql } from 'kysely';
import type { Core } from './core.ts';
import { putBackLost } from './queues/lost.ts';
import { dropOldQueueMetrics, refreshQueueMetrics } from './queues/metrics.ts';
import { dropOldContainers } from './serving/containers.ts';
import { changeStatus } from './tasks/status.ts';
import { dropExpiredProperties } from './workers/properties.ts';
import { dropOldStats } from './workers/stats.ts';

const REASON = 'Forced stop (non-responsive)';
const MOST_AT_ONCE = 1_000;

/** Stops running tasks that were silent for too long. */
async function stopSilentTasks(core: Core): Promise<void> {
  if (core.config.silentTaskSeconds === 0) return;
  const { rows } = await sql<{ id: string }>`select id from tracking.tasks where status = 'in_progress'
    and last_update < now() - make_interval(secs => ${core.config.silentTaskSeconds}) limit ${MOST_AT_ONCE}`.execute(
    core.db,
  );
  for (const { id } of rows) {
    const change = {
      task: id,
      to: 'stopped' as const,
      user: 'watchdog',
      status_reason: REASON,
      status_message: REASON,
    };
    try {
      await changeStatus(core, change);
    } catch (error) {
      // The task came to another end in the meantime.
      core.log.debug({ err: error, task: id }, 'a silent task was not stopped');
    }
  }
}

async function forgetWorkers(core: Core): Promise<void> {
  await sql`delete from tracking.workers where expires < now() - interval '1 day'`.execute(core.db);
}

/** What is done at every round; one that fails does not keep the others from it. */
const CHORES: readonly ((core: Core) => Promise<void>)[] = [
  stopSilentTasks,
  putBackLost,
  refreshQueueMetrics,
  dropOldQueueMetrics,
  forgetWorkers,
  dropExpiredProperties,
  dropOldStats,
  dropOldContainers,
];

async function round(core: Core): Promise<void> {
  for (const chore of CHORES) {
    try {
      await chore(core);
    } catch (error) {
      core.log.warn({ err: error, chore: chore.name }, 'the watchdog could not do all');
    }
  }
}

/** Makes its rounds until the returned function is called; that one waits for a round under way. */
export function startWatchdog(core: Core): () => Promise<void> {
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(() => round(core));
  }, core.config.watchdogSeconds * 1000);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
