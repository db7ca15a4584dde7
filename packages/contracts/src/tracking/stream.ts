/** Server-sent events on the host of the API: what was written, so that pages need not poll. Authorised like the API. */
export const TRACKING_STREAM = '/ranloop/v1/stream';

export type ChangeKind =
  | 'status'
  | 'scalars'
  | 'log'
  | 'plot'
  | 'image'
  | 'task'
  | 'model'
  | 'queue'
  | 'worker'
  | 'project';

/** One change. `task` is absent for changes of queues and workers that concern no task. */
export interface Change {
  kind: ChangeKind;
  task?: string;
  project?: string;
  /** The queue, worker, model or project that changed. */
  subject?: string;
  /** For kind `status`. */
  status?: string;
  /** For kind `scalars` and `log`: how many were written. */
  count?: number;
}
