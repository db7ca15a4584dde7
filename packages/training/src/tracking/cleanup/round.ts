import { sql } from 'kysely';
import type { Core, Db } from '../core.ts';
import type { FileRemoval } from './port.ts';
import { referredTo } from './references.ts';

interface Row {
  readonly id: number;
  readonly url: string;
  readonly task: string | null;
  readonly recorded: Date;
  readonly attempts: number;
}

/** `elsewhere` and `shared` are left where they are; `later` is looked at again, as is `failed` for a number of times. */
export type Outcome = 'removed' | 'nothing' | 'shared' | 'elsewhere' | 'later' | 'failed';

interface Verdict {
  readonly row: Row;
  readonly outcome: Outcome;
  readonly reason: string;
}

const BATCH = 200;
const AT_ONCE = 8;
const MOST_ATTEMPTS = 12;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 3_600_000;
const RUNNING_PAUSE_MS = 30_000;
const MOST_REASON = 500;

/**
 * Works off one batch of the files to delete; gives what became of each. The rows stay locked until what was done is
 * noted: a process that is killed in between leaves them for the next one, and removing a file twice does no harm.
 */
export async function workOff(core: Core, files: FileRemoval): Promise<readonly Verdict[]> {
  return core.db.transaction().execute(async (trx) => {
    const { rows } = await sql<Row>`select id, url, task, recorded, attempts from tracking.files_to_delete
      where state = 'waiting' and due <= ${new Date()} order by due limit ${BATCH} for update skip locked`.execute(trx);
    if (rows.length === 0) return [];
    const verdicts = await judge(trx, files, rows);
    await note(trx, verdicts);
    return verdicts;
  });
}

async function judge(db: Db, files: FileRemoval, rows: readonly Row[]): Promise<Verdict[]> {
  const running = await runningTasks(db, rows);
  const verdicts: Verdict[] = [];
  const ours: { row: Row; path: string; urls: string[] }[] = [];
  for (const row of rows) {
    const path = files.pathOf(row.url);
    if (path === undefined) verdicts.push({ row, outcome: 'elsewhere', reason: 'not on this file server' });
    else if (row.task !== null && running.has(row.task))
      verdicts.push({ row, outcome: 'later', reason: 'the task runs' });
    else ours.push({ row, path, urls: files.urlsOf(path) });
  }
  const used = await referredTo(db, [...new Set(ours.flatMap(({ urls }) => urls))]);
  const rest = ours.values();
  const lane = async () => {
    for (const { row, path, urls } of rest) {
      if (!urls.some((url) => used.has(url))) verdicts.push(await remove(files, row, path));
      else verdicts.push({ row, outcome: 'shared', reason: 'something else refers to it' });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return verdicts;
}

async function remove(files: FileRemoval, row: Row, path: string): Promise<Verdict> {
  try {
    const outcome = await files.remove(path, row.task === null ? {} : { writtenBefore: row.recorded });
    return { row, outcome, reason: '' };
  } catch (error) {
    return { row, outcome: 'failed', reason: String((error as Error).message).slice(0, MOST_REASON) };
  }
}

/** Between the upload of a file and the event that names it nothing refers to it: a task that runs is not touched. */
async function runningTasks(db: Db, rows: readonly Row[]): Promise<Set<string>> {
  const ids = [...new Set(rows.flatMap(({ task }) => (task === null ? [] : [task])))];
  if (ids.length === 0) return new Set();
  const { rows: found } = await sql<{ id: string }>`select id from tracking.tasks
    where id = any(${ids}::text[]) and status in ('in_progress', 'publishing')`.execute(db);
  return new Set(found.map(({ id }) => id));
}

async function note(db: Db, verdicts: readonly Verdict[]): Promise<void> {
  const gone = verdicts.filter(({ outcome }) => outcome === 'removed' || outcome === 'nothing');
  await sql`delete from tracking.files_to_delete where id = any(${gone.map(({ row }) => row.id)}::bigint[])`.execute(
    db,
  );
  const kept = verdicts.filter((one) => !gone.includes(one)).map((one) => ({ id: one.row.id, ...next(one) }));
  if (kept.length === 0) return;
  await sql`update tracking.files_to_delete f set state = k.state, reason = k.reason, due = k.due, attempts = k.attempts
    from unnest(${kept.map(({ id }) => id)}::bigint[], ${kept.map(({ state }) => state)}::text[],
      ${kept.map(({ reason }) => reason)}::text[], ${kept.map(({ due }) => due)}::timestamptz[],
      ${kept.map(({ attempts }) => attempts)}::int[]) k (id, state, reason, due, attempts) where f.id = k.id`.execute(
    db,
  );
}

function next({ row, outcome, reason }: Verdict) {
  const attempts = row.attempts + (outcome === 'failed' ? 1 : 0);
  const final = outcome === 'shared' || outcome === 'elsewhere' || attempts >= MOST_ATTEMPTS;
  const pause = outcome === 'later' ? RUNNING_PAUSE_MS : Math.min(FIRST_PAUSE_MS * 2 ** row.attempts, LONGEST_PAUSE_MS);
  return { state: final ? outcome : 'waiting', reason, attempts, due: new Date(Date.now() + pause) };
}
