import { RanloopError } from '@ranloop/contracts/errors';
import type { Fill, FilledResult, TelemetryQuery, TelemetryResult } from '@ranloop/contracts/r1';

type Points = FilledResult['series'][number]['points'];
type Known = readonly (readonly [number, number])[];

/** @throws RL_INVALID when there are no steps to fill */
export function checkFill({ fill, step }: TelemetryQuery): void {
  if (fill === undefined || fill === 'none' || step !== undefined) return;
  const fields = [{ path: '/fill', problem: 'needs step, which says where values are missing' }];
  throw new RanloopError('RL_INVALID', 'query: /fill needs step, which says where values are missing', { fields });
}

/** Gives every step of the range a point; the store has seen to it that these are not too many. */
export function filled(query: TelemetryQuery, result: TelemetryResult): FilledResult {
  const { fill = 'none', step } = query;
  if (fill === 'none' || step === undefined) return result;
  const grid = { first: query.from, to: query.to, step: Math.max(1, Math.round(step * 1_000_000)) };
  return { ...result, series: result.series.map((one) => ({ ...one, points: fillPoints(one.points, fill, grid) })) };
}

interface Grid {
  readonly first: number;
  readonly to: number;
  readonly step: number;
}

function fillPoints(known: Known, fill: Exclude<Fill, 'none'>, { first, to, step }: Grid): Points {
  const points: Points = [];
  let next = 0;
  for (let time = Math.floor(first / step) * step; time < to; time += step) {
    const [at, value] = known[next] ?? [];
    if (at === time && value !== undefined) {
      points.push([time, value]);
      next += 1;
    } else points.push([time, missing(time, fill, [known[next - 1], known[next]])]);
  }
  return points;
}

type Neighbour = readonly [number, number] | undefined;

function missing(time: number, fill: Exclude<Fill, 'none'>, [before, after]: readonly [Neighbour, Neighbour]) {
  if (fill === 'zero') return 0;
  if (fill === 'null' || !before) return null;
  if (fill === 'previous') return before[1];
  return after ? before[1] + ((after[1] - before[1]) * (time - before[0])) / (after[0] - before[0]) : null;
}
