import type { ServingRegister, ServingReport } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Static } from 'typebox';
import { type Core, type Db, transaction } from '../core.ts';
import { ApiError } from '../wire/errors.ts';
import { measuresOf } from './measures.ts';

const DEFAULT_TIMEOUT_SECONDS = 600;

type Registration = Static<typeof ServingRegister>;
type Report = Static<typeof ServingReport>;

const MODEL = [
  'container_id',
  'endpoint_name',
  'endpoint_url',
  'model_name',
  'model_source',
  'model_version',
  'preprocess_artifact',
  'input_type',
  'input_size',
  'reference',
] as const satisfies readonly (keyof Registration)[];
const COUNTS = [
  'uptime_sec',
  'requests_num',
  'requests_min',
  'latency_ms',
] as const satisfies readonly (keyof Report)[];

/** What a container last said of itself, without the statistics of its machine. */
export type ContainerInfo = Pick<Registration, (typeof MODEL)[number]> & Pick<Report, (typeof COUNTS)[number]>;

/** Keys that the API does not know are not kept. */
function known<T extends object, K extends keyof T>(given: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.flatMap((key) => (given[key] === undefined ? [] : [[key, given[key]]]))) as Pick<T, K>;
}

export interface Container {
  readonly id: string;
  readonly endpoint_url: string | null;
  readonly info: ContainerInfo;
  readonly last_activity_time: Date;
  readonly age_sec: number;
}

export async function registerContainer(core: Core, given: Registration, ip: string): Promise<void> {
  const timeout = given.timeout ?? DEFAULT_TIMEOUT_SECONDS;
  await saveContainer(core.db, { info: known(given, MODEL), ip, timeout, anew: true });
}

/** A report keeps a container registered; one that was not is from here on. */
export async function reportContainer(core: Core, given: Report, ip: string): Promise<void> {
  const { container_id, endpoint_url } = given;
  const info = { ...known(given, MODEL), ...known(given, COUNTS) };
  // A container may register before it knows its URL, but it is at work only when it has one.
  if (!endpoint_url) throw new ApiError('validation', { fields: ['endpoint_url'] }, 'a report names its endpoint_url');
  const measures = measuresOf(given);
  await transaction(core, async (trx) => {
    await saveContainer(trx, { info, ip, timeout: DEFAULT_TIMEOUT_SECONDS, anew: false });
    await sql`insert into tracking.serving_stats (container, endpoint_url, ts, stats)
      values (${container_id}, ${endpoint_url}, ${Date.now()}, ${JSON.stringify(measures)}::jsonb)`.execute(trx);
  });
}

interface Saving {
  readonly info: ContainerInfo;
  readonly ip: string;
  readonly timeout: number;
  /** A registration starts the time anew and sets the timeout; a report keeps them, unless they are over. */
  readonly anew: boolean;
}

async function saveContainer(db: Db, { info, ip, timeout, anew }: Saving): Promise<void> {
  const starts = sql`(${anew}::boolean or c.expires < now())`;
  await sql`insert into tracking.serving_containers as c
      (id, endpoint_url, info, ip, register_time, register_timeout, last_activity_time, expires)
    values (${info.container_id}, ${info.endpoint_url ?? null}, ${JSON.stringify(info)}::jsonb, ${ip}, now(), ${timeout},
      now(), now() + make_interval(secs => ${timeout}))
    on conflict (id) do update set endpoint_url = excluded.endpoint_url, info = excluded.info, ip = excluded.ip,
      register_time = case when ${starts} then excluded.register_time else c.register_time end,
      register_timeout = case when ${starts} then excluded.register_timeout else c.register_timeout end,
      last_activity_time = excluded.last_activity_time,
      expires = now() + make_interval(secs =>
        case when ${starts} then excluded.register_timeout else c.register_timeout end)`.execute(db);
}

/** A container that is not there is no error: it may have been silent for too long. */
export async function unregisterContainer(core: Core, id: string): Promise<void> {
  await sql`delete from tracking.serving_containers where id = ${id}`.execute(core.db);
}

const MOST_CONTAINERS = 10_000;

/** Those of one URL, of none yet, or all that have one. */
export async function listContainers(core: Core, of: { url: string } | 'loading' | 'serving'): Promise<Container[]> {
  const condition =
    of === 'loading'
      ? sql`endpoint_url is null`
      : of === 'serving'
        ? sql`endpoint_url is not null`
        : sql`endpoint_url = ${of.url}`;
  const { rows } = await sql<Container>`select id, endpoint_url, info, last_activity_time,
      floor(extract(epoch from now() - register_time))::bigint as age_sec
    from tracking.serving_containers where expires > now() and ${condition}
    order by endpoint_url, id limit ${MOST_CONTAINERS}`.execute(core.db);
  return rows;
}

export async function dropOldContainers(core: Core): Promise<void> {
  const oldest = Date.now() - core.config.statisticsDays * 86_400_000;
  await sql`delete from tracking.serving_containers where expires < now()`.execute(core.db);
  await sql`delete from tracking.serving_stats where ts < ${oldest}`.execute(core.db);
}
