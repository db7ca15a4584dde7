import { type Ref, track } from './tracking.ts';

export interface QueueEntry {
  task: { id: string; name?: string };
  added: string;
}

export interface QueueState {
  id: string;
  name: string;
  created?: string;
  tags?: string[];
  /** In order: the first is handed out next. At most MOST_ENTRIES. */
  entries?: QueueEntry[];
  workers?: { name: string; ip?: string; task: Ref }[];
  /** All that wait, also those beyond `entries`. */
  waiting: number;
}

const MOST_ENTRIES = 500;

export async function listQueueStates(signal?: AbortSignal): Promise<QueueState[]> {
  const { queues } = await track<{ queues: Omit<QueueState, 'waiting'>[] }>(
    'queues.get_all_ex',
    { order_by: ['name'], page: 0, page_size: 500, max_task_entries: MOST_ENTRIES },
    signal,
  );
  return Promise.all(
    queues.map(async (queue) => {
      const shown = queue.entries?.length ?? 0;
      if (shown < MOST_ENTRIES) return { ...queue, waiting: shown };
      const { num } = await track<{ num: number }>('queues.get_num_entries', { queue: queue.id }, signal);
      return { ...queue, waiting: num };
    }),
  );
}

export interface QueueCurve {
  /** Epoch milliseconds. */
  dates: number[];
  /** Seconds. */
  avg_waiting_times: number[];
  queue_lengths: number[];
}

export interface Hours {
  hours: number;
}

/** About this many points in a chart, whatever its span; workers report no more often than LEAST_SECONDS. */
const POINTS = 180;
const LEAST_SECONDS = 40;

export function spanOf({ hours }: Hours, now = Date.now()) {
  const to = Math.ceil(now / 1000);
  const seconds = hours * 3600;
  return { from_date: to - seconds, to_date: to, interval: Math.max(LEAST_SECONDS, Math.round(seconds / POINTS)) };
}

export async function queueCurve(queue: string, span: Hours, signal?: AbortSignal): Promise<QueueCurve | undefined> {
  const { queues } = await track<{ queues: QueueCurve[] }>(
    'queues.get_queue_metrics',
    { ...spanOf(span), queue_ids: [queue], refresh: true },
    signal,
  );
  return queues[0];
}

/** Puts the entry at `from` to the place `to`; both counted from 0. */
export async function moveEntry(
  queue: string,
  task: string,
  { from, to, last }: Record<'from' | 'to' | 'last', number>,
) {
  if (from === to) return;
  if (to === 0) await track('queues.move_task_to_front', { queue, task });
  else if (to === last) await track('queues.move_task_to_back', { queue, task });
  else if (to < from) await track('queues.move_task_forward', { queue, task, count: from - to });
  else await track('queues.move_task_backward', { queue, task, count: to - from });
}

export const createQueue = (name: string) => track<{ id: string }>('queues.create', { name });
export const renameQueue = (queue: string, name: string) => track('queues.update', { queue, name });
export const clearQueue = (queue: string) => track('queues.clear_queue', { queue });
export const deleteQueue = (queue: string) => track('queues.delete', { queue, force: true });
