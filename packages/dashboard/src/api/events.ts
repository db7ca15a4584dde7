import { track } from './tracking.ts';

export interface Curve {
  name: string;
  x: number[];
  y: number[];
}

/** metric -> variant -> curve */
export type Curves = Record<string, Record<string, Curve>>;

export type ScalarAxis = 'iter' | 'timestamp';

export const getScalars = (task: string, key: ScalarAxis, signal?: AbortSignal) =>
  track<Curves>('events.scalar_metrics_iter_histogram', { task, key, samples: 2000 }, signal);

export interface LogEvent {
  timestamp: number;
  level?: string;
  worker?: string;
  msg: string;
}

export interface LogPage {
  events: LogEvent[];
  returned: number;
  total: number;
}

/** A page of the console, oldest first: the newest ones, those before `before`, or those after `after`. */
export async function getLog(
  task: string,
  where: { before?: number; after?: number } = {},
  signal?: AbortSignal,
): Promise<LogPage> {
  const page = await track<LogPage>(
    'events.get_task_log',
    {
      task,
      batch_size: 2000,
      navigate_earlier: where.after === undefined,
      order: 'asc',
      ...(where.before === undefined ? {} : { from_timestamp: where.before }),
      ...(where.after === undefined ? {} : { from_timestamp: where.after }),
    },
    signal,
  );
  return { ...page, events: [...page.events].sort((a, b) => a.timestamp - b.timestamp) };
}

export interface PlotEvent {
  metric: string;
  variant: string;
  iter: number;
  timestamp: number;
  plot_str: string;
}

export async function getPlots(task: string, signal?: AbortSignal): Promise<PlotEvent[]> {
  const { plots } = await track<{ plots: PlotEvent[] }>('events.get_task_plots', { task, iters: 1 }, signal);
  return plots;
}

export interface SingleValue {
  metric: string;
  variant: string;
  value: number;
}

export async function getSingleValues(task: string, signal?: AbortSignal): Promise<SingleValue[]> {
  const { tasks } = await track<{ tasks: { values: SingleValue[] }[] }>(
    'events.get_task_single_value_metrics',
    { tasks: [task] },
    signal,
  );
  return tasks.flatMap((task) => task.values);
}
