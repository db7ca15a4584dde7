import { ApiError } from '../wire/errors.ts';

/** A span of time that is drawn as points. */
export interface Span {
  /** Epoch milliseconds, the end included. */
  readonly from: number;
  readonly to: number;
  /** Milliseconds from one point to the next. */
  readonly step: number;
}

export interface SpanRequest {
  /** Epoch seconds. */
  from_date: number;
  to_date: number;
  /** Seconds. */
  interval: number;
}

/** The most points that one series is given; a span that would need more gets a longer interval. */
const MOST_POINTS = 2_000;

export function spanOf(request: SpanRequest, leastSeconds = 1): Span {
  const { from_date, to_date, interval } = request;
  if (from_date >= to_date) throw new ApiError('badValue', { from_date, to_date }, 'from_date is not before to_date');
  const seconds = Math.max(interval, leastSeconds, Math.ceil((to_date - from_date) / MOST_POINTS));
  return { from: Math.round(from_date * 1000), to: Math.round(to_date * 1000), step: seconds * 1000 };
}

/**
 * Where the points stand: at multiples of the step, from the one that holds the start. The last one is left out, since
 * the end of the span falls into it: what was measured so far would look like a drop.
 */
export function pointsOf({ from, to, step }: Span): number[] {
  const first = Math.floor(from / step) * step;
  const count = Math.floor(to / step) - first / step;
  return Array.from({ length: count }, (_, at) => first + at * step);
}
