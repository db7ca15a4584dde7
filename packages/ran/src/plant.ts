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

/** The true demand of a slice in a span of time, in PRB: what would serve everything offered, each second by itself. */
export interface OfferedDemand {
  readonly mean: number;
  readonly p95: number;
  readonly peak: number;
}

export interface Plant {
  readonly cells: readonly CellIdentity[];
  readonly slices: readonly SliceIdentity[];
  /** Simulated seconds since the start of the scenario. */
  readonly now: number;
  /** Runs on to the end of the current measurement period and returns what was measured in it. */
  advancePeriod(): PeriodReport;
  /**
   * The ratios that the scheduler of a cell uses from the end of the running period on (that which the next
   * `advancePeriod` completes); slices that are left out keep theirs. RL_INVALID names what is refused: an unknown slice,
   * not dedicated <= min <= max, minima of one call above 100 in sum. Minima set by several calls that come to more than
   * 100 together are cut in proportion, since no order of calls must be better than another.
   */
  setRatios(cell: number, ratios: readonly SliceRatio[]): void;
  /** In force now; `wanted` those from the next period on. */
  ratios(cell: number, which?: 'in-force' | 'wanted'): readonly SliceRatio[];
  /** Demand that no policy changes, of any time, also to come: for the oracle and for judging forecasts. */
  offeredPrb(cell: number, snssai: string, fromSeconds: number, toSeconds: number): OfferedDemand;
  /** Goes on from a later time without running what lies between; traffic is that of a run from 0, queues are empty. */
  skipTo(seconds: number): void;
  /** Sums since the last `resetTotals`, over all cells or one. */
  totals(cell?: number): readonly SliceTotals[];
  /** Energy of all cells since the last `resetTotals`, Wh. */
  energyWh(): number;
  resetTotals(): void;
}
