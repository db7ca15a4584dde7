import { requestJson } from './http.ts';

/** Calls one action of the tracking API and opens its envelope. */
export async function track<T>(action: string, body: object, signal?: AbortSignal): Promise<T> {
  const { data } = await requestJson<{ data: T }>(`/api/${action}`, { method: 'POST', body, signal });
  return data;
}

export type TaskStatus =
  | 'created'
  | 'queued'
  | 'in_progress'
  | 'stopped'
  | 'published'
  | 'publishing'
  | 'closed'
  | 'failed'
  | 'completed'
  | 'unknown';

export interface LastMetric {
  metric: string;
  variant: string;
  value: number;
  min_value?: number;
  max_value?: number;
}

export interface HyperParam {
  section: string;
  name: string;
  value: string;
  type?: string;
  description?: string;
}

export interface ConfigurationItem {
  name: string;
  value: string;
  type?: string;
  description?: string;
}

export interface Artifact {
  key: string;
  type?: string;
  mode?: string;
  uri?: string;
  content_size?: number;
  hash?: string;
  timestamp?: number;
  type_data?: { preview?: string; content_type?: string };
}

/** Reference fields come joined from `get_all_ex`, as plain ids from others. */
export type Ref = { id: string; name?: string } | string | null;

export interface Task {
  id: string;
  name: string;
  type?: string;
  status: TaskStatus;
  status_reason?: string;
  status_message?: string;
  comment?: string;
  project?: Ref;
  user?: Ref;
  parent?: Ref;
  created?: string;
  started?: string;
  completed?: string;
  last_update?: string;
  active_duration?: number;
  last_iteration?: number;
  last_worker?: string;
  tags?: string[];
  system_tags?: string[];
  last_metrics?: Record<string, Record<string, LastMetric>>;
  hyperparams?: Record<string, Record<string, HyperParam>>;
  configuration?: Record<string, ConfigurationItem>;
  execution?: { queue?: Ref; artifacts?: Artifact[] };
  models?: {
    input?: { name: string; model: Ref }[];
    output?: { name: string; model: Ref }[];
  };
  script?: {
    binary?: string;
    repository?: string;
    branch?: string;
    version_num?: string;
    entry_point?: string;
    working_dir?: string;
  };
  output?: { destination?: string };
  runtime?: Record<string, unknown>;
}

export interface Project {
  id: string;
  name: string;
}

export interface Model {
  id: string;
  name: string;
  uri?: string;
  framework?: string;
  ready?: boolean;
  created?: string;
  tags?: string[];
  labels?: Record<string, number>;
  metadata?: Record<string, { key: string; type?: string; value?: string }>;
}

export interface Queue {
  id: string;
  name: string;
}

export const refId = (ref: Ref | undefined): string | undefined =>
  typeof ref === 'string' ? ref : (ref?.id ?? undefined);

export const refName = (ref: Ref | undefined): string =>
  typeof ref === 'object' && ref ? (ref.name ?? ref.id) : (ref ?? '');
