import type { Metrics } from '@ranloop/kit/metrics';
import { sql } from 'kysely';
import type { Core } from '../core.ts';
import { type Outcome, workOff } from './round.ts';

/** Days for which files that were left or could not be deleted are remembered with the reason. */
const REMEMBERED_DAYS = 30;
const TIDY_EVERY_MS = 3_600_000;

/**
 * Deletes the files of what was deleted, in the background, until the returned function is called; that one waits for
 * a batch under way.
 */
export function startCleanup(core: Core, metrics: Metrics): () => Promise<void> {
  const { files } = core;
  if (!files) return async () => undefined;
  const counter = metrics.counter('tracking_files_deleted_total', 'Files of deleted tasks and models by outcome', [
    'outcome',
  ]);
  const waiting = metrics.gauge('tracking_files_to_delete', 'Files that wait to be deleted');
  let running: Promise<void> | undefined;
  let stopped = false;
  let tidied = 0;

  async function drain(): Promise<void> {
    const counts = new Map<Outcome, number>();
    for (let more = true; more && !stopped; ) {
      const verdicts = await workOff(core, files as NonNullable<typeof files>);
      more = verdicts.length > 0;
      for (const { row, outcome, reason } of verdicts) {
        counter.inc({ outcome });
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        if (outcome === 'failed') core.log.warn({ url: row.url, attempts: row.attempts, reason }, 'a file stays');
      }
    }
    if (counts.size > 0) {
      core.log.info({ ...Object.fromEntries(counts) }, 'files of deleted tasks and models');
      waiting.set(await countWaiting(core));
    }
    if (Date.now() - tidied < TIDY_EVERY_MS) return;
    tidied = Date.now();
    await tidy(core);
  }

  const timer = setInterval(() => {
    running ??= drain()
      .catch((error: unknown) => core.log.warn({ err: error }, 'the files to delete could not be worked off'))
      .finally(() => {
        running = undefined;
      });
  }, core.config.fileDeletionMs);
  timer.unref();
  return async () => {
    stopped = true;
    clearInterval(timer);
    await running;
  };
}

/** Others also stop referring to a file by an edit, of which nothing is noted: once a day each is looked at again. */
async function tidy(core: Core): Promise<void> {
  await sql`delete from tracking.files_to_delete where state in ('elsewhere', 'failed')
    and recorded < now() - make_interval(days => ${REMEMBERED_DAYS})`.execute(core.db);
  await sql`update tracking.files_to_delete set state = 'waiting', due = now()
    where state = 'shared' and due < now() - interval '1 day'`.execute(core.db);
}

async function countWaiting(core: Core): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from tracking.files_to_delete
    where state = 'waiting'`.execute(core.db);
  return rows[0]?.count ?? 0;
}
