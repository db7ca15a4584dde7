import type { Series } from '@ranloop/contracts/r1';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Baseline,
  baselineForecasts,
  baselineMargins,
  buildMatrix,
  buildSeriesMatrix,
  buildTable,
  cardFromMetadata,
  cardToMetadata,
  coverage,
  errorsByGroup,
  histogramOf,
  type ModelCard,
  mae,
  marginOf,
  outputColumn,
  PRB_USED,
  pinballLoss,
  quantile,
  rmse,
  SERIES_FEATURES,
  seriesBaseline,
  splitByTime,
  stabilityIndex,
} from './index.ts';

describe('metrics', () => {
  test('agree with sums done by hand', () => {
    // Errors 1, -2, 0, 3.
    const actual = [5, 4, 7, 9];
    const forecast = [4, 6, 7, 6];
    expect(rmse(actual, forecast)).toBeCloseTo(Math.sqrt(14 / 4), 12);
    expect(mae(actual, forecast)).toBe(1.5);
    expect(pinballLoss(actual, forecast, 0.9)).toBeCloseTo((0.9 + 0.2 + 0 + 2.7) / 4, 12);
    expect(coverage(actual, forecast)).toBe(0.5);
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(rmse([], [])).toBeNaN();
  });

  test('are kept apart for each group', () => {
    const errors = errorsByGroup({ actual: [1, 2, 10], median: [1, 4, 7], upper: [2, 2, 9] }, [0, 0, 1], 0.9);
    expect(errors.get(0)).toMatchObject({ rows: 2, rmse: Math.sqrt(2), mae: 1, coverage: 1 });
    expect(errors.get(1)?.pinball).toBeCloseTo(0.9, 12);
  });

  test('pinball loss is least at the quantile of the sample', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 273 }), { minLength: 5 }), fc.nat(273), (values, other) => {
        const loss = (x: number) =>
          pinballLoss(
            values,
            values.map(() => x),
            0.9,
          );
        expect(Math.min(...values.map(loss))).toBeLessThanOrEqual(loss(other) + 1e-9);
      }),
    );
  });
});

describe('baselines', () => {
  const period = 3_600e6;
  const dn = 'ManagedElement=gnb-1,GNBDUFunction=1,NRCellDU=1';
  const points = Array.from({ length: 72 }, (_, t): [number, number] => [t * period, t]);
  const series: Series = { counter: PRB_USED, dn, source: 'gnb-1', snssai: '01', unit: 'PRB', points };
  const table = buildTable([series], { periodMicros: period });
  const matrix = buildMatrix(table, { horizons: [1, 5] });
  const row = [...matrix.t].indexOf(50);
  const says = (baseline: Baseline) => {
    const forecasts = baselineForecasts(table, matrix, { baseline, trainTo: 24 * period });
    return [...forecasts.subarray(row * 2, row * 2 + 2)];
  };

  test('say what they are named for', () => {
    expect(says('persistence')).toEqual([50, 50]);
    expect(says('same time yesterday')).toEqual([50 + 1 - 24, 50 + 5 - 24]);
    expect(says('moving average')).toEqual([45.5, 45.5]);
    expect(says('mean')).toEqual([11.5, 11.5]);
  });

  test('say the same of one series', () => {
    const values = points.map(([, value]) => value);
    const options = { trainTo: 24, perDay: 24 };
    const rows = { t: [50], horizons: [1, 5] };
    expect([...seriesBaseline(values, rows, { ...options, baseline: 'same time yesterday' })]).toEqual([27, 31]);
    expect([...seriesBaseline(values, rows, { ...options, baseline: 'mean' })]).toEqual([11.5, 11.5]);
  });

  test('get the margin that makes them cover the asked share', () => {
    const targets = Array.from({ length: 101 }, (_, i) => i);
    const margins = baselineMargins(
      targets,
      targets.map(() => 0),
      { horizons: 1, q: 0.9 },
    );
    expect(margins).toEqual([90]);
  });
});

describe('series-1', () => {
  test('gives lags and rolling statistics by their names', () => {
    const matrix = buildSeriesMatrix(Array.from({ length: 100 }, (_, t) => t));
    expect(matrix.columns).toBe(SERIES_FEATURES.length);
    expect([matrix.t[0], matrix.t[matrix.rows - 1]]).toEqual([59, 69]);
    const first = matrix.features.subarray(0, matrix.columns);
    const named = (name: string) => first[SERIES_FEATURES.findIndex((feature) => feature.name === name)];
    expect([named('value[t-0]'), named('value[t-59]')]).toEqual([59, 0]);
    expect([named('mean of 10'), named('min of 30'), named('max of 60')]).toEqual([54.5, 30, 59]);
    expect(named('std of 10')).toBeCloseTo(Math.sqrt(99 / 12), 5);
    expect([...matrix.targets.subarray(0, 4)]).toEqual([60, 64, 69, 89]);
  });

  test('bridges three lost samples, not four, and has no row whose target is lost', () => {
    const values = Array.from({ length: 200 }, (_, t) => t);
    const lose = (lost: number[]) => values.map((value, t) => (lost.includes(t) ? Number.NaN : value));
    expect(buildSeriesMatrix(values, [1]).rows).toBe(140);
    expect(buildSeriesMatrix(lose([100, 101, 102]), [1]).rows).toBe(140 - 3);
    expect(buildSeriesMatrix(lose([100, 101, 102, 103]), [1]).rows).toBe(140 - 4 - 60);
  });
});

describe('splitByTime', () => {
  test('never lets a part see what a later one is tested on', () => {
    const shares = fc.tuple(
      fc.double({ min: 0.1, max: 0.6, noNaN: true }),
      fc.double({ min: 0, max: 0.3, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 1 }), shares, fc.nat(50), (time, [train, validate], reach) => {
        const split = splitByTime(time, { train, validate, reach });
        const times = (rows: Uint32Array) => [...rows].map((row) => time[row] ?? 0);
        const later = [...times(split.validate), ...times(split.test)];
        for (const t of times(split.train)) for (const other of later) expect(t + reach).toBeLessThan(other);
        for (const t of times(split.validate))
          for (const other of times(split.test)) expect(t + reach).toBeLessThan(other);
      }),
    );
  });

  test('refuses shares that do not add up', () => {
    expect(() => splitByTime([1], { train: 0.9, validate: 0.2, reach: 0 })).toThrow(/add up/);
  });
});

describe('the model card', () => {
  const card: ModelCard = {
    featureSchema: 'slice-demand-1',
    featureCount: 105,
    horizons: [1, 2, 5, 15],
    quantiles: [0.5, 0.9],
    outputLayout: 'horizon-major',
    outputUnit: 'PRB',
    margins: { '01000001': [1, 2, 3, 4], '*': [5, 6, 7, 8] },
    normalisation: 'the first layer standardizes',
    datasetId: 'd',
    taskId: 't',
  };

  test('comes back from metadata as it went in', () => {
    expect(cardFromMetadata(cardToMetadata(card))).toEqual(card);
    expect(() => cardFromMetadata({})).toThrow(/carries no/);
    expect(() => cardFromMetadata({ 'ranloop.card': '{' })).toThrow(/not JSON/);
    expect(() => cardFromMetadata({ 'ranloop.card': { ...card, horizons: [0] } })).toThrow(/horizons/);
  });

  test('tells where a horizon and quantile stand in the output, and the margin of a slice', () => {
    expect([outputColumn(card, 2, 0.9), outputColumn(card, 1, 0.5), outputColumn(card, 3, 0.9)]).toEqual([3, 0, -1]);
    expect([marginOf(card, '01000001', 2), marginOf(card, '02', 15), marginOf(card, '02', 3)]).toEqual([2, 8, 0]);
  });
});

describe('the stability index', () => {
  const uniform = Array.from({ length: 1_000 }, (_, i) => i);

  test('is nothing for the same values, large for others', () => {
    const then = histogramOf('x', uniform);
    expect(then.shares.every((share) => Math.abs(share - 0.1) < 0.01)).toBe(true);
    expect(stabilityIndex(then, uniform)).toBeCloseTo(0, 9);
    expect(
      stabilityIndex(
        then,
        uniform.map((x) => x + 900),
      ),
    ).toBeGreaterThan(1);
    expect(stabilityIndex(then, [])).toBeNaN();
  });

  test('agrees with one worked out by hand', () => {
    const then = { feature: 'x', edges: [0], shares: [0.5, 0.5] };
    // Shares now 1/4 and 3/4.
    const expected = -0.25 * Math.log(0.5) + 0.25 * Math.log(1.5);
    expect(stabilityIndex(then, [-1, 1, 1, 1])).toBeCloseTo(expected, 12);
  });
});
