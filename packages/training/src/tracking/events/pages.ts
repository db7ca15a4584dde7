import { EVENT_TYPES, type EventType } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Db } from '../core.ts';
import { ApiError } from '../wire/errors.ts';
import { isObject } from '../wire/parameters.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { countLines } from './log-lines.ts';
import { type PageRequest, type PlaceKey, READERS } from './page-readers.ts';
import type { SampleType } from './samples.ts';
import { metricCondition } from './scope.ts';

/** What a walk over events asks for. Its scroll id repeats it, so that a client may go on with the scroll id alone. */
export interface Walk extends PageRequest {
  readonly types: readonly EventType[];
  /** Counted at the first page. */
  readonly total: number | null;
  /** In which of the types the walk stands, and behind which key of it. */
  readonly type: number;
  readonly after: PlaceKey | undefined;
}

export type NewWalk = Omit<Walk, 'total' | 'type' | 'after'> & { readonly count: boolean };

/** Begins a walk, or goes on with the one that the scroll id holds; a batch size that is given anew counts from here on. */
export async function walkOf(
  db: Db,
  asked: NewWalk,
  { scrollId, batchSize }: { scrollId: string | undefined; batchSize: number | undefined },
): Promise<Walk> {
  if (!scrollId) {
    const { count, ...request } = asked;
    return { ...request, total: count ? await countEvents(db, request) : null, type: 0, after: undefined };
  }
  const walk = readWalk(scrollId, asked.owner);
  return batchSize === undefined ? walk : { ...walk, limit: asked.limit };
}

/** Events type by type, each in the order of iterations (logs: of time). The end is an empty page. */
export async function readPage(db: Db, walk: Walk): Promise<{ events: Record<string, unknown>[]; scroll_id: string }> {
  const events: Record<string, unknown>[] = [];
  let { type, after } = walk;
  while (events.length < walk.limit && type < walk.types.length) {
    const kind = walk.types[type] as EventType;
    const wanted = walk.limit - events.length;
    const part = await READERS[kind](db, { ...walk, limit: wanted }, { type: kind, after });
    events.push(...part.events);
    if (part.ended) {
      type += 1;
      after = undefined;
    } else {
      after = part.last;
      // A part that is full by bytes ends the page, too: the next one may be as large.
      if (part.events.length < wanted) break;
    }
  }
  const { owner, types, metrics, limit, descending, total } = walk;
  return { events, scroll_id: writeCursor({ owner, types, metrics, limit, descending, total, type, after }) };
}

/** What may be asked for at a time; a scroll id that says more is not ours. */
const LARGEST_LIMIT = 200_000;

function readWalk(scrollId: string, owner: string): Walk {
  const state = readCursor(scrollId);
  const { types, metrics, limit, descending, total, type, after } = state;
  const whole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  const known = new Set<unknown>(EVENT_TYPES);
  const valid =
    state['owner'] === owner &&
    Array.isArray(types) &&
    types.every((item) => known.has(item)) &&
    (metrics === undefined || (Array.isArray(metrics) && metrics.every(isMetric))) &&
    whole(limit) &&
    (limit as number) > 0 &&
    (limit as number) <= LARGEST_LIMIT &&
    typeof descending === 'boolean' &&
    (total === null || whole(total)) &&
    whole(type) &&
    (after === undefined || isKey(after));
  if (!valid) throw new ApiError('invalidScrollId', { scroll_id: scrollId });
  return state as unknown as Walk;
}

function isMetric(value: unknown): boolean {
  if (!isObject(value) || typeof value['metric'] !== 'string') return false;
  const { variants } = value;
  return variants === undefined || (Array.isArray(variants) && variants.every((item) => typeof item === 'string'));
}

function isKey(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [first, second] = value as unknown[];
  const within = (item: unknown) => Number.isInteger(item) && Math.abs(item as number) <= 2 ** 53;
  return within(first) && (within(second) || (typeof second === 'string' && /^[0-9a-f]{32}$/.test(second)));
}

export function eventTypes(given: string | undefined): EventType[] {
  if (given === undefined || given === '' || given === '*') return [...EVENT_TYPES];
  const found = EVENT_TYPES.find((type) => type === given.replaceAll(' ', '_'));
  if (!found) throw new ApiError('badValue', { event_type: given }, 'unknown event type');
  return [found];
}

async function countEvents(
  db: Db,
  { owner, types, metrics }: Pick<Walk, 'owner' | 'types' | 'metrics'>,
): Promise<number> {
  const condition = metricCondition(metrics);
  const kinds: SampleType[] = types.filter(
    (type): type is SampleType => type !== 'training_stats_scalar' && type !== 'log',
  );
  const lines = types.includes('log') ? await countLines(db, owner, metrics) : 0;
  const { rows } = await sql<{ total: number }>`select
      case when ${types.includes('training_stats_scalar')} then (select count(*) from tracking.series s
        join tracking.scalars p on p.series = s.id where s.owner = ${owner} and ${condition}) else 0 end
      + (select count(*) from tracking.samples s where s.owner = ${owner} and s.type = any(${kinds}::text[]) and ${condition})
      as total`.execute(db);
  return lines + (rows[0]?.total ?? 0);
}
