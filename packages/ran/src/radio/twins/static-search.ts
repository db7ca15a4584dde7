import { RanloopError } from '@ranloop/contracts/errors';
import { allocate } from '@ranloop/sdk/slicing';
import type { SliceRatio, SliceTotals } from '../../plant.ts';
import { BLOCK_SECONDS, createEnvironment } from '../environment.ts';
import { SLICES } from '../layout.ts';
import type { Scenario } from '../scenario.ts';
import { createPlant } from '../simulated-plant.ts';

export interface StaticSearchOptions {
  /** Training days, seconds of the scenario; whole periods. At most a week. */
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
const COARSE_CHUNK_SECONDS = 1_800;
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
  if (!(length >= scenario.periodSeconds && length <= LONGEST && fromSeconds >= 0))
    throw new RanloopError('RL_INVALID', 'the training days must be from one period to a week long', {
      fields: [{ path: '/toSeconds', problem: `must be ${scenario.periodSeconds} to ${LONGEST} s after fromSeconds` }],
    });
  const environment = createEnvironment(scenario, { blocks: Math.ceil(length / BLOCK_SECONDS) + 2 });
  const cells = Array.from({ length: scenario.cells }, (_, cell) => cell);
  const rounds = COARSE_URLLC.length * COARSE_EMBB.length + FINE.length + 1;
  let evaluations = 0;

  const evaluate = (candidates: readonly Candidate[], coarse: boolean): number[] => {
    const plant = createPlant(scenario, {
      environment,
      startSeconds: fromSeconds,
      ratios: candidates.map(ratiosOf),
    });
    const chunk = Math.max(1, Math.round(COARSE_CHUNK_SECONDS / scenario.periodSeconds)) * scenario.periodSeconds;
    while (plant.now + scenario.periodSeconds <= toSeconds) {
      plant.advancePeriod();
      const into = plant.now - fromSeconds;
      const next = plant.now + chunk * (COARSE_STRIDE - 1);
      if (coarse && into % chunk === 0 && next < toSeconds) plant.skipTo(next);
    }
    evaluations++;
    onProgress?.(evaluations / rounds);
    return cells.map((cell) => violationSeconds(plant.totals(cell)));
  };
  const best = cells.map(() => ({ candidate: [0, 0, 0] as Candidate, violations: Number.POSITIVE_INFINITY }));
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

function violationSeconds(totals: readonly SliceTotals[]): number {
  return totals.reduce((sum, total) => sum + total.violationSeconds, 0);
}
