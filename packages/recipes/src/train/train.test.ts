import { describe, expect, it } from 'vitest';
import type { Problem } from '../problem/index.ts';
import { paceFor } from './pace.ts';
import { rowWeights, sampleRows } from './sampling.ts';

/** Two slices of 500 rows each; the newest value is the row's number, the first 100 rows of each slice know no yesterday. */
function problem(): Problem {
  const rows = 1_000;
  const all = Uint32Array.from({ length: rows }, (_, row) => row);
  return {
    schema: 'slice-demand-1',
    unit: 'PRB',
    names: ['demand[t-0]'],
    columns: 1,
    horizons: [1],
    mainHorizon: 1,
    rows,
    features: Float32Array.from(all, (row) => row % 500),
    targets: Float32Array.from(all, (row) => (row < 500 ? 40 : 10)),
    time: Float64Array.from(all),
    group: new Uint16Array(rows),
    groups: ['cell'],
    slice: Uint16Array.from(all, (row) => (row < 500 ? 0 : 1)),
    slices: ['01', '02'],
    logColumns: Uint8Array.of(1),
    logTarget: true,
    ignored: new Uint8Array(1),
    split: { train: all, validate: all.subarray(0, 0), test: all.subarray(0, 0), validateFrom: 0, testFrom: 0 },
    isComplete: (row) => row % 500 >= 100,
    baseline: () => new Float32Array(rows),
  };
}

describe('the sample', () => {
  it('takes all complete rows and one in eight of the others when there is room', () => {
    const rows = sampleRows(problem(), 10_000, 1);
    expect(rows).toHaveLength(800 + 200 / 8);
    expect([...rows]).toEqual([...rows].sort((a, b) => a - b));
  });

  it('is drawn by seed, holds no row twice, and favours the busiest rows of each slice', () => {
    const rows = sampleRows(problem(), 200, 1);
    expect(new Set(rows).size).toBe(200);
    expect(sampleRows(problem(), 200, 1)).toEqual(rows);
    expect(sampleRows(problem(), 200, 2)).not.toEqual(rows);
    // 15 % of the usable rows are busy: without favour some 30 of 200 would be; three tenths are drawn from them first.
    const busy = [...rows].filter((row) => row % 500 >= 438).length;
    expect(busy).toBeGreaterThanOrEqual(60);
    expect([...rows].filter((row) => row < 500).length).toBeGreaterThan(60);
  });

  it('weighs errors by the inverse square root of the mean of their slice', () => {
    const given = problem();
    const weights = rowWeights(given, given.split.train);
    // Means 40 and 10, their middle 25: sqrt(25 / 40) and sqrt(25 / 10).
    expect(weights[0]).toBeCloseTo(Math.sqrt(25 / 40), 6);
    expect(weights[999]).toBeCloseTo(Math.sqrt(25 / 10), 6);
  });
});

describe('the pace', () => {
  const auto = { epochs: 0, batch: 1024, patience: 0 };

  it('is what the rows afford', () => {
    expect(paceFor(40_000, auto)).toEqual({ epochs: 10, batch: 1024, patience: 5 });
    expect(paceFor(600, auto)).toEqual({ epochs: 60, batch: 60, patience: 20 });
    expect(paceFor(1_000_000, auto).epochs).toBe(9);
  });

  it('is what was asked for, but a batch never so large that an epoch has no steps', () => {
    expect(paceFor(40_000, { epochs: 3, batch: 256, patience: 2 })).toEqual({ epochs: 3, batch: 256, patience: 2 });
    expect(paceFor(600, { epochs: 3, batch: 1024, patience: 2 }).batch).toBe(60);
  });
});
