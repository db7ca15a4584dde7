import type { TaskStatus, TaskType } from './common.ts';

/** Dates on the wire are ISO 8601 with an offset. */
export type WireDate = string;

export interface ParamsItem {
  section: string;
  name: string;
  /** Always text, whatever `type` says. */
  value: string;
  type?: string;
  description?: string;
}
/** By section, then by name. */
export type Hyperparams = Record<string, Record<string, ParamsItem>>;

export interface ConfigurationItem {
  name: string;
  value: string;
  type?: string;
  description?: string;
}

export interface Artifact {
  key: string;
  type: string;
  mode?: 'input' | 'output';
  uri?: string;
  /** Bytes. */
  content_size?: number;
  hash?: string;
  /** Epoch seconds. */
  timestamp?: number;
  type_data?: { preview?: string; content_type?: string; data_hash?: string };
  display_data?: [string, string][];
}

export interface TaskModelItem {
  name: string;
  /** Id of the model. */
  model: string;
  updated?: WireDate;
}

/** Statistics of one scalar series, kept as it grows. */
export interface LastMetric {
  metric: string;
  variant: string;
  value: number | null;
  min_value: number | null;
  min_value_iteration: number | null;
  max_value: number | null;
  max_value_iteration: number | null;
  first_value: number | null;
  first_value_iteration: number | null;
  /** Rounded to two decimals. */
  mean_value: number | null;
  count: number;
  x_axis_label?: string;
}
/** By MD5 of the metric's name, then by MD5 of the variant's name, in lowercase hex. */
export type LastMetrics = Record<string, Record<string, LastMetric>>;

export interface Execution {
  queue?: string;
  parameters?: Record<string, unknown>;
  model?: string;
  model_desc?: Record<string, unknown>;
  model_labels?: Record<string, number>;
  framework?: string;
  docker_cmd?: string;
  artifacts?: Artifact[];
}

export interface Script {
  binary?: string;
  repository?: string;
  tag?: string;
  branch?: string;
  version_num?: string;
  entry_point?: string;
  working_dir?: string;
  requirements?: Record<string, unknown>;
  diff?: string;
}

/** Everything but id, name, type and status may be absent, since callers choose fields by `only_fields`. */
export interface Task {
  id: string;
  name: string;
  type: TaskType;
  status: TaskStatus;
  user?: string;
  company?: string;
  comment?: string;
  report?: string;
  report_assets?: string[];
  created?: WireDate;
  started?: WireDate;
  completed?: WireDate;
  published?: WireDate;
  /** Seconds. */
  active_duration?: number;
  parent?: string;
  project?: string;
  tags?: string[];
  system_tags?: string[];
  status_changed?: WireDate;
  status_message?: string;
  status_reason?: string;
  last_worker?: string;
  last_worker_report?: WireDate;
  last_update?: WireDate;
  last_change?: WireDate;
  last_changed_by?: string;
  last_iteration?: number;
  output?: { destination?: string; model?: string; result?: string; error?: string };
  execution?: Execution;
  container?: Record<string, string>;
  models?: { input: TaskModelItem[]; output: TaskModelItem[] };
  script?: Script;
  hyperparams?: Hyperparams;
  configuration?: Record<string, ConfigurationItem>;
  runtime?: Record<string, unknown>;
  last_metrics?: LastMetrics;
}

export interface Project {
  id: string;
  /** The full path, parts joined by `/`. */
  name: string;
  basename: string;
  description?: string;
  user?: string;
  company?: string;
  created?: WireDate;
  last_update?: WireDate;
  tags?: string[];
  system_tags?: string[];
  default_output_destination?: string;
  parent?: string | null;
}

export interface MetadataItem {
  key: string;
  type?: string;
  value?: string;
}

export interface Model {
  id: string;
  name: string;
  user?: string;
  company?: string;
  created?: WireDate;
  last_update?: WireDate;
  last_change?: WireDate;
  task?: string;
  parent?: string;
  project?: string;
  comment?: string;
  tags?: string[];
  system_tags?: string[];
  framework?: string;
  design?: Record<string, unknown>;
  labels?: Record<string, number>;
  uri?: string;
  ready?: boolean;
  metadata?: Record<string, MetadataItem>;
  last_iteration?: number;
  last_metrics?: LastMetrics;
  stats?: { labels_count: number };
}

export interface QueueEntry {
  task: string;
  added: WireDate;
}

export interface Queue {
  id: string;
  name: string;
  display_name?: string;
  user?: string;
  company?: string;
  created?: WireDate;
  last_update?: WireDate;
  tags?: string[];
  system_tags?: string[];
  entries?: QueueEntry[];
  metadata?: Record<string, MetadataItem>;
}

interface NamedReference {
  id: string;
  name?: string;
}

export interface Worker {
  id: string;
  key?: string;
  user?: NamedReference;
  company?: NamedReference;
  ip?: string;
  register_time?: WireDate;
  /** Seconds without a report after which the worker is forgotten. */
  register_timeout?: number;
  last_activity_time?: WireDate;
  last_report_time?: WireDate;
  /** `running_time` in milliseconds. */
  task?: NamedReference & { running_time?: number; last_iteration?: number };
  project?: NamedReference;
  queue?: NamedReference & { next_task?: NamedReference; num_tasks?: number };
  queues?: (NamedReference & { next_task?: NamedReference; num_tasks?: number })[];
  tags?: string[];
  system_tags?: string[];
}

export interface User {
  id: string;
  name: string;
  given_name?: string;
  family_name?: string;
  role?: string;
  avatar?: string;
  company?: string;
  created?: WireDate;
}
