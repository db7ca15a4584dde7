import type { TelemetryQuery } from '@ranloop/contracts/r1';
import { WEEK } from './partitions.ts';
import { BUCKET, HOUR } from './rollups.ts';

export type Range = readonly [from: number, to: number];

export interface Coverage {
  /** Read from summaries; where a range is cut, it is the buckets that begin in it. */
  readonly rolled: readonly Range[];
  /** Read from samples. */
  readonly raw: readonly Range[];
}

/** More changes between summaries and points than this, and the points alone are read where there are any. */
const MOST_RANGES = 16;

/** The weeks of the range of which only summaries are left, as ranges. */
export function withoutSamples({ from, to }: Pick<TelemetryQuery, 'from' | 'to'>, weeks: readonly number[]): Range[] {
  const ranges: [number, number][] = [];
  for (const week of weeks) {
    const [start, end] = [Math.max(from, week * WEEK), Math.min(to, (week + 1) * WEEK)];
    if (start >= end) continue;
    const previous = ranges.at(-1);
    if (previous?.[1] === start) previous[1] = end;
    else ranges.push([start, end]);
  }
  return ranges;
}

/** Parts the range: summaries of the hours that are summarised and lie in it whole, and of whatever has no samples. */
export function coverage({ from, to }: TelemetryQuery, hours: readonly number[], gone: readonly Range[]): Coverage {
  const inside = hours
    .map((hour): Range => [hour * HOUR, (hour + 1) * HOUR])
    .filter(([start, end]) => start >= from && end <= to && !gone.some(([first, last]) => start < last && end > first));
  const parted = part([from, to], [...inside, ...gone]);
  return parted.rolled.length > MOST_RANGES ? part([from, to], gone) : parted;
}

function part([from, to]: Range, summarised: readonly Range[]): Coverage {
  const rolled: [number, number][] = [];
  const raw: Range[] = [];
  let at = from;
  for (const [start, end] of [...summarised].sort(([a], [b]) => a - b)) {
    const previous = rolled.at(-1);
    if (previous && previous[1] === start) previous[1] = end;
    else {
      if (start > at) raw.push([at, start]);
      rolled.push([start, end]);
    }
    at = end;
  }
  if (at < to) raw.push([at, to]);
  return { rolled, raw };
}

/** Summaries can answer: steps of whole buckets, or one value for all. */
export const isCoarse = (step: number | undefined) => step === undefined || step % BUCKET === 0;
