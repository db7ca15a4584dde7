import { allocate, type SliceDemand } from '@ranloop/sdk/slicing';
import type { CellReport, Plant, SliceRatio } from '../../plant.ts';
import { SLICES } from '../layout.ts';
import type { Scenario, SliceKey } from '../scenario.ts';
import { SLICE_KEYS } from '../scenario.ts';

/** Upper bound over the demand that a controller knows, by slice. */
export type Margins = Readonly<Record<SliceKey, number>>;

/** Best of a scan over seeds, so that the opponents are as good as their knowledge allows. */
export const REACTIVE_MARGINS: Margins = { embb: 1.05, urllc: 1.25, miot: 1.05 };
export const ORACLE_MARGINS: Margins = { embb: 0.9, urllc: 1.07, miot: 1 };

/**
 * Demand of a slice in PRB as a report shows it: the PRBs in use, and those that what was dropped would have taken.
 * A rule knows no more; what still waits in the queue it does not see.
 */
export function reportedDemand(report: CellReport, snssai: string): number {
  const counters = report.slices.find(({ slice }) => slice.snssai === snssai)?.counters;
  const used = counters?.['RRU.PrbUsedDl'] ?? 0;
  const dropped = (counters?.['DRB.PdcpPacketDropRateDl'] ?? 0) / 1e6;
  return used / Math.max(0.05, 1 - dropped);
}

/** Ratios for the next period from the last report: what a rule without a model can do. */
export function reactiveRatios(scenario: Scenario, report: CellReport, margins: Margins): readonly SliceRatio[] {
  const demands = SLICES.map(
    ({ snssai }, s): SliceDemand => ({ snssai, upper: reportedDemand(report, snssai) * marginOf(margins, s) }),
  );
  return allocate(demands, scenario.prbs);
}

/** Ratios from what will truly be offered between two times. */
export function oracleRatios(
  plant: Plant,
  cell: number,
  coming: { from: number; to: number; margins: Margins },
): readonly SliceRatio[] {
  const demands = SLICES.map(({ snssai }, s): SliceDemand => {
    const { p95 } = plant.offeredPrb(cell, snssai, coming.from, coming.to);
    return { snssai, upper: p95 * marginOf(coming.margins, s) };
  });
  return allocate(demands, plant.cells[cell]?.prbs ?? 1);
}

function marginOf(margins: Margins, slice: number): number {
  return margins[SLICE_KEYS[slice] ?? 'embb'];
}
