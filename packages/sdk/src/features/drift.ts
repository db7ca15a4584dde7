import Type, { type Static } from 'typebox';
import { quantile } from './metrics.ts';

/** Where the training values of one feature lay: `shares[i]` of them between `edges[i - 1]` and `edges[i]`. */
export const FeatureHistogram = Type.Object({
  feature: Type.String({ maxLength: 256 }),
  edges: Type.Array(Type.Number(), { maxItems: 100 }),
  shares: Type.Array(Type.Number({ minimum: 0, maximum: 1 }), { maxItems: 101 }),
});
export type FeatureHistogram = Static<typeof FeatureHistogram>;

/** A share of zero would make the index infinite; one of a thousand says "hardly ever". */
const LEAST_SHARE = 1e-3;

/** Bins of equal share; fewer than asked for when values repeat. */
export function histogramOf(feature: string, values: ArrayLike<number>, bins = 10): FeatureHistogram {
  const edges: number[] = [];
  for (let bin = 1; bin < bins; bin++) {
    const edge = quantile(values, bin / bins);
    if (Number.isFinite(edge) && edge !== edges.at(-1)) edges.push(edge);
  }
  return { feature, edges, shares: shares(values, edges) };
}

/**
 * Population stability index between training and now: the sum over bins of (now - then) * ln(now / then). Under 0.1
 * nothing changed, over 0.25 the inputs are of another kind. NaN without values.
 */
export function stabilityIndex(then: FeatureHistogram, values: ArrayLike<number>): number {
  if (values.length === 0) return Number.NaN;
  const now = shares(values, then.edges);
  let sum = 0;
  for (let bin = 0; bin < now.length; bin++) {
    const a = Math.max(LEAST_SHARE, then.shares[bin] ?? 0);
    const b = Math.max(LEAST_SHARE, now[bin] as number);
    sum += (b - a) * Math.log(b / a);
  }
  return sum;
}

function shares(values: ArrayLike<number>, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (let at = 0; at < values.length; at++) {
    let bin = 0;
    while (bin < edges.length && (values[at] as number) > (edges[bin] as number)) bin++;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts.map((count) => (values.length > 0 ? count / values.length : 0));
}
