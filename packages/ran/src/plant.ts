import type { PrbRatio } from '@ranloop/contracts/r1';

/** What the rooms of this package share: the plant as its interfaces see it. The radio room implements it. */

export interface CellIdentity {
  /** Position in the scenario, 0-based. */
  readonly index: number;
  /** `gnb-1`: one ManagedElement, and one E2 node, serves up to seven cells. */
  readonly managedElement: string;
  /** `ManagedElement=gnb-1,GNBDUFunction=1,NRCellDU=1` */
  readonly dn: string;
  /** NR cell identity, 36 bits. */
  readonly ncI: number;
  readonly prbs: number;
}

export interface SliceIdentity {
  /** SST and SD in hex, as in TS 28.552 subcounters: "01000001". */
  readonly snssai: string;
  readonly name: 'eMBB' | 'URLLC' | 'mIoT';
}

/** Counters by TS 28.552 name, without subcounter; units as in the table of counters. */
export type Counters = Readonly<Record<string, number>>;

export interface CellReport {
  readonly cell: CellIdentity;
  readonly counters: Counters;
  readonly slices: readonly { readonly slice: SliceIdentity; readonly counters: Counters }[];
}

/** One closed measurement period; times are seconds of simulated time since the start of the scenario. */
export interface PeriodReport {
  readonly start: number;
  readonly end: number;
  readonly cells: readonly CellReport[];
}

export interface SliceTotals {
  readonly slice: SliceIdentity;
  readonly violationSeconds: number;
  readonly servedMbit: number;
  readonly unservedMbit: number;
  /** Mean percent of the cells' PRBs used by the slice. */
  readonly prbUse: number;
}

export interface SliceRatio {
  readonly snssai: string;
  readonly ratio: PrbRatio;
}

export interface Plant {
  readonly cells: readonly CellIdentity[];
  readonly slices: readonly SliceIdentity[];
  /** Simulated seconds since the start of the scenario. */
  readonly now: number;
  /** Runs on to the end of the current measurement period and returns what was measured in it. */
  advancePeriod(): PeriodReport;
  /** The ratios that the scheduler of a cell uses from the next period on; slices that are left out keep theirs. */
  setRatios(cell: number, ratios: readonly SliceRatio[]): void;
  ratios(cell: number): readonly SliceRatio[];
  /** Sums since the last `resetTotals`. */
  totals(): readonly SliceTotals[];
  resetTotals(): void;
}
