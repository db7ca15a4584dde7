import {
  SetWorkerProperties,
  WorkerProperties,
  WorkersActivity,
  WorkersGetAll,
  WorkersMetricKeys,
  WorkersRegister,
  WorkersStats,
  WorkersStatusReport,
  WorkersUnregister,
} from '@ranloop/contracts/tracking';
import { type Core, transaction } from '../core.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { activityReport, metricKeys, workerStats } from './charts.ts';
import { countWorkers, listWorkers } from './entity.ts';
import { readProperties, setProperties } from './properties.ts';
import { registerWorker, reportStatus } from './registration.ts';

const DEFAULT_LAST_SEEN_SECONDS = 3_600;

export function workerEndpoints(core: Core): Endpoint[] {
  return [...registrations(core), ...lists(core), ...charts(core), ...properties(core)];
}

function registrations(core: Core): Endpoint[] {
  const changed = (worker: string, task?: string) =>
    core.changes.send({ kind: 'worker', subject: worker, ...(task === undefined ? {} : { task }) });
  return [
    endpoint({
      name: 'workers.register',
      since: '2.4',
      body: WorkersRegister,
      run: async (body, call) => {
        await transaction(core, (trx) => registerWorker(trx, body, call));
        changed(body.worker);
        return {};
      },
    }),
    endpoint({
      name: 'workers.unregister',
      since: '2.4',
      body: WorkersUnregister,
      run: async ({ worker }, { identity }) => {
        // Agents say goodbye twice: a worker that is not there is no error.
        const own = core.db.deleteFrom('workers').where('user_id', '=', identity.user);
        await own.where('id', '=', worker).execute();
        changed(worker);
        return {};
      },
    }),
    endpoint({
      name: 'workers.status_report',
      since: '2.4',
      body: WorkersStatusReport,
      run: async (body, call) => {
        await transaction(core, (trx) => reportStatus(trx, body, call));
        changed(body.worker, body.task || undefined);
        return {};
      },
    }),
  ];
}

function lists(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'workers.get_all',
      since: '2.4',
      body: WorkersGetAll,
      run: async ({ last_seen, worker_pattern, tags, system_tags }, { nulls }) => {
        const seconds = last_seen ?? (nulls.includes('last_seen') ? 0 : DEFAULT_LAST_SEEN_SECONDS);
        return { workers: await listWorkers(core, { seconds, pattern: worker_pattern, tags, system_tags }) };
      },
    }),
    endpoint({
      name: 'workers.get_count',
      since: '2.26',
      body: WorkersGetAll,
      run: async ({ last_seen = 0, worker_pattern, tags, system_tags }) => ({
        count: await countWorkers(core, { seconds: last_seen, pattern: worker_pattern, tags, system_tags }),
      }),
    }),
  ];
}

function charts(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'workers.get_metric_keys',
      since: '2.4',
      body: WorkersMetricKeys,
      run: ({ worker_ids }) => metricKeys(core, worker_ids),
    }),
    endpoint({
      name: 'workers.get_stats',
      since: '2.4',
      body: WorkersStats,
      run: async (body) => ({ workers: await workerStats(core, body) }),
    }),
    endpoint({
      name: 'workers.get_activity_report',
      since: '2.4',
      body: WorkersActivity,
      run: (body) => activityReport(core, body),
    }),
  ];
}

/** Not in the open server; agents ask for them and stop asking after a 404. */
function properties(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'workers.get_runtime_properties',
      since: '2.10',
      body: WorkerProperties,
      run: async ({ worker }) => ({ runtime_properties: await readProperties(core, worker) }),
    }),
    endpoint({
      name: 'workers.set_runtime_properties',
      since: '2.10',
      body: SetWorkerProperties,
      run: (body) => setProperties(core, body),
    }),
  ];
}
