import Type from 'typebox';

/** The versions that `auth.login` and `server.info` advertise. SDKs choose their request shapes by `api`. */
export const TRACKING_VERSIONS = { api: '2.34', server: '2.3.0', build: '1' } as const;

/** "basic" keeps clients from calling the endpoints of other editions. */
export const FEATURE_SET = 'basic';

/** The cookie that may carry a token in place of the Authorization header. */
export const TOKEN_COOKIE = 'clearml_token_basic';

export const TASK_STATUSES = [
  'created',
  'queued',
  'in_progress',
  'stopped',
  'published',
  'publishing',
  'closed',
  'failed',
  'completed',
  'unknown',
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export const TASK_TYPES = [
  'training',
  'testing',
  'inference',
  'data_processing',
  'application',
  'monitor',
  'controller',
  'optimizer',
  'service',
  'qc',
  'custom',
  'report',
] as const;
export type TaskType = (typeof TASK_TYPES)[number];

/** The iteration under which a single value (a scalar without a series) is kept. */
export const SINGLE_VALUE_ITERATION = -2147483648;

/** The metric under which SDKs report single values. */
export const SINGLE_VALUE_METRIC = 'Summary';

export const TaskStatusSchema = Type.Enum([...TASK_STATUSES]);
export const TaskTypeSchema = Type.Enum([...TASK_TYPES]);

/** 32 lowercase hex digits: a UUID without its dashes. */
export const Id = Type.String({ minLength: 1, maxLength: 256 });
export const Ids = Type.Array(Id, { maxItems: 10_000 });
export const Strings = Type.Array(Type.String(), { maxItems: 10_000 });
/** An object whose keys are the client's own. */
export const FreeObject = Type.Record(Type.String(), Type.Unknown());
