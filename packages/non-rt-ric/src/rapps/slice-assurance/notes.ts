import type { SeriesTable } from '@ranloop/sdk/features';
import { cellFacts } from './cells.ts';
import type { SliceAssuranceConfig } from './config.ts';
import type { PeriodResult } from './controller.ts';
import type { PeriodView } from './forecasting.ts';

const WORTH_SAYING = ['rolled-back', 'hold-off', 'stale-telemetry', 'flagged-telemetry', 'withdrawn'] as const;

/** What an operator should know of a period beyond that it was decided; empty when all is well. */
export function notesOf({ decisions, outcomes }: PeriodResult, modelReason: string): string {
  const notes: string[] = [];
  if (decisions.length > 0 && decisions.every(({ rule }) => rule === 'no-model')) notes.push(modelReason);
  for (const rule of WORTH_SAYING) {
    const cells = cellsWith(decisions, rule);
    if (cells.length > 0) notes.push(`${rule}: ${cells.join('; ')}`);
  }
  if (outcomes.some(({ enforceStatus }) => enforceStatus === 'FAILED')) notes.push('the RIC did not take a policy');
  return notes.join(' | ');
}

export function cellsWith(decisions: PeriodResult['decisions'], rule: string): string[] {
  return [...new Set(decisions.filter((decision) => decision.rule === rule).map(({ cell }) => cell))];
}

/** The forecasts as enrichment information: one result for each cell and slice, demand in PRB. */
export function forecastResults(
  { slices }: PeriodView,
  { live, config, time }: { live: SeriesTable; config: SliceAssuranceConfig; time: number },
): Record<string, unknown>[] {
  const target = time + config.horizon * live.periodMicros;
  return slices.flatMap(({ cell, snssai, forecast }) => {
    const dn = live.cells[cell];
    if (!forecast || dn === undefined) return [];
    const { p50, p90 } = forecast;
    return [{ cell: dn, ncI: cellFacts(config, dn).ncI, snssai, target, p50, p90, unit: 'PRB' }];
  });
}
