import { BASELINES, type Baseline, buildTable } from '@ranloop/sdk/features';
import { describe, expect, it } from 'vitest';
import type { LoadedDataset } from '../dataset/index.ts';
import {
  calibrate,
  type ErrorReport,
  type Forecaster,
  judge,
  modelForecasts,
  type Problem,
  problemOf,
  reportErrors,
  type Score,
} from './index.ts';

const score = (pinball90: number, more: Partial<Score> = {}): Score => ({
  rmse: pinball90,
  mae: 1,
  pinball50: 1,
  pinball90,
  coverage90: 0.9,
  ...more,
});
const scores = (model: Score, best: number): Record<Forecaster, Score> => ({
  model,
  persistence: score(best + 2),
  'same time yesterday': score(best),
  'moving average': score(best + 1),
  mean: score(best + 3),
});
const report = (cells: Record<string, Record<Forecaster, Score>>, main: Record<Forecaster, Score>): ErrorReport => ({
  rows: 10,
  unit: 'PRB',
  mainHorizon: 2,
  perHorizon: { '2': main },
  perCell: cells,
  perSlice: {},
});

describe('the gate', () => {
  const won = scores(score(1), 2);
  const lost = scores(score(3), 2);

  it('is passed with two thirds of the cells, a calibrated quantile, and persistence beaten', () => {
    expect(judge(report({ a: won, b: won, c: lost }, won))).toMatchObject({ passed: true, cellsWon: 2, cells: 3 });
  });

  it('is not passed with fewer cells, though persistence is beaten', () => {
    const gate = judge(report({ a: won, b: lost, c: lost }, won));
    expect(gate).toMatchObject({ passed: false, beatsPersistence: true, cellsWon: 1 });
    expect(gate.reasons).toEqual(['better than the best baseline in 1 of 3 cells']);
  });

  it('is not passed when the quantile covers too little or too much', () => {
    for (const coverage90 of [0.84, 0.96, Number.NaN]) {
      const main = scores(score(1, { coverage90 }), 2);
      expect(judge(report({ a: won }, main)).reasons).toEqual([expect.stringContaining('covers')]);
    }
  });

  it('is not passed when persistence has the smaller RMSE', () => {
    const main = scores(score(1, { rmse: 9 }), 2);
    expect(judge(report({ a: won }, main))).toMatchObject({ passed: false, beatsPersistence: false });
  });

  it('is not passed without held-out rows', () => {
    expect(judge(report({}, won)).passed).toBe(false);
  });
});

/** One counter, a sample each second for 400 s: 0, 1, 2, ... */
function ramp(): LoadedDataset {
  const points = Array.from({ length: 400 }, (_, t): [number, number] => [t * 1e6, t]);
  const counter = 'DRB.UEThpUl';
  const table = buildTable([{ counter, dn: 'ue-1', source: 'x', unit: 'kbit/s', points }], { periodMicros: 1e6 });
  const statistics = { count: 400, missing: 0, mean: 199.5, deviation: 115, minimum: 0, maximum: 399 };
  return {
    id: 'd',
    name: 'series',
    version: '1.0.0',
    table,
    description: {
      schema: 'series-1',
      periodSeconds: 1,
      from: 0,
      to: 399e6,
      lines: 400,
      columns: [{ counter, unit: 'kbit/s', statistics }],
      objects: ['ue-1'],
      snssais: [],
    },
  };
}

describe('a series problem', () => {
  const problem = problemOf(ramp(), { horizons: [], shares: { train: 0.6, validate: 0.2 } });

  it('takes its horizons from the schema and splits by time', () => {
    expect(problem.horizons).toEqual([1, 5, 10, 30]);
    // Rows begin at the 60th sample and end 30 before the last.
    expect(problem.rows).toBe(400 - 59 - 30);
    const { train, validate, test } = problem.split;
    expect(Math.max(...train)).toBeLessThan(Math.min(...validate));
    expect(Math.max(...validate)).toBeLessThan(Math.min(...test));
  });

  it('scores a model beside all baselines, with the errors that a ramp must give', () => {
    const rows = problem.split.test;
    const outputs = perfect(problem, rows, 2);
    const forecasts = modelForecasts(problem, { outputs, rows, quantiles: [0.5, 0.9], margins: [[0, 0, 0, 0]] });
    const { perHorizon, perCell } = reportErrors(problem, rows, forecasts);
    // On a ramp persistence is wrong by the horizon itself, its margin makes that good; the model is right.
    expect(perHorizon['5']?.persistence).toMatchObject({ rmse: 5, mae: 5, pinball50: 2.5, coverage90: 1 });
    expect(perHorizon['5']?.model).toMatchObject({ rmse: 0, pinball50: 0, coverage90: 1 });
    expect(perHorizon['5']?.['moving average'].rmse).toBeCloseTo(9.5, 4);
    expect(Object.keys(perCell)).toEqual(['ue-1']);
    for (const baseline of BASELINES) expect(perHorizon['30']?.[baseline as Baseline].rmse).toBeGreaterThan(0);
  });

  it('learns the margin that makes the upper quantile cover nine in ten', () => {
    const rows = problem.split.validate;
    const outputs = perfect(problem, rows, 2).map((value) => value - 7);
    const margins = calibrate(problem, { outputs, rows, quantiles: [0.5, 0.9] });
    expect(margins).toHaveLength(1);
    for (const margin of margins[0] ?? []) expect(margin).toBeCloseTo(7, 4);
  });
});

function perfect(problem: Problem, rows: Uint32Array, quantiles: number): Float32Array {
  const horizons = problem.horizons.length;
  return Float32Array.from({ length: rows.length * horizons * quantiles }, (_, at) => {
    const place = Math.floor(at / quantiles);
    const row = rows[Math.floor(place / horizons)] as number;
    return problem.targets[row * horizons + (place % horizons)] as number;
  });
}
