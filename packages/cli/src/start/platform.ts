import { composeServices, type NamedService, named, type Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import { createMetrics, type Metrics } from '@ranloop/kit/metrics';
import { createDatabase, createEmbeddedPostgres, type Database } from '@ranloop/kit/postgres';
import type { Rapps } from '@ranloop/non-rt-ric/rapps';
import type { Automation } from '@ranloop/training/automation';
import { serveLoop } from '../loop/http.ts';
import type { LoopMonitor } from '../loop/state.ts';
import { type Accounts, createInstallationAuthenticator, ownAuthorization } from './authenticator.ts';
import { type Certificate, openCertificate } from './certificate.ts';
import type { DataFolder } from './data-folder.ts';
import { createHosts } from './hosts.ts';
import type { StartOptions } from './options.ts';
import { createNearRtRic } from './parts/near-rt-ric.ts';
import { createNonRtRic } from './parts/non-rt-ric.ts';
import { createTraining } from './parts/training.ts';
import type { PortName, Ports } from './ports.ts';
import { vesClients } from './ves.ts';
import { serveDashboard } from './web.ts';

export interface PlatformParts {
  readonly options: StartOptions;
  readonly data: DataFolder;
  readonly ports: Ports;
  readonly urls: Readonly<Record<PortName, string>>;
  readonly log: Log;
  readonly monitor: LoopMonitor;
}

/** All rooms of one process, and what the loop needs of them. */
export interface Platform extends Service {
  readonly urls: Readonly<Record<PortName, string>>;
  readonly ports: Ports;
  readonly metrics: Metrics;
  readonly automation: Automation;
  readonly rapps: Rapps;
  readonly authorization: () => Promise<string>;
}

const CONNECTIONS = 24;

export async function createPlatform(parts: PlatformParts): Promise<Platform> {
  const { options, data, log } = parts;
  // The database and its address exist before the rooms do: they take it as a value.
  const certificate = await openCertificate(data.folder);
  const { database, service: store } = await openStore(options, data, log);
  try {
    return composePlatform(parts, { database, store, certificate });
  } catch (error) {
    await store.stop();
    throw error;
  }
}

interface Foundation {
  readonly database: Database;
  readonly store: NamedService;
  readonly certificate: Certificate;
}

function composePlatform(parts: PlatformParts, { database, store, certificate }: Foundation): Platform {
  const { options, data, ports, urls, log, monitor } = parts;
  const metrics = createMetrics();
  const accounts: Accounts = {};
  const auth = createInstallationAuthenticator(data, accounts);
  const hosts = createHosts({ host: options.host, ports, certificate, clients: vesClients(options) }, { log, metrics });
  const authorization = ownAuthorization(auth);
  const context = { options, data, urls, hosts, database, auth, authorization, log, metrics };

  const training = createTraining(context);
  accounts.findKey = training.tracking.findKey;
  accounts.isRemoved = training.tracking.isRemoved;
  const nonRtRic = createNonRtRic(context);
  const nearRtRic = createNearRtRic(context, ports.e2);
  serveLoop(hosts.dashboard.app, monitor, auth);
  serveDashboard(hosts.dashboard.app, urls);

  // Started from the top down, stopped from the bottom up: rooms before the ports on which they answer, ports before
  // those of our own clients that call them.
  const services: NamedService[] = [
    store,
    ...training.rooms,
    ...nonRtRic.rooms,
    ...nearRtRic,
    ...Object.entries(hosts).map(([name, host]) => named(`port ${name}`, host)),
    ...training.clients,
  ];
  const all = composeServices(services, { log });
  return {
    start: () => all.start(),
    stop: () => all.stop(),
    urls,
    ports,
    metrics,
    automation: training.automation,
    rapps: nonRtRic.rapps,
    authorization,
  };
}

/** The embedded PostgreSQL is started here, since its port and password are known only then; `stop` ends it last. */
async function openStore(
  options: StartOptions,
  data: DataFolder,
  log: Log,
): Promise<{ database: Database; service: NamedService }> {
  const embedded = options.databaseUrl === undefined ? createEmbeddedPostgres(data.folder, log) : undefined;
  await embedded?.start();
  const database = createDatabase({ url: options.databaseUrl ?? embedded?.url ?? '', connections: CONNECTIONS });
  const stop = async () => {
    await database.stop();
    await embedded?.stop();
  };
  return { database, service: named('database', { start: async () => undefined, stop }) };
}
