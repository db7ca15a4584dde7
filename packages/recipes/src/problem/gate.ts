import type { ErrorReport } from './report.ts';
import { bestBaseline } from './report.ts';

/** Whether a model may steer: judged on held-out rows at the main horizon. */
export interface Gate {
  readonly passed: boolean;
  /** The hard condition: better than persistence by RMSE and by pinball loss. */
  readonly beatsPersistence: boolean;
  /** Cells in which the model's pinball loss is under that of the best baseline there. */
  readonly cellsWon: number;
  readonly cells: number;
  /** Share of held-out values under the upper quantile with its margin. */
  readonly coverage: number;
  readonly reasons: readonly string[];
}

const CELLS_SHARE = 2 / 3;
const COVERAGE = [0.85, 0.95] as const;

export function judge(report: ErrorReport): Gate {
  const main = report.perHorizon[String(report.mainHorizon)];
  const cells = Object.values(report.perCell);
  if (!main || cells.length === 0)
    return {
      passed: false,
      beatsPersistence: false,
      cellsWon: 0,
      cells: cells.length,
      coverage: Number.NaN,
      reasons: ['there are no held-out rows to judge by'],
    };
  const { model, persistence } = main;
  const cellsWon = cells.filter((scores) => scores.model.pinball90 < scores[bestBaseline(scores)].pinball90).length;
  const beatsPersistence = model.rmse < persistence.rmse && model.pinball90 < persistence.pinball90;
  const coverage = model.coverage90;
  const reasons: string[] = [];
  if (!beatsPersistence)
    reasons.push(`RMSE ${model.rmse.toFixed(3)} against ${persistence.rmse.toFixed(3)} of persistence`);
  if (cellsWon < CELLS_SHARE * cells.length)
    reasons.push(`better than the best baseline in ${cellsWon} of ${cells.length} cells`);
  if (!(coverage >= COVERAGE[0] && coverage <= COVERAGE[1]))
    reasons.push(`the 0.9 quantile covers ${(100 * coverage).toFixed(1)} %, not 85 to 95 %`);
  return { passed: reasons.length === 0, beatsPersistence, cellsWon, cells: cells.length, coverage, reasons };
}
