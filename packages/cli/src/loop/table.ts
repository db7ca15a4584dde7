import { type ByRun, RUNS, type SliceResult } from '@ranloop/contracts/loop';
import type { RoundFigures } from './figures.ts';

/** The result of a round as text: one block a figure, one row a slice, one column a run. */
export function roundTable(figures: RoundFigures): string {
  const blocks: [string, (slice: SliceResult) => ByRun, 'sum' | 'none'][] = [
    ['SLA violation time, s', (slice) => slice.violationSeconds, 'sum'],
    ['Served traffic, Gbit', (slice) => scale(slice.servedMbit, 1e-3), 'sum'],
    ['Unserved traffic, Gbit', (slice) => scale(slice.unservedMbit, 1e-3), 'sum'],
    ['PRB use, %', (slice) => slice.prbUse, 'sum'],
  ];
  const rows = [['', ...RUNS.map((run) => (run === 'loop' ? 'the loop' : run))]];
  for (const [title, pick, total] of blocks) {
    rows.push([title]);
    for (const slice of figures.slices) rows.push([`  ${slice.slice}`, ...numbers(pick(slice))]);
    if (total === 'sum') rows.push(['  all', ...numbers(sum(figures.slices.map(pick)))]);
  }
  return `${layout(rows)}\n${modelLine(figures)}`;
}

function modelLine({ model, policy, gapClosed }: RoundFigures): string {
  const error = `model RMSE ${model.rmse.toFixed(2)} PRB (persistence ${model.persistenceRmse.toFixed(2)}, mean ${model.meanRmse.toFixed(2)})`;
  return `${error} · ${policy.enforced} policy changes ENFORCED · ${Math.round(gapClosed * 100)} % of the gap between static and oracle closed`;
}

export function traceTable(trace: NonNullable<RoundFigures['trace']>): string {
  const names = Object.keys(trace.horizons[0]?.rmse ?? {});
  const rows = [[`RMSE of ${trace.counter}`, ...names, 'best']];
  for (const { horizon, rmse, winner } of trace.horizons)
    rows.push([
      `  ${horizon} sample${horizon === 1 ? '' : 's'} ahead`,
      ...names.map((name) => show(rmse[name] ?? Number.NaN)),
      winner,
    ]);
  return layout(rows);
}

function layout(rows: readonly string[][]): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[column] ?? 0) + 2)))
        .join(''),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}

const numbers = (of: ByRun) => RUNS.map((run) => show(of[run]));
const scale = (of: ByRun, factor: number): ByRun => mapRuns((run) => of[run] * factor);
const sum = (of: readonly ByRun[]): ByRun => mapRuns((run) => of.reduce((total, item) => total + item[run], 0));
const mapRuns = (figure: (run: (typeof RUNS)[number]) => number): ByRun =>
  Object.fromEntries(RUNS.map((run) => [run, figure(run)])) as ByRun;

function show(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const digits = value !== 0 && Math.abs(value) < 100 ? 2 : 0;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
