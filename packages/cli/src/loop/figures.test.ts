import type { SliceTotals } from '@ranloop/ran/radio';
import { describe, expect, test } from 'vitest';
import { gapClosed, type RoundFigures, sliceResults, verdict, violationSeconds } from './figures.ts';
import { roundTable, traceTable } from './table.ts';

const totals = (embb: number, urllc: number): SliceTotals[] => [
  {
    slice: { snssai: '01000001', name: 'eMBB' },
    violationSeconds: embb,
    servedMbit: 9_000,
    unservedMbit: 1_000,
    prbUse: 40,
  },
  {
    slice: { snssai: '02000001', name: 'URLLC' },
    violationSeconds: urllc,
    servedMbit: 500,
    unservedMbit: 0,
    prbUse: 5,
  },
];
const runs = {
  none: totals(100, 400),
  static: totals(150, 50),
  reactive: totals(160, 60),
  loop: totals(80, 20),
  oracle: totals(40, 10),
};

const slices = sliceResults(runs);
const good: Omit<RoundFigures, 'ok' | 'reason'> = {
  seed: 1,
  cells: 7,
  simulatedHours: 12,
  wallSeconds: 100,
  peakRssMb: 700,
  model: { id: 'm', taskId: 't', rmse: 5, persistenceRmse: 9, meanRmse: 20, gate: { passed: true, detail: '' } },
  policy: { id: 'p', enforceStatus: 'ENFORCED', changes: 12, enforced: 12 },
  slaViolationSeconds: violationSeconds(slices),
  gapClosed: gapClosed(violationSeconds(slices)),
  slices,
};

describe('the figures of a round', () => {
  test('are summed over the slices for each run', () => {
    expect(violationSeconds(slices)).toEqual({ none: 500, static: 200, reactive: 220, loop: 100, oracle: 50 });
  });

  test('say how much of the gap between static and the oracle was closed: 100 of 150 seconds are two thirds', () => {
    expect(good.gapClosed).toBeCloseTo(2 / 3, 10);
  });

  test('are good when the model beat persistence, a policy was enforced and the loop beat static', () => {
    expect(verdict(good)).toMatchObject({ ok: true });
  });

  test.each([
    ['the model is no better than persistence', { model: { ...good.model, rmse: 9 } }, /did not beat persistence/],
    ['the model has no error at all', { model: { ...good.model, rmse: Number.NaN } }, /did not beat persistence/],
    ['nothing was enforced', { policy: { ...good.policy, enforced: 0 } }, /no policy was ENFORCED/],
    [
      'the loop is no better than static',
      { slaViolationSeconds: { ...good.slaViolationSeconds, loop: 200 } },
      /not lower than under static ratios/,
    ],
  ])('are bad, with the reason, when %s', (_title, change, reason) => {
    const outcome = verdict({ ...good, ...change });
    expect(outcome.ok).toBe(false);
    expect(outcome.reason).toMatch(reason);
  });
});

test('the table has a block for each figure, a row for each slice and a column for each run', () => {
  const lines = roundTable({ ok: true, reason: '', ...good }).split('\n');
  expect(lines[0]?.trim().split(/\s{2,}/)).toEqual(['none', 'static', 'reactive', 'the loop', 'oracle']);
  const rows = lines.map((line) => line.trim().split(/\s{2,}/));
  expect(rows).toContainEqual(['SLA violation time, s']);
  expect(rows).toContainEqual(['URLLC', '400', '50.00', '60.00', '20.00', '10.00']);
  expect(rows).toContainEqual(['all', '500', '200', '220', '100', '50.00']);
  expect(rows).toContainEqual(['eMBB', '9.00', '9.00', '9.00', '9.00', '9.00']);
});

test('the table of a capture names the best forecaster of each horizon', () => {
  const table = traceTable({
    file: 'x.csv',
    counter: 'DRB.UEThpUl',
    samples: 1138,
    horizons: [{ horizon: 1, winner: 'persistence', rmse: { model: 410, persistence: 404 } }],
  });
  expect(
    table
      .split('\n')[1]
      ?.trim()
      .split(/\s{2,}/),
  ).toEqual(['1 sample ahead', '410', '404', 'persistence']);
});
