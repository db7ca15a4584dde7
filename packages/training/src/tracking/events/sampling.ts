import type { Points } from './points.ts';

type Line = Pick<Points, 'x' | 'y'>;

/** Curves of so many points at most that only rise or only fall are averaged. */
const SHORT_CURVE = 1_000;

/**
 * Cuts a curve down to at most `samples` points. Slices of equal width, half as many as samples, keep their lowest and
 * highest point where they are: no peak is averaged away, and every point that is drawn was reported. Only a short curve
 * that rises or falls all along is averaged, slice by slice, as the reference does: it has no peaks to lose, and clients
 * compare such answers number by number.
 */
export function sample(points: Line, samples: number): Line {
  if (points.x.length <= samples) return points;
  if (points.x.length <= SHORT_CURVE && isMonotone(points)) return averages(points, samples);
  return extremes(points, samples);
}

/** Points of one x become one, the average of them: several iterations may fall into one millisecond. */
export function mergeEqual({ x, y }: Line): Line {
  const order = x.map((_, at) => at).sort((a, b) => (x[a] as number) - (x[b] as number));
  const merged: { x: number[]; y: (number | null)[] } = { x: [], y: [] };
  for (let from = 0; from < order.length; ) {
    const at = x[order[from] as number] as number;
    let to = from + 1;
    while (to < order.length && x[order[to] as number] === at) to += 1;
    merged.x.push(at);
    merged.y.push(average(order.slice(from, to).map((place) => y[place] as number | null)));
    from = to;
  }
  return merged;
}

function average(values: readonly (number | null)[]): number | null {
  const numbers = values.filter((value) => value !== null);
  // Each is divided before they are added: the sum of two of the largest numbers is none.
  return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value / numbers.length, 0);
}

function isMonotone({ x, y }: Line): boolean {
  let rises = true;
  let falls = true;
  for (let at = 1; at < y.length; at += 1) {
    const [before, here] = [y[at - 1], y[at]];
    if (typeof before !== 'number' || typeof here !== 'number') return false;
    if ((x[at] as number) < (x[at - 1] as number)) return false;
    rises &&= here >= before;
    falls &&= here <= before;
  }
  return rises || falls;
}

/** The reference's slices: as wide as `samples` of them need to be, each at its lower edge with its average. */
function averages({ x, y }: Line, samples: number): Line {
  const extent = (x.at(-1) as number) - (x[0] as number) + 1;
  const width = Math.ceil(extent / samples);
  const slices = new Map<number, { sum: number; count: number }>();
  for (const [at, here] of x.entries()) {
    const edge = Math.floor(here / width) * width;
    const slice = slices.get(edge) ?? { sum: 0, count: 0 };
    slices.set(edge, slice);
    slice.sum += y[at] as number;
    slice.count += 1;
  }
  return { x: [...slices.keys()], y: [...slices.values()].map(({ sum, count }) => sum / count) };
}

function extremes({ x, y }: Line, samples: number): Line {
  const slices = Math.max(1, Math.floor(samples / 2));
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const at of x) {
    if (at < low) low = at;
    if (at > high) high = at;
  }
  const lowest = new Int32Array(slices).fill(-1);
  const highest = new Int32Array(slices).fill(-1);
  const scale = slices / (high - low + 1);
  for (let at = 0; at < x.length; at += 1) {
    const value = y[at];
    if (typeof value !== 'number') continue;
    const slice = Math.min(slices - 1, Math.floor(((x[at] as number) - low) * scale));
    if (lowest[slice] === -1 || value < (y[lowest[slice] as number] as number)) lowest[slice] = at;
    if (highest[slice] === -1 || value > (y[highest[slice] as number] as number)) highest[slice] = at;
  }
  const kept: number[] = [];
  for (let slice = 0; slice < slices; slice += 1) {
    const [one, two] = [lowest[slice] as number, highest[slice] as number];
    if (one === -1) continue;
    if (one === two) kept.push(one);
    else kept.push(...((x[one] as number) <= (x[two] as number) ? [one, two] : [two, one]));
  }
  // One point is all that may be drawn: the highest.
  const drawn = samples === 1 ? kept.filter((at) => at === highest[0]) : kept;
  return { x: drawn.map((at) => x[at] as number), y: drawn.map((at) => y[at] as number) };
}
