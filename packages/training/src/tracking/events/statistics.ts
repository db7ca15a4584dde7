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
  /** The iterations between which the points lie, single values among them. */
  lowest: number;
  highest: number;
  /** The iterations between which the points of a curve lie; single values are none. */
  low: number | undefined;
  high: number | undefined;
}

/** Groups a batch by series, in an order that does not depend on the order of the events. */
export function collectSeries(scalars: readonly Scalar[]): SeriesPart[] {
  const hashes = new Map<string, string>();
  const hash = (text: string) => remembered(hashes, text, () => md5(text));
  // Maps in maps: making one key of owner, metric and variant for every event costs more than all the rest.
  const byOwner = new Map<string, Map<string, Map<string, SeriesPart>>>();
  const parts = new Map<string, SeriesPart>();
  for (const scalar of scalars) {
    const byMetric = remembered(byOwner, scalar.owner, () => new Map<string, Map<string, SeriesPart>>());
    const byVariant = remembered(byMetric, scalar.metric, () => new Map<string, SeriesPart>());
    const part = remembered(byVariant, scalar.variant, () => {
      const made = emptyPart(scalar, hash(scalar.metric), hash(scalar.variant));
      parts.set(`${made.owner}/${made.metricHash}/${made.variantHash}`, made);
      return made;
    });
    add(part, scalar);
  }
  return [...parts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
}

function remembered<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function emptyPart({ owner, metric, variant }: Scalar, metricHash: string, variantHash: string): SeriesPart {
  const statistics = { last: undefined, first: undefined, min: undefined, max: undefined, total: 0, count: 0 };
  const ends = { lowest: Number.POSITIVE_INFINITY, highest: Number.NEGATIVE_INFINITY };
  const extent = { ...ends, low: undefined, high: undefined };
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
  if (iter < part.lowest) part.lowest = iter;
  if (iter > part.highest) part.highest = iter;
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
