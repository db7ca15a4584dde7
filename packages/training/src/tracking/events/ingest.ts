import type { Change, EventsAdded } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core, Db } from '../core.ts';
import { transaction } from '../core.ts';
import { ApiError } from '../wire/errors.ts';
import type { Parameters } from '../wire/parameters.ts';
import type { LogLine, ParsedEvent, Sample, Scalar } from './parse.ts';
import { parseEvent } from './parse.ts';
import { rollUp } from './rollup.ts';
import { writeLogs, writeSamples, writeScalars } from './write.ts';

/** The metrics of the machine say nothing on how far a task has come. */
const MACHINE_METRICS: ReadonlySet<string> = new Set([':monitor:machine', ':monitor:gpu']);

/** Reasons that one answer tells apart; ids and types in them may be many. */
const MOST_REASONS = 100;
const MOST_SHOWN = 200;

/** Writes a batch: all that is acceptable in one transaction. What was counted as added is on disk when this returns. */
export async function addEvents(core: Core, items: readonly Parameters[], worker: string): Promise<EventsAdded> {
  const info = new Map<string, number>();
  const refuse = (reason: string) => {
    const shown = reason.length > MOST_SHOWN ? `${reason.slice(0, MOST_SHOWN)}...` : reason;
    const key = info.has(shown) || info.size < MOST_REASONS ? shown : 'Further reasons';
    info.set(key, (info.get(key) ?? 0) + 1);
  };
  const events: ParsedEvent[] = [];
  const now = Date.now();
  for (const item of items) {
    const outcome = parseEvent(item, { worker, now });
    if ('error' in outcome) refuse(outcome.error);
    else events.push(outcome.event);
  }
  refuseMixed(events);
  const { accepted, behind, unknown } = await transaction(core, (trx) => write(trx, events));
  for (const { owner, ofModel } of unknown) refuse(`Invalid ${ofModel ? 'model' : 'task'} id ${owner}`);
  await catchUp(core, behind);
  announce(core, accepted);
  const errors = items.length - accepted.length;
  const answer = { added: accepted.length, errors, errors_info: Object.fromEntries(info) };
  if (accepted.length === 0) throw new ApiError('noEventsAdded', answer.errors_info);
  return answer;
}

/** Events of one batch must agree on whose they are and whether they may change what is published. */
function refuseMixed(events: readonly ParsedEvent[]): void {
  const seen = new Map<string, ParsedEvent>();
  for (const event of events) {
    const first = seen.get(event.owner);
    if (first === undefined) seen.set(event.owner, event);
    else if (first.ofModel !== event.ofModel)
      throw new ApiError('validation', { task: event.owner }, 'model_event differs between events of one id');
    else if (first.allowLocked !== event.allowLocked)
      throw new ApiError('validation', { task: event.owner }, 'allow_locked differs between events of one id');
  }
}

interface Written {
  readonly accepted: readonly ParsedEvent[];
  /** Series whose roll-up is far behind. */
  readonly behind: readonly number[];
  /** Events of tasks and models that do not exist or may not be changed. */
  readonly unknown: readonly ParsedEvent[];
}

/** Readers would do it else; what was written is safe already, whatever happens here. */
async function catchUp(core: Core, behind: readonly number[]): Promise<void> {
  for (const series of behind) {
    try {
      await rollUp(core.db, series);
    } catch (error) {
      core.log.warn({ err: error, series }, 'a roll-up failed; the next reader makes it');
      return;
    }
  }
}

async function write(trx: Db, events: readonly ParsedEvent[]): Promise<Written> {
  if (events.length === 0) return { accepted: [], behind: [], unknown: [] };
  const owners = await lockOwners(trx, events);
  const accepted = events.filter((event) => owners.has(ownerKey(event)));
  const unknown = accepted.length < events.length ? events.filter((event) => !owners.has(ownerKey(event))) : [];
  if (accepted.length === 0) return { accepted, behind: [], unknown };
  await touchOwners(trx, accepted);
  const behind = await writeScalars(
    trx,
    accepted.filter((event): event is Scalar => event.type === 'training_stats_scalar'),
  );
  await writeLogs(
    trx,
    accepted.filter((event): event is LogLine => event.type === 'log'),
  );
  await writeSamples(
    trx,
    accepted.filter((event): event is Sample => event.type !== 'training_stats_scalar' && event.type !== 'log'),
  );
  return { accepted, behind, unknown };
}

const ownerKey = ({ owner, ofModel }: { owner: string; ofModel: boolean }) => `${ofModel ? 'model' : 'task'}/${owner}`;

/**
 * Locks the tasks and models of a batch in the order of their ids, so that batches cannot wait for each other in a ring,
 * and a task that is being deleted or reset is either written before or not at all.
 */
async function lockOwners(trx: Db, events: readonly ParsedEvent[]): Promise<Set<string>> {
  const locked = new Map(events.map((event) => [ownerKey(event), event]));
  const ids = (ofModel: boolean) =>
    [...locked.values()].filter((one) => one.ofModel === ofModel).map((one) => one.owner);
  const tasks = ids(false);
  const models = ids(true);
  const found = new Set<string>();
  if (tasks.length > 0) {
    const { rows } = await sql<{
      id: string;
      locked: boolean;
    }>`select id, status in ('published', 'publishing') as locked
      from tracking.tasks where id = any(${tasks}::text[]) order by id for update`.execute(trx);
    for (const row of rows) if (!row.locked || locked.get(`task/${row.id}`)?.allowLocked) found.add(`task/${row.id}`);
  }
  if (models.length > 0) {
    const { rows } = await sql<{ id: string; locked: boolean }>`select id, ready as locked
      from tracking.models where id = any(${models}::text[]) order by id for update`.execute(trx);
    for (const row of rows) if (!row.locked || locked.get(`model/${row.id}`)?.allowLocked) found.add(`model/${row.id}`);
  }
  return found;
}

async function touchOwners(trx: Db, events: readonly ParsedEvent[]): Promise<void> {
  const progress = new Map<string, { ofModel: boolean; owner: string; iter: number; lines: number }>();
  for (const event of events) {
    const key = ownerKey(event);
    const at = progress.get(key) ?? { ofModel: event.ofModel, owner: event.owner, iter: 0, lines: 0 };
    if (event.type === 'log') at.lines += 1;
    else if (!MACHINE_METRICS.has(event.metric)) at.iter = Math.max(at.iter, event.iter);
    progress.set(key, at);
  }
  const tasks = [...progress.values()].filter((one) => !one.ofModel);
  const models = [...progress.values()].filter((one) => one.ofModel);
  if (tasks.length > 0)
    await sql`update tracking.tasks t set last_update = now(), last_change = now(),
        last_iteration = greatest(t.last_iteration, n.iter), log_lines = t.log_lines + n.lines,
        active_duration = case when t.status = 'in_progress' and t.started is not null
          then extract(epoch from now() - t.started)::bigint else t.active_duration end
      from unnest(${tasks.map((one) => one.owner)}::text[], ${tasks.map((one) => one.iter)}::bigint[],
        ${tasks.map((one) => one.lines)}::bigint[]) n (id, iter, lines)
      where t.id = n.id`.execute(trx);
  if (models.length > 0)
    await sql`update tracking.models t set last_update = now(), last_change = now(),
        last_iteration = greatest(t.last_iteration, n.iter)
      from unnest(${models.map((one) => one.owner)}::text[], ${models.map((one) => one.iter)}::bigint[]) n (id, iter)
      where t.id = n.id`.execute(trx);
}

const KINDS = {
  training_stats_scalar: 'scalars',
  training_stats_vector: 'plot',
  training_debug_image: 'image',
  plot: 'plot',
  log: 'log',
} as const;

function announce(core: Core, events: readonly ParsedEvent[]): void {
  const counts = new Map<string, Change & { count: number }>();
  for (const { owner, ofModel, type } of events) {
    const kind = KINDS[type];
    const key = `${kind}/${owner}`;
    const change = counts.get(key) ?? { kind, count: 0, ...(ofModel ? { subject: owner } : { task: owner }) };
    change.count += 1;
    counts.set(key, change);
  }
  for (const change of counts.values()) {
    core.events.inc({ kind: change.kind }, change.count);
    core.changes.send(change);
  }
}
