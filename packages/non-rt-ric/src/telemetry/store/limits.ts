import { RanloopError } from '@ranloop/contracts/errors';

export interface SeriesFilter {
  readonly counters?: readonly string[];
  readonly sources?: readonly string[];
  readonly objects?: readonly string[];
  readonly snssais?: readonly string[];
}

interface Range {
  readonly from: number;
  readonly to: number;
}

export function checkRange({ from, to }: Range): void {
  if (to > from) return;
  const fields = [{ path: '/to', problem: 'must be after from' }];
  throw new RanloopError('RL_INVALID', 'query: /to must be after from', { fields });
}

export function checkBuckets(series: number, { from, to, stepMicros }: Range & { stepMicros: number }, most: number) {
  const buckets = series * (Math.floor((to - 1) / stepMicros) - Math.floor(from / stepMicros) + 1);
  if (buckets <= most) return;
  const asked = `${series} series in steps of ${stepMicros / 1_000_000} s make ${buckets} points, more than ${most}`;
  throw new RanloopError('RL_TOO_LARGE', `${asked}; ask for longer steps, a shorter range or fewer series`);
}

export function tooManySeries(most: number): RanloopError {
  return new RanloopError('RL_TOO_LARGE', `more than ${most} series match; name sources or objects`);
}

export function tooManyPoints(most: number): RanloopError {
  return new RanloopError('RL_TOO_LARGE', `more than ${most} points match; ask for steps or a shorter range`);
}
