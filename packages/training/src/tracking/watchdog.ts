import { sql } from 'kysely';
import type { Core } from './core.ts';
import { changeStatus } from './tasks/status.ts';

const REASON = 'Forced stop (non-responsive)';
const MOST_AT_ONCE = 1_000;

/** Stops running tasks that were silent for too long; forgets workers whose time is over. Gives the tasks that it stopped. */
async function sweep(core: Core): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from tracking.tasks where status = 'in_progress'
    and last_update < now() - make_interval(secs => ${core.config.silentTaskSeconds}) limit ${MOST_AT_ONCE}`.execute(
    core.db,
  );
  const stopped: string[] = [];
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
      stopped.push(id);
    } catch (error) {
      // The task came to another end in the meantime.
      core.log.debug({ err: error, task: id }, 'a silent task was not stopped');
    }
  }
  await sql`delete from tracking.workers where expires < now() - interval '1 day'`.execute(core.db);
  return stopped;
}

/** Sweeps until the returned function is called; that one waits for a sweep under way. */
export function startWatchdog(core: Core): () => Promise<void> {
  if (core.config.silentTaskSeconds === 0) return async () => undefined;
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(() => sweep(core))
      .catch((error: unknown) => core.log.warn({ err: error }, 'the watchdog could not look at the tasks'));
  }, core.config.watchdogSeconds * 1000);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
