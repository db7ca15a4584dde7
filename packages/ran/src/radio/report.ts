import type { CellIdentity, CellReport, Counters, PeriodReport } from '../plant.ts';
import { at } from './arrays.ts';
import { SLICES } from './layout.ts';
import type { Meters } from './meters.ts';
import type { Scenario } from './scenario.ts';

/** Vendor counter: seconds of the period in which the SLA of the slice failed; of a cell, the sum over its slices. */
export const SLA_VIOLATION_TIME = 'RL.SlaViolationTime';

interface Measured {
  readonly start: number;
  readonly end: number;
  readonly meters: Meters;
  /** PRBs that each slice may use by its ratios and the dedicated ones of others, `cell * slices + slice`. */
  readonly available: Float64Array;
}

/**
 * TS 28.552 counters of a period by cell and by S-NSSAI. Units: PrbTotDl %, PrbUsedDl and PrbAvailDl PRB, UEThpDl kbit/s,
 * PdcpSduVolumeDL Mbit, RlcSduDelayDl 0.1 ms, PdcpPacketDropRateDl per 1e6 packets, ConnMean users, AvgPower W. Counters
 * that the specification types as integers are rounded, except the volume, whose small slices would vanish.
 */
export function reportOf(scenario: Scenario, cells: readonly CellIdentity[], measured: Measured): PeriodReport {
  const { meters, available, start, end } = measured;
  const slices = SLICES.length;
  const counters = (pick: (values: Float64Array) => number, prbs: number): Record<string, number> => {
    const served = pick(meters.served);
    const offered = pick(meters.offered);
    const active = pick(meters.active);
    const used = pick(meters.prbSeconds) / meters.seconds;
    return {
      'RRU.PrbTotDl': Math.round((100 * used) / scenario.prbs),
      'RRU.PrbUsedDl': Math.round(used),
      'RRU.PrbAvailDl': Math.round(prbs),
      'DRB.UEThpDl': active > 0 ? round((1_000 * served) / active, 1) : 0,
      'DRB.PdcpSduVolumeDL': round(served, 3),
      'DRB.RlcSduDelayDl': served > 0 ? round((10 * pick(meters.delayed)) / served, 1) : 0,
      'DRB.PdcpPacketDropRateDl': offered > 0 ? Math.round((1e6 * pick(meters.lost)) / offered) : 0,
      'RRC.ConnMean': Math.round(pick(meters.users) / meters.seconds),
      [SLA_VIOLATION_TIME]: pick(meters.violations),
    };
  };
  const reports = cells.map((cell): CellReport => {
    const base = cell.index * slices;
    const ofCell = counters((values) => {
      let sum = 0;
      for (let s = 0; s < slices; s++) sum += at(values, base + s);
      return sum;
    }, cell.prbs);
    const watt = energyJoule(scenario, meters, cell.index) / meters.seconds;
    return {
      cell,
      counters: { ...ofCell, 'PEE.AvgPower': round(watt, 1) },
      slices: SLICES.map((slice, s) => ({
        slice,
        counters: counters((values) => at(values, base + s), at(available, base + s)) satisfies Counters,
      })),
    };
  });
  return { start, end, cells: reports };
}

/** Joule of a cell over the seconds of the meters: an idle part, and one in proportion to the PRBs in use. */
export function energyJoule({ power, prbs }: Scenario, meters: Meters, cell: number): number {
  let used = 0;
  for (let s = 0; s < SLICES.length; s++) used += at(meters.prbSeconds, cell * SLICES.length + s);
  return power.idleWatt * meters.seconds + (power.fullWatt - power.idleWatt) * (used / prbs);
}

function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
