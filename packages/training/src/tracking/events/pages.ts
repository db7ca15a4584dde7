import { EVENT_TYPES, type EventType } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Db } from '../core.ts';
import { ApiError } from '../wire/errors.ts';
import { isObject } from '../wire/parameters.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { countLines } from './log-lines.ts';
import { type PageRequest, type Part, type PlaceKey, READERS } from './page-readers.ts';
import type { SampleType } from './samples.ts';
import { metricCondition } from './scope.ts';

/** What a walk over events asks for. Its scroll id repeats it, so that a client may go on with the scroll id alone. */
export interface Walk extends PageRequest {
  readonly types: readonly EventType[];
  /** Counted at the first page. */
  readonly total: number | null;
  /** Where the walk stands in each of the types. */
  readonly places: readonly Place[];
}

/** Behind which key; null at the beginning. */
type Place = PlaceKey | null | 'end';

export type NewWalk = Omit<Walk, 'total' | 'places'> & { readonly count: boolean };

/** Begins a walk, or goes on with the one that the scroll id holds; a batch size that is given anew counts from here on. */
export async function walkOf(
  db: Db,
  asked: NewWalk,
  { scrollId, batchSize }: { scrollId: string | undefined; batchSize: number | undefined },
): Promise<Walk> {
  if (!scrollId) {
    const { count, ...request } = asked;
    const total = count ? await countEvents(db, request) : null;
    return { ...request, total, places: asked.types.map(() => null) };
  }
  const walk = readWalk(scrollId, asked.owner);
  return batchSize === undefined ? walk : { ...walk, limit: asked.limit };
}

/** Events in the order of their iterations, the lines of the log after all others. The end is an empty page. */
export async function readPage(db: Db, walk: Walk): Promise<{ events: Record<string, unknown>[]; scroll_id: string }> {
  const isLog = (at: number) => walk.types[at] === 'log';
  const all = walk.types.map((_, at) => at);
  const first = await mergeTypes(db, walk, { wanted: all.filter((at) => !isLog(at)), limit: walk.limit });
  let { events, places } = first;
  const room = walk.limit - events.length;
  if (room > 0 && places.every((place, at) => isLog(at) || place === 'end')) {
    const lines = await mergeTypes(db, { ...walk, places }, { wanted: all.filter(isLog), limit: room });
    events = [...events, ...lines.events];
    places = lines.places;
  }
  return { events, scroll_id: writeCursor({ ...walk, places }) };
}

/** The next events of some types, by iteration; of one iteration those of the first type come first. */
async function mergeTypes(
  db: Db,
  walk: Walk,
  { wanted, limit }: { wanted: readonly number[]; limit: number },
): Promise<{ events: Record<string, unknown>[]; places: Place[] }> {
  const places = [...walk.places];
  const heads: { at: number; part: Part; next: number }[] = [];
  for (const at of wanted) {
    const [type, place] = [walk.types[at] as EventType, places[at]];
    if (place === 'end') continue;
    heads.push({ at, part: await READERS[type](db, { ...walk, limit }, { type, after: place ?? undefined }), next: 0 });
  }
  const events: Record<string, unknown>[] = [];
  while (events.length < limit) {
    for (const { at, part, next } of heads) if (next === part.events.length && part.ended) places[at] = 'end';
    const open = heads.filter(({ at }) => places[at] !== 'end');
    // Of a type that was not read to its end nobody knows what comes next: the page ends here.
    if (open.length === 0 || open.some(({ part, next }) => next === part.events.length)) break;
    const key = (head: (typeof heads)[number]) => head.part.events[head.next]?.key[0] ?? 0;
    const nearest = open.reduce((a, b) => ((walk.descending ? key(b) > key(a) : key(b) < key(a)) ? b : a));
    const taken = nearest.part.events[nearest.next];
    if (!taken) break;
    events.push(taken.event);
    places[nearest.at] = taken.key;
    nearest.next += 1;
  }
  for (const { at, part, next } of heads) if (next === part.events.length && part.ended) places[at] = 'end';
  return { events, places };
}

/** What may be asked for at a time; a scroll id that says more is not ours. */
const LARGEST_LIMIT = 200_000;

function readWalk(scrollId: string, owner: string): Walk {
  const state = readCursor(scrollId);
  const { types, metrics, limit, descending, total, places } = state;
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
    Array.isArray(places) &&
    places.length === types.length &&
    places.every((place) => place === null || place === 'end' || isKey(place));
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
