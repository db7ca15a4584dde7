import { type ByRun, RUNS, type RunName, type SliceResult } from '@ranloop/contracts/loop';
import type { SliceTotals } from '@ranloop/ran/radio';

/** What `--json` writes: all figures of one round. Traffic in Mbit, times in seconds, PRB use in percent. */
export interface RoundFigures {
  ok: boolean;
  /** Why `ok` is false; a sentence about the result otherwise. */
  reason: string;
  seed: number;
  cells: number;
  simulatedHours: number;
  wallSeconds: number;
  peakRssMb: number;
  model: ModelFigures;
  policy: { id: string; enforceStatus: string; changes: number; enforced: number };
  slaViolationSeconds: ByRun;
  /** (static - loop) / (static - oracle): how much of what could be gained the loop gained. */
  gapClosed: number;
  slices: SliceResult[];
  trace?: TraceFigures;
}

export interface ModelFigures {
  id: string;
  taskId: string;
  /** PRB, on held-out days, at the horizon that control uses. */
  rmse: number;
  persistenceRmse: number;
  meanRmse: number;
  gate: { passed: boolean; detail: string };
}

/** Errors of a forecaster on a recorded capture, beside every baseline, by horizon in samples. */
export interface TraceFigures {
  file: string;
  counter: string;
  samples: number;
  horizons: { horizon: number; winner: string; rmse: Record<string, number> }[];
}

export type TotalsByRun = Readonly<Record<RunName, readonly SliceTotals[]>>;

/** Puts the sums of the five runs side by side, slice by slice. */
export function sliceResults(totals: TotalsByRun): SliceResult[] {
  return totals.loop.map(({ slice }, index) => {
    const pick = (figure: (of: SliceTotals) => number): ByRun =>
      byRun((run) => {
        const of = totals[run][index];
        return of ? figure(of) : 0;
      });
    return {
      slice: slice.name,
      violationSeconds: pick((of) => of.violationSeconds),
      servedMbit: pick((of) => of.servedMbit),
      unservedMbit: pick((of) => of.unservedMbit),
      prbUse: pick((of) => of.prbUse),
    };
  });
}

export function violationSeconds(slices: readonly SliceResult[]): ByRun {
  return byRun((run) => slices.reduce((sum, slice) => sum + slice.violationSeconds[run], 0));
}

export function gapClosed(violations: ByRun): number {
  const gap = violations.static - violations.oracle;
  return gap > 0 ? (violations.static - violations.loop) / gap : 0;
}

/** The three conditions of a successful round, in the order in which they are asked. */
export function verdict(figures: Omit<RoundFigures, 'ok' | 'reason'>): { ok: boolean; reason: string } {
  const { model, policy, slaViolationSeconds: seconds } = figures;
  if (!(model.rmse < model.persistenceRmse))
    return refuse(
      `the model did not beat persistence on held-out data: RMSE ${show(model.rmse)} against ${show(model.persistenceRmse)} PRB`,
    );
  if (policy.enforced === 0) return refuse('no policy was ENFORCED by the Near-RT RIC');
  if (!(seconds.loop < seconds.static))
    return refuse(
      `SLA violation time was not lower than under static ratios: ${show(seconds.loop)} s against ${show(seconds.static)} s`,
    );
  const share = Math.round(figures.gapClosed * 100);
  return {
    ok: true,
    reason: `SLA violation time ${show(seconds.loop)} s against ${show(seconds.static)} s under static ratios; ${share} % of the gap to the oracle closed`,
  };
}

const refuse = (reason: string) => ({ ok: false, reason });
const show = (value: number) => (value < 100 ? value.toFixed(2) : Math.round(value).toLocaleString('en'));

export function byRun(of: (run: RunName) => number): ByRun {
  return Object.fromEntries(RUNS.map((run) => [run, of(run)])) as Record<RunName, number>;
}
