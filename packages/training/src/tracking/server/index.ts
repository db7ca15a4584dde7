import {
  FreeObject,
  NoParameters,
  ReportStatsOption,
  ServerConfig,
  ServerGetStats,
  TRACKING_VERSIONS,
} from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { COMPANY, type Core } from '../core.ts';
import { wireDate } from '../query/index.ts';
import { newId } from '../store/ids.ts';
import { mergeSetting, readSetting } from '../store/settings.ts';
import { requireManager } from '../users/roles.ts';
import { type Call, type Endpoint, endpoint, type Registry } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { isObject } from '../wire/parameters.ts';
import { versionText } from '../wire/path.ts';
import { serverStatistics } from './statistics.ts';

const STATS_OPTION = 'report_stats_option';

/** `registry` is asked when a call comes: it holds these endpoints, too. */
export function serverEndpoints(core: Core, registry: () => Registry): Endpoint[] {
  return [
    endpoint({ name: 'debug.ping', since: '2.9', open: true, body: FreeObject, run: (body) => body }),
    ...info(core),
    ...forManagers(core, registry),
    endpoint({
      name: 'server.report_stats_option',
      since: '2.4',
      body: ReportStatsOption,
      run: ({ enabled }, call) => statsOption(core, enabled, call),
    }),
  ];
}

function info(core: Core): Endpoint[] {
  const { server, build, api } = TRACKING_VERSIONS;
  const first = { version: server, build, commit: '' };
  return [
    endpoint({ name: 'server.info', body: NoParameters, run: () => first }),
    endpoint({
      name: 'server.info',
      since: '2.8',
      body: NoParameters,
      run: async () => ({ ...first, uid: await serverId(core) }),
    }),
    endpoint({
      name: 'server.info',
      since: '2.12',
      body: NoParameters,
      run: async () => ({ ...first, uid: await serverId(core), api_version: api }),
    }),
  ];
}

/** One id for as long as the database lives; of two who ask first, one makes it. */
async function serverId(core: Core): Promise<string> {
  const known = await readSetting(core.db, 'server');
  if (!known)
    await sql`insert into tracking.settings (key, value, updated)
      values ('server', ${JSON.stringify({ uid: newId() })}::jsonb, now()) on conflict (key) do nothing`.execute(
      core.db,
    );
  return String((known ?? (await readSetting(core.db, 'server')))?.value['uid']);
}

function forManagers(core: Core, registry: () => Registry): Endpoint[] {
  return [
    endpoint({
      name: 'server.config',
      body: ServerConfig,
      run: ({ path }, { identity }) => {
        requireManager(identity);
        return configAt({ tracking: { ...core.config }, company: { ...COMPANY } }, path);
      },
    }),
    endpoint({
      name: 'server.endpoints',
      body: NoParameters,
      run: (_body, { identity }) => {
        requireManager(identity);
        const { names, handlers } = registry();
        return {
          endpoints: Object.fromEntries(names.map((name) => [name, handlers(name).map(described)])),
          models: {},
        };
      },
    }),
    endpoint({
      name: 'server.get_stats',
      body: ServerGetStats,
      run: async ({ interval }, { identity }) => {
        requireManager(identity);
        return serverStatistics(core, await serverId(core), interval);
      },
    }),
  ];
}

/** The part of the configuration at a dotted path; there are no secrets in it. */
function configAt(config: Record<string, unknown>, path = ''): object {
  let at: unknown = config;
  for (const key of path === '' ? [] : path.split('.')) {
    if (!isObject(at) || !Object.hasOwn(at, key)) throw new ApiError('badValue', { path }, 'no such configuration');
    at = at[key];
  }
  return isObject(at) ? at : { [path.split('.').at(-1) ?? path]: at };
}

function described({ since, batch, open, body }: Endpoint): object {
  const schema = body as { required?: string[] } | undefined;
  return {
    min_version: versionText(since),
    required_fields: schema?.required ?? [],
    request_schema: body ?? null,
    batch,
    authorize: !open,
  };
}

/** The choice is kept; there is nobody to whom figures are sent, hence not supported. */
async function statsOption(core: Core, enabled: boolean | undefined, { identity }: Call): Promise<object> {
  const { server } = TRACKING_VERSIONS;
  if (enabled !== undefined) {
    const enabled_time = wireDate(new Date());
    const option = { enabled, enabled_time, enabled_version: server, enabled_user: identity.user };
    await mergeSetting(core.db, STATS_OPTION, option);
  }
  const setting = await readSetting(core.db, STATS_OPTION);
  return { supported: false, enabled: false, current_version: server, ...setting?.value };
}
