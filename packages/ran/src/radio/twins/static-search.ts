import { RanloopError } from '@ranloop/contracts/errors';
import { allocate } from '@ranloop/sdk/slicing';
import type { SliceRatio } from '../../plant.ts';
import { at } from '../arrays.ts';
import { createCellEngine } from '../cell-engine.ts';
import { BLOCK_SECONDS, createEnvironment, type Environment } from '../environment.ts';
import { SLICES } from '../layout.ts';
import { clearMeters, createMeters } from '../meters.ts';
import { lateShare } from '../queues.ts';
import { type Scenario, URLLC } from '../scenario.ts';

export interface StaticSearchOptions {
  /** Training days, seconds of the scenario; whole minutes, at most a week. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** 0..1. */
  readonly onProgress?: (done: number) => void;
}

export interface StaticSearchResult {
  /** By cell: cells do not compete for PRBs, so each has its own best constants. */
  readonly ratios: readonly (readonly SliceRatio[])[];
  /** Of all cells over the training days under these ratios. */
  readonly violationSeconds: number;
  readonly evaluations: number;
}

/** Dedicated percent of URLLC, minimum percents of eMBB and mIoT. */
type Candidate = readonly [urllc: number, embb: number, miot: number];

const NOTHING: Candidate = [0, 0, 0];
const COARSE_URLLC: readonly number[] = [0, 6, 12, 17, 22, 27, 33, 40];
const COARSE_EMBB: readonly number[] = [0, 50];
const FINE: readonly Candidate[] = [
  [-3, 0, 0],
  [3, 0, 0],
  [-1, 0, 0],
  [1, 0, 0],
  [0, -12, 0],
  [0, 12, 0],
  [0, 0, 4],
  [0, 0, 10],
  [-2, 0, 0],
  [2, 0, 0],
  [0, -6, 0],
  [0, 6, 0],
  [0, 0, -3],
  [0, 0, 3],
  [-1, 0, 0],
  [1, 0, 0],
];
/** The coarse grid looks at every third of these chunks: its steps are wider than the difference that makes. */
const COARSE_CHUNK_MINUTES = 30;
const COARSE_STRIDE = 3;
const LONGEST = 7 * 86_400;

/**
 * The best constant ratios of each cell on training days, a fair opponent: a coarse grid over URLLC's dedicated and eMBB's
 * minimum, then descent along one coordinate at a time with falling steps on the whole days. All cells are tried at
 * once, each with its own candidate, since what one cell is given changes nothing in another.
 */
export function searchStaticRatios(scenario: Scenario, options: StaticSearchOptions): StaticSearchResult {
  const { fromSeconds, toSeconds, onProgress } = options;
  const length = toSeconds - fromSeconds;
  const whole = fromSeconds % BLOCK_SECONDS === 0 && length % BLOCK_SECONDS === 0;
  if (!(whole && fromSeconds >= 0 && length >= BLOCK_SECONDS && length <= LONGEST))
    throw new RanloopError('RL_INVALID', 'the training days must be whole minutes, at most a week', {
      fields: [{ path: '/toSeconds', problem: `must be ${BLOCK_SECONDS} to ${LONGEST} s after fromSeconds` }],
    });
  const cells = Array.from({ length: scenario.cells }, (_, cell) => cell);
  const rounds = COARSE_URLLC.length * COARSE_EMBB.length + FINE.length + 1;
  const count = createCounter(scenario, fromSeconds, toSeconds);
  let evaluations = 0;
  const evaluate = (candidates: readonly Candidate[], coarse: boolean): number[] => {
    const violations = cells.map((cell) => count(cell, candidates[cell] ?? NOTHING, coarse));
    evaluations++;
    onProgress?.(evaluations / rounds);
    return violations;
  };
  const best = cells.map(() => ({ candidate: NOTHING, violations: Number.POSITIVE_INFINITY }));
  const attempt = (candidates: readonly Candidate[], coarse: boolean) => {
    evaluate(candidates, coarse).forEach((violations, cell) => {
      const held = best[cell];
      const candidate = candidates[cell];
      if (!held || !candidate || violations >= held.violations) return;
      held.candidate = candidate;
      held.violations = violations;
    });
  };

  for (const embb of COARSE_EMBB)
    for (const urllc of COARSE_URLLC)
      attempt(
        cells.map(() => [urllc, embb, 0]),
        true,
      );
  for (const held of best) held.violations = Number.POSITIVE_INFINITY;
  attempt(
    best.map(({ candidate }) => candidate),
    false,
  );
  for (const step of FINE)
    attempt(
      best.map(({ candidate }) => moved(candidate, step)),
      false,
    );
  return {
    ratios: best.map(({ candidate }) => ratiosOf(candidate)),
    violationSeconds: best.reduce((sum, { violations }) => sum + violations, 0),
    evaluations,
  };
}

/**
 * Violation seconds of one cell under constant ratios. Minutes are left out in which no second could fail: everything
 * offered, on the PRBs that are not dedicated, stays under the load at which URLLC meets its delay even there.
 */
function createCounter(scenario: Scenario, fromSeconds: number, toSeconds: number) {
  const width = scenario.cells * SLICES.length;
  const first = Math.floor(fromSeconds / BLOCK_SECONDS);
  const minutes = Math.ceil(toSeconds / BLOCK_SECONDS) - first;
  const environment = createEnvironment(scenario, { blocks: minutes });
  const peaks = peakDemand(scenario, environment, { first, minutes });
  const calmLoad = 0.97 * sharedLoadLimit(scenario);
  const quotas = { min: new Float64Array(width), max: new Float64Array(width), dedicated: new Float64Array(width) };
  const backlog = new Float64Array(width);
  const meters = createMeters(width);
  const run = createCellEngine(scenario, quotas, backlog);

  return (cell: number, candidate: Candidate, coarse: boolean): number => {
    const base = cell * SLICES.length;
    ratiosOf(candidate).forEach(({ ratio }, s) => {
      quotas.min[base + s] = (ratio.min * scenario.prbs) / 100;
      quotas.max[base + s] = (ratio.max * scenario.prbs) / 100;
      quotas.dedicated[base + s] = (ratio.dedicated * scenario.prbs) / 100;
      backlog[base + s] = 0;
    });
    clearMeters(meters);
    const calm = calmLoad * (scenario.prbs - at(quotas.dedicated, base + URLLC));
    for (let m = 0; m < minutes; m++) {
      const chunk = Math.floor(m / COARSE_CHUNK_MINUTES);
      if ((coarse && chunk % COARSE_STRIDE !== 0) || at(peaks, m * scenario.cells + cell) <= calm) {
        backlog.fill(0, base, base + SLICES.length);
        continue;
      }
      const block = environment.block(first + m);
      for (let second = 0; second < BLOCK_SECONDS; second++) run(cell, block, second, meters);
    }
    return SLICES.reduce((sum, _, s) => sum + at(meters.violations, base + s), 0);
  };
}

/** Highest demand of any second, in PRB, by minute and cell. */
function peakDemand(
  scenario: Scenario,
  environment: Environment,
  { first, minutes }: { first: number; minutes: number },
): Float64Array {
  const peaks = new Float64Array(minutes * scenario.cells);
  for (let m = 0; m < minutes; m++) {
    const { offered, perPrb } = environment.block(first + m);
    for (let i = 0; i < offered.length; i += SLICES.length) {
      let demand = 0;
      for (let s = 0; s < SLICES.length; s++) demand += at(offered, i + s) / at(perPrb, i + s);
      const place = m * scenario.cells + ((i / SLICES.length) % scenario.cells);
      if (demand > at(peaks, place)) peaks[place] = demand;
    }
  }
  return peaks;
}

/** Load of shared PRBs up to which URLLC keeps its SLA without any of its own. */
function sharedLoadLimit({ delay, sla, slices }: Scenario): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 40; i++) {
    const sharedLoad = (low + high) / 2;
    const waiting = { overflow: 1, sharedLoad, dedicatedLoad: 0 };
    const keeps =
      lateShare(delay, waiting, sla.urllcDelayMs) <= sla.urllcLateShare &&
      lateShare(delay, waiting, slices.urllc.delayLimit * 1_000) <= sla.urllcLossShare;
    if (keeps) low = sharedLoad;
    else high = sharedLoad;
  }
  return low;
}

/** By the shared rule in a cell of 100 PRB: it turns percents into ratios that fit. */
function ratiosOf([urllc, embb, miot]: Candidate): SliceRatio[] {
  return allocate(
    SLICES.map(({ snssai, name }) => ({ snssai, upper: { eMBB: embb, URLLC: urllc, mIoT: miot }[name] })),
    100,
  );
}

function moved(candidate: Candidate, step: Candidate): Candidate {
  const within = (value: number) => Math.min(100, Math.max(0, value));
  return [within(candidate[0] + step[0]), within(candidate[1] + step[1]), within(candidate[2] + step[2])];
}
