import type { Logger } from '@ranloop/sdk/tracking';
import { type ErrorReport, FORECASTERS, type Forecaster, type Score } from '../problem/index.ts';

const HEAD = ['forecaster', 'RMSE', 'MAE', 'pinball 0.5', 'pinball 0.9', 'coverage 0.9'];

/** Errors on held-out rows as scalars (by horizon), single values (at the main horizon) and tables. */
export function reportToTask(logger: Logger, report: ErrorReport): void {
  for (const [horizon, scores] of Object.entries(report.perHorizon)) {
    for (const name of FORECASTERS) {
      logger.scalar('test RMSE by horizon', name, scores[name].rmse, Number(horizon));
      logger.scalar('test pinball 0.9 by horizon', name, scores[name].pinball90, Number(horizon));
    }
    logger.scalar('test coverage by horizon', 'model', scores.model.coverage90, Number(horizon));
    logger.table('test errors', `horizon ${horizon}`, [
      HEAD,
      ...FORECASTERS.map((name) => [name, ...numbers(scores[name])]),
    ]);
  }
  const main = report.perHorizon[String(report.mainHorizon)];
  if (main)
    for (const name of FORECASTERS) {
      logger.singleValue(`${name} RMSE`, main[name].rmse);
      logger.singleValue(`${name} pinball 0.9`, main[name].pinball90);
    }
  if (main) logger.singleValue('coverage 0.9', main.model.coverage90);
  for (const [title, groups] of [
    ['test errors by cell', report.perCell],
    ['test errors by slice', report.perSlice],
  ] as const)
    logger.table(title, `horizon ${report.mainHorizon}`, [
      ['', ...HEAD],
      ...Object.entries(groups).flatMap(([group, scores]) => rowsOf(group, scores)),
    ]);
}

function rowsOf(group: string, scores: Readonly<Record<Forecaster, Score>>): (string | number)[][] {
  return FORECASTERS.map((name) => [group, name, ...numbers(scores[name])]);
}

const numbers = ({ rmse, mae, pinball50, pinball90, coverage90 }: Score): number[] =>
  [rmse, mae, pinball50, pinball90, coverage90].map((value) => Math.round(value * 1_000) / 1_000);
