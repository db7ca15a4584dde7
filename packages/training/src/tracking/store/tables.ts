import type {
  Artifact,
  ConfigurationItem,
  Hyperparams,
  MetadataItem,
  TaskModelItem,
} from '@ranloop/contracts/tracking';
import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely';

type Json<T extends object> = JSONColumnType<T, string, string>;
type Document = Json<Record<string, unknown>>;

export interface ProjectsTable {
  id: string;
  name: string;
  basename: string;
  description: string;
  user_id: string;
  created: Date;
  last_update: Date;
  tags: string[];
  system_tags: string[];
  default_output_destination: string | null;
  parent: string | null;
  /** Ids of the ancestors, the root first. */
  path: string[];
  /** Seen by every company and changed by none, until it is made private again. */
  public: Generated<boolean>;
}

export interface TasksTable {
  id: string;
  name: string;
  type: string;
  status: string;
  user_id: string;
  project: string | null;
  parent: string | null;
  comment: string;
  report: string | null;
  report_assets: string[];
  tags: string[];
  system_tags: string[];
  created: Date;
  started: Date | null;
  completed: Date | null;
  published: Date | null;
  status_changed: Date;
  last_update: Date;
  last_change: Date;
  last_changed_by: string;
  status_reason: string;
  status_message: string;
  last_worker: string | null;
  last_worker_report: Date | null;
  last_iteration: Generated<number>;
  active_duration: number | null;
  /** What the status was before the task entered a queue. */
  enqueue_status: string | null;
  script: Document;
  execution: Document;
  artifacts: Json<Artifact[]>;
  output: Document;
  container: Document;
  hyperparams: Json<Hyperparams>;
  configuration: Json<Record<string, ConfigurationItem>>;
  runtime: Document;
  models: Json<{ input: TaskModelItem[]; output: TaskModelItem[] }>;
  log_lines: Generated<number>;
  /** Everybody may read it, and nobody may change it. */
  public: Generated<boolean>;
  /** Whether system_tags hold these. */
  hidden: GeneratedAlways<boolean>;
  archived: GeneratedAlways<boolean>;
}

export interface ModelsTable {
  id: string;
  name: string;
  user_id: string;
  created: Date;
  last_update: Date;
  last_change: Date;
  task: string | null;
  parent: string | null;
  project: string | null;
  comment: string;
  tags: string[];
  system_tags: string[];
  framework: string | null;
  design: Document;
  labels: Json<Record<string, number>>;
  uri: string | null;
  ready: boolean;
  metadata: Json<Record<string, MetadataItem>>;
  last_iteration: Generated<number>;
  public: Generated<boolean>;
  /** What a user interface keeps with the model, until its uri changes. */
  ui_cache: ColumnType<Record<string, unknown>, string | undefined, string>;
}

export interface QueuesTable {
  id: string;
  name: string;
  display_name: string | null;
  user_id: string;
  created: Date;
  last_update: Date;
  tags: string[];
  system_tags: string[];
  metadata: Json<Record<string, MetadataItem>>;
}

export interface QueueEntriesTable {
  queue: string;
  task: string;
  added: Date;
  position: Generated<number>;
}

export interface WorkersTable {
  id: string;
  user_id: string;
  ip: string;
  register_time: Date;
  register_timeout: number;
  last_activity_time: Date;
  last_report_time: Date | null;
  expires: Date;
  task: string | null;
  queue: string | null;
  queues: string[];
  tags: string[];
  system_tags: string[];
  machine_stats: Document;
}

export interface UsersTable {
  id: string;
  name: string;
  role: string;
  preferences: Document;
  created: Date;
  email: string | null;
  given_name: string | null;
  family_name: string | null;
  avatar: string | null;
  created_in_version: string | null;
}

export interface CredentialsTable {
  access_key: string;
  hash: string;
  user_id: string;
  label: string | null;
  created: Date;
  last_used: Date | null;
  last_used_from: string | null;
}

/** Exports that were asked for and wait, for some minutes, to be fetched. */
export interface PreparedDownloadsTable {
  id: string;
  request: Document;
  created: Date;
}

export interface Tables {
  projects: ProjectsTable;
  tasks: TasksTable;
  models: ModelsTable;
  queues: QueuesTable;
  queue_entries: QueueEntriesTable;
  workers: WorkersTable;
  users: UsersTable;
  credentials: CredentialsTable;
  prepared_downloads: PreparedDownloadsTable;
}
