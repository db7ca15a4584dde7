import type { SliceTotals } from '../plant.ts';
import { add, at } from './arrays.ts';
import { SLICES } from './layout.ts';

/** Sums of one measurement period by `cell * slices + slice`, and what the report is worked out from. */
export interface Meters {
  readonly offered: Float64Array;
  readonly served: Float64Array;
  readonly lost: Float64Array;
  readonly prbSeconds: Float64Array;
  readonly users: Float64Array;
  /** Sum over seconds of users with data. */
  readonly active: Float64Array;
  /** Sum over packets, in Mbit, of delay in ms. */
  readonly delayed: Float64Array;
  readonly violations: Float64Array;
  seconds: number;
}

export function createMeters(width: number): Meters {
  const array = () => new Float64Array(width);
  return {
    offered: array(),
    served: array(),
    lost: array(),
    prbSeconds: array(),
    users: array(),
    active: array(),
    delayed: array(),
    violations: array(),
    seconds: 0,
  };
}

export function clearMeters(meters: Meters): void {
  for (const sums of arraysOf(meters)) sums.fill(0);
  meters.seconds = 0;
}

export function addMeters(into: Meters, from: Meters): void {
  const sources = arraysOf(from);
  arraysOf(into).forEach((sums, k) => {
    const source = sources[k] as Float64Array;
    for (let i = 0; i < sums.length; i++) add(sums, i, at(source, i));
  });
  into.seconds += from.seconds;
}

function arraysOf(meters: Meters): Float64Array[] {
  return [
    meters.offered,
    meters.served,
    meters.lost,
    meters.prbSeconds,
    meters.users,
    meters.active,
    meters.delayed,
    meters.violations,
  ];
}

/** Sums over the given cells; what waits still is neither served nor unserved. */
export function totalsOf(meters: Meters, cells: readonly number[], prbs: number): SliceTotals[] {
  const slices = SLICES.length;
  return SLICES.map((slice, s) => {
    const sum = (values: Float64Array) => cells.reduce((total, cell) => total + at(values, cell * slices + s), 0);
    const capacity = prbs * cells.length * meters.seconds;
    return {
      slice,
      violationSeconds: sum(meters.violations),
      servedMbit: sum(meters.served),
      unservedMbit: sum(meters.lost),
      prbUse: capacity > 0 ? (100 * sum(meters.prbSeconds)) / capacity : 0,
    };
  });
}
