import type { ByRun } from '../../api/loop.ts';

/** The share of the distance from static to the oracle that the loop has covered; undefined when there is no distance. */
export function gapClosed(seconds: ByRun): number | undefined {
  const gap = seconds.static - seconds.oracle;
  return gap > 0 ? (seconds.static - seconds.loop) / gap : undefined;
}
