import { SINGLE_VALUE_ITERATION } from '@ranloop/contracts/tracking';
import { md5 } from '../store/ids.ts';
import type { Scalar } from './parse.ts';

/** What one batch adds to a series: the points, at most one per iteration, and the statistics over them. */
export interface SeriesPart {
  readonly owner: string;
  readonly metric: string;
  readonly variant: string;
  readonly metricHash: string;
  readonly variantHash: string;
  readonly points: Map<number, { ts: number; value: number | null }>;
  /** The value at the highest (iter, timestamp), even when it is not finite. */
  last: { iter: number; ts: number; value: number } | undefined;
  first: { iter: number; ts: number; value: number } | undefined;
  min: { iter: number; value: number } | undefined;
  max: { iter: number; value: number } | undefined;
  total: number;
  count: number;
  label: string | undefined;
  /** The iterations between which the points of a curve lie; single values are none. */
  low: number | undefined;
  high: number | undefined;
}

/** Groups a batch by series, in an order that does not depend on the order of the events. */
export function collectSeries(scalars: readonly Scalar[]): SeriesPart[] {
  const hashes = new Map<string, string>();
  const hash = (text: string) => {
    const known = hashes.get(text) ?? md5(text);
    hashes.set(text, known);
    return known;
  };
  const parts = new Map<string, SeriesPart>();
  for (const scalar of scalars) {
    const metricHash = hash(scalar.metric);
    const variantHash = hash(scalar.variant);
    const key = `${scalar.owner}/${metricHash}/${variantHash}`;
    let part = parts.get(key);
    if (!part) {
      part = emptyPart(scalar, metricHash, variantHash);
      parts.set(key, part);
    }
    add(part, scalar);
  }
  return [...parts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
}

function emptyPart({ owner, metric, variant }: Scalar, metricHash: string, variantHash: string): SeriesPart {
  const statistics = { last: undefined, first: undefined, min: undefined, max: undefined, total: 0, count: 0 };
  const extent = { low: undefined, high: undefined };
  return {
    owner,
    metric,
    variant,
    metricHash,
    variantHash,
    points: new Map(),
    ...statistics,
    ...extent,
    label: undefined,
  };
}

function add(part: SeriesPart, { iter, ts, value, label }: Scalar): void {
  part.points.set(iter, { ts, value });
  part.label = label ?? part.label;
  if (iter !== SINGLE_VALUE_ITERATION) {
    if (part.low === undefined || iter < part.low) part.low = iter;
    if (part.high === undefined || iter > part.high) part.high = iter;
  }
  if (value === null) return;
  if (!part.last || iter > part.last.iter || (iter === part.last.iter && ts >= part.last.ts))
    part.last = { iter, ts, value };
  if (!Number.isFinite(value)) return;
  if (!part.first || iter < part.first.iter || (iter === part.first.iter && ts < part.first.ts))
    part.first = { iter, ts, value };
  if (!part.min || value < part.min.value) part.min = { iter, value };
  if (!part.max || value > part.max.value) part.max = { iter, value };
  part.total += value;
  part.count += 1;
}
