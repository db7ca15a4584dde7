import {
  NoParameters,
  ServingDetails,
  ServingHistory,
  ServingRegister,
  ServingReport,
  ServingUnregister,
} from '@ranloop/contracts/tracking';
import type { Core } from '../core.ts';
import { type Document, toDocument } from '../query/index.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import {
  type Container,
  type ContainerInfo,
  listContainers,
  registerContainer,
  reportContainer,
  unregisterContainer,
} from './containers.ts';
import { metricsHistory } from './history.ts';

const since = '2.31';

/** Containers that serve models report here; those that serve under one URL are one endpoint. */
export function servingEndpoints(core: Core): Endpoint[] {
  return [...registrations(core), ...readers(core)];
}

function registrations(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'serving.register_container',
      since,
      body: ServingRegister,
      run: async (body, { ip }) => {
        await registerContainer(core, body, ip);
        return {};
      },
    }),
    endpoint({
      name: 'serving.container_status_report',
      since,
      body: ServingReport,
      run: async (body, { ip }) => {
        await reportContainer(core, body, ip);
        return {};
      },
    }),
    endpoint({
      name: 'serving.unregister_container',
      since,
      body: ServingUnregister,
      run: async ({ container_id }) => {
        await unregisterContainer(core, container_id);
        return {};
      },
    }),
  ];
}

function readers(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'serving.get_endpoints',
      since,
      body: NoParameters,
      run: async () => ({ endpoints: byUrl(await listContainers(core, 'serving')).map(summary) }),
    }),
    endpoint({
      name: 'serving.get_loading_instances',
      since,
      body: NoParameters,
      run: async () => ({ instances: (await listContainers(core, 'loading')).map(loading) }),
    }),
    endpoint({
      name: 'serving.get_endpoint_details',
      since,
      body: ServingDetails,
      run: async ({ endpoint_url }) => {
        const containers = await listContainers(core, { url: endpoint_url });
        const [first] = containers;
        if (!first) throw new ApiError('noContainers', { url: endpoint_url });
        return toDocument({
          ...modelOf(first.info),
          uptime_sec: largest(containers, 'uptime_sec'),
          last_update: latest(containers),
          instances: containers.map(instance),
        });
      },
    }),
    endpoint({
      name: 'serving.get_endpoint_metrics_history',
      since,
      body: ServingHistory,
      run: (body) => metricsHistory(core, body),
    }),
  ];
}

/** They come ordered by URL. */
function byUrl(containers: readonly Container[]): Container[][] {
  const endpoints = new Map<string, Container[]>();
  for (const one of containers) {
    const list = endpoints.get(one.endpoint_url ?? '') ?? [];
    list.push(one);
    endpoints.set(one.endpoint_url ?? '', list);
  }
  return [...endpoints.values()];
}

function modelOf(info: ContainerInfo): Document {
  const { endpoint_name, model_name, endpoint_url, input_size } = info;
  return {
    endpoint: endpoint_name,
    model: model_name,
    url: endpoint_url ?? null,
    model_source: info.model_source ?? null,
    model_version: info.model_version ?? null,
    preprocess_artifact: info.preprocess_artifact ?? null,
    input_type: info.input_type ?? null,
    input_size: input_size ?? null,
  };
}

function summary(containers: readonly Container[]): Document {
  const { endpoint_name, model_name, endpoint_url } = containers[0]?.info ?? {};
  return toDocument({
    endpoint: endpoint_name,
    model: model_name,
    url: endpoint_url,
    instances: containers.length,
    uptime_sec: largest(containers, 'uptime_sec'),
    requests: sum(known(containers, 'requests_num')),
    requests_min: mean(known(containers, 'requests_min'), 100),
    latency_ms: mean(known(containers, 'latency_ms'), 1),
    last_update: latest(containers),
  });
}

function instance({ id, info, last_activity_time }: Container): Document {
  return toDocument({
    id,
    uptime_sec: whole(info.uptime_sec),
    requests: whole(info.requests_num),
    requests_min: info.requests_min ?? null,
    latency_ms: whole(info.latency_ms),
    last_update: last_activity_time,
    reference: info.reference ?? null,
  });
}

function loading({ id, info, last_activity_time, age_sec }: Container): Document {
  const known = { id, uptime_sec: whole(info.uptime_sec), age_sec, last_update: last_activity_time };
  return toDocument({ ...modelOf(info), ...known });
}

type Count = 'uptime_sec' | 'requests_num' | 'requests_min' | 'latency_ms';

function known(containers: readonly Container[], field: Count): number[] {
  return containers.flatMap(({ info }) => info[field] ?? []);
}

function largest(containers: readonly Container[], field: Count): number | null {
  const values = known(containers, field);
  return values.length === 0 ? null : Math.round(Math.max(...values));
}

function sum(values: readonly number[]): number {
  return Math.round(values.reduce((all, value) => all + value, 0));
}

/** Rounded to the inverse of `parts`. */
function mean(values: readonly number[], parts: number): number | null {
  if (values.length === 0) return null;
  return Math.round((values.reduce((all, value) => all + value, 0) / values.length) * parts) / parts;
}

/** Clients read these into integers. */
function whole(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value);
}

function latest(containers: readonly Container[]): Date {
  return new Date(Math.max(...containers.map(({ last_activity_time }) => last_activity_time.getTime())));
}
