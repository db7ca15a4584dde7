export const EVENT_TYPES = [
  'training_stats_scalar',
  'training_stats_vector',
  'training_debug_image',
  'plot',
  'log',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

interface EventHead {
  task: string;
  /** Epoch milliseconds; the server's time when absent. */
  timestamp?: number;
  worker?: string;
  /** False: refused when the task is published. */
  allow_locked?: boolean;
  /** True: `task` holds the id of a model. */
  model_event?: boolean;
}
interface SeriesHead extends EventHead {
  iter?: number;
  metric?: string;
  variant?: string;
}

export interface ScalarEvent extends SeriesHead {
  type: 'training_stats_scalar';
  value?: number | null;
  x_axis_label?: string;
}
export interface VectorEvent extends SeriesHead {
  type: 'training_stats_vector';
  values: number[];
}
export interface ImageEvent extends SeriesHead {
  type: 'training_debug_image';
  key?: string;
  url?: string;
}
export interface PlotEvent extends SeriesHead {
  type: 'plot';
  /** Plotly figure as JSON text. */
  plot_str: string;
  skip_validation?: boolean;
}
export interface LogEvent extends EventHead {
  type: 'log';
  level?: string;
  msg: string;
}
export type TrackingEvent = ScalarEvent | VectorEvent | ImageEvent | PlotEvent | LogEvent;

/** The answer of events.add and events.add_batch: `added` counts the events that were accepted. */
export interface EventsAdded {
  added: number;
  errors: number;
  errors_info: Record<string, number>;
}

/** One sampled curve of `scalar_metrics_iter_histogram`. */
export interface Curve {
  name: string;
  x: (number | string)[];
  y: (number | null)[];
  x_axis_label?: string;
}
/** By metric, then by variant. */
export type Curves = Record<string, Record<string, Curve>>;
