import { EVENT_TYPES, type EventType, type MetricVariants } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Db } from '../core.ts';
import { ApiError } from '../wire/errors.ts';
import { cursorNumbers, readCursor, writeCursor } from './cursor.ts';
import { readLog } from './log.ts';
import { SAMPLE_COLUMNS, type SampleType, toSampleEvent } from './samples.ts';
import { metricCondition } from './scope.ts';

type Event = Record<string, unknown>;

export interface PageRequest {
  readonly owner: string;
  readonly types: readonly EventType[];
  readonly metrics: readonly MetricVariants[] | undefined;
  readonly limit: number;
  readonly descending: boolean;
  readonly scrollId: string | undefined;
}

/** Where a walk stands: in which of the types asked for, and behind which key of it. */
interface Place {
  type: number;
  after: readonly number[] | undefined;
}

/** Events of one or all types, type by type, each in the order of iterations (logs: of time). The end is an empty page. */
export async function readPage(db: Db, request: PageRequest): Promise<{ events: Event[]; scroll_id: string }> {
  const place = request.scrollId ? readPlace(request.scrollId) : { type: 0, after: undefined };
  const events: Event[] = [];
  while (events.length < request.limit && place.type < request.types.length) {
    const type = request.types[place.type] as EventType;
    const wanted = request.limit - events.length;
    const part = await READERS[type](db, { ...request, limit: wanted }, { type, after: place.after });
    events.push(...part.events);
    if (part.count < wanted) {
      place.type += 1;
      place.after = undefined;
    } else place.after = part.last;
  }
  return { events, scroll_id: writeCursor({ type: place.type, after: place.after ?? null }) };
}

function readPlace(scrollId: string): Place {
  const state = readCursor(scrollId);
  const { type, after } = state;
  if (typeof type !== 'number' || !Number.isSafeInteger(type) || type < 0) throw new ApiError('invalidScrollId');
  return { type, after: after === null ? undefined : cursorNumbers(state, 'after', 2) };
}

interface Part {
  events: Event[];
  count: number;
  last: readonly number[] | undefined;
}
type Reader = (
  db: Db,
  request: PageRequest,
  at: { type: EventType; after: readonly number[] | undefined },
) => Promise<Part>;

const beyond = (descending: boolean) => sql.raw(descending ? '<' : '>');
const order = (descending: boolean) => sql.raw(descending ? 'desc' : 'asc');

const scalars: Reader = async (db, { owner, metrics, limit, descending }, { after }) => {
  const bound = after
    ? sql`(p.iter, p.series) ${beyond(descending)} (${after[0]}::bigint, ${after[1]}::bigint)`
    : sql`true`;
  const { rows } = await sql<{ series: number; iter: number } & Event>`
    select p.series, p.iter, s.metric, s.variant, p.ts as timestamp, tracking.finite(p.value) as value
    from tracking.series s join tracking.scalars p on p.series = s.id
    where s.owner = ${owner} and ${metricCondition(metrics)} and ${bound}
    order by p.iter ${order(descending)}, p.series ${order(descending)} limit ${limit}`.execute(db);
  const last = rows.at(-1);
  return {
    events: rows.map(({ series: _series, ...row }) => ({ type: 'training_stats_scalar', task: owner, ...row })),
    count: rows.length,
    last: last && [last.iter, last.series],
  };
};

const samples: Reader = async (db, { owner, metrics, limit, descending }, { type, after }) => {
  const bound = after
    ? sql`(s.iter, s.place) ${beyond(descending)} (${after[0]}::bigint, ${after[1]}::bigint)`
    : sql`true`;
  // The first half of the identity makes a number to order by among events of one iteration.
  const { rows } = await sql<{ iter: number; place: number } & Parameters<typeof toSampleEvent>[0]>`
    select ${SAMPLE_COLUMNS}, s.place from (
      select s.*, ('x' || left(s.identity, 12))::bit(48)::bigint as place from tracking.samples s
      where s.owner = ${owner} and s.type = ${type} and ${metricCondition(metrics)}) s
    where ${bound} order by s.iter ${order(descending)}, s.place ${order(descending)} limit ${limit}`.execute(db);
  const last = rows.at(-1);
  return {
    events: rows.map((row) => ({ ...toSampleEvent(row) })),
    count: rows.length,
    last: last && [last.iter, last.place],
  };
};

const logs: Reader = async (db, { owner, limit, descending }, { after }) => {
  const from = after?.[0];
  const lines = await readLog(db, { task: owner, limit, earlier: descending, from });
  const last = lines.at(-1);
  const events = lines.map(({ timestamp, worker, level, msg }) => ({
    type: 'log',
    task: owner,
    timestamp,
    worker,
    level,
    msg,
  }));
  return { events, count: lines.length, last: last && [last.timestamp, 0] };
};

const READERS: Readonly<Record<EventType, Reader>> = {
  training_stats_scalar: scalars,
  training_stats_vector: samples,
  training_debug_image: samples,
  plot: samples,
  log: logs,
};

export function eventTypes(given: string | undefined): EventType[] {
  if (given === undefined || given === '' || given === '*') return [...EVENT_TYPES];
  const found = EVENT_TYPES.find((type) => type === given.replaceAll(' ', '_'));
  if (!found) throw new ApiError('badValue', { event_type: given }, 'unknown event type');
  return [found];
}

export async function countEvents(
  db: Db,
  { owner, types, metrics }: Pick<PageRequest, 'owner' | 'types' | 'metrics'>,
): Promise<number> {
  const condition = metricCondition(metrics);
  const kinds: SampleType[] = types.filter(
    (type): type is SampleType => type !== 'training_stats_scalar' && type !== 'log',
  );
  const { rows } = await sql<{ total: number }>`select
      case when ${types.includes('training_stats_scalar')} then (select count(*) from tracking.series s
        join tracking.scalars p on p.series = s.id where s.owner = ${owner} and ${condition}) else 0 end
      + case when ${types.includes('log')} then coalesce((select log_lines from tracking.tasks where id = ${owner}), 0) else 0 end
      + (select count(*) from tracking.samples s where s.owner = ${owner} and s.type = any(${kinds}::text[]) and ${condition})
      as total`.execute(db);
  return rows[0]?.total ?? 0;
}
