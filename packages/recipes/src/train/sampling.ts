import { createRandom, shuffle } from '../network/index.ts';
import type { Problem } from '../problem/index.ts';

/** Rows without yesterday's demand are few in operation; one of so many is kept, so that the model still knows them. */
const KEEP_INCOMPLETE = 8;
/** The share of the sample that goes to the rows of highest load of their cell and slice. */
const BUSY_SHARE = 0.3;
const BUSY_PART = 0.15;
/** In both schemas the first feature is the newest value. */
const NEWEST = 0;

/**
 * Training rows, at most `most`, drawn by seed. Rows in the top of their cell's and slice's load are drawn first, since
 * quotas matter when cells are full and those rows are rare. They are told by a feature, never by the target: choosing
 * by what came after would bend the quantiles.
 */
export function sampleRows(problem: Problem, most: number, seed: number): Uint32Array {
  const { split } = problem;
  const complete = split.train.filter((row) => problem.isComplete(row));
  const incomplete = split.train.filter((row) => !problem.isComplete(row));
  const enough = complete.length >= split.train.length / 10;
  const usable = enough
    ? join(
        complete,
        incomplete.filter((_, at) => at % KEEP_INCOMPLETE === 0),
      )
    : split.train;
  if (usable.length <= most) return usable;
  const random = createRandom(seed);
  const busy = busyRows(problem, usable);
  const chosen = new Set(shuffle(Uint32Array.from(busy), random).subarray(0, Math.floor(most * BUSY_SHARE)));
  for (const row of shuffle(Uint32Array.from(usable), random)) {
    if (chosen.size >= most) break;
    chosen.add(row);
  }
  return Uint32Array.from(chosen).sort();
}

function busyRows(problem: Problem, rows: Uint32Array): number[] {
  const load = (row: number) => problem.features[row * problem.columns + NEWEST] as number;
  const byKey = new Map<number, number[]>();
  for (const row of rows) {
    const key = (problem.group[row] as number) * 65_536 + (problem.slice[row] as number);
    const list = byKey.get(key);
    if (list) list.push(row);
    else byKey.set(key, [row]);
  }
  return [...byKey.values()].flatMap((list) =>
    list.sort((a, b) => load(b) - load(a)).slice(0, Math.ceil(list.length * BUSY_PART)),
  );
}

/**
 * What an error of one unit counts, by row: slices of small demand would not be heard beside large ones, so each counts
 * by the inverse square root of its mean.
 */
export function rowWeights(problem: Problem, rows: Uint32Array): Float32Array {
  const horizons = problem.horizons.length;
  const sums = problem.slices.map(() => ({ sum: 0, count: 0 }));
  for (const row of rows) {
    const slice = sums[problem.slice[row] as number];
    if (!slice) continue;
    slice.sum += Math.abs(problem.targets[row * horizons] as number);
    slice.count++;
  }
  const means = sums.map(({ sum, count }) => (count > 0 ? sum / count : 0));
  const middle = means.reduce((sum, mean) => sum + mean, 0) / Math.max(1, means.length);
  const weights = means.map((mean) => (mean > 0 && middle > 0 ? Math.min(10, Math.sqrt(middle / mean)) : 1));
  return Float32Array.from(problem.slice, (slice) => weights[slice] ?? 1);
}

function join(a: Uint32Array, b: Uint32Array): Uint32Array {
  const out = new Uint32Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out.sort();
}
