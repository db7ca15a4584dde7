import type { Series } from '@ranloop/contracts/r1';
import { describe, expect, test } from 'vitest';
import {
  buildMatrix,
  buildRow,
  buildTable,
  createSeriesTable,
  DELAY,
  demandColumn,
  LOSS,
  PRB_USED,
  reconstruct,
  SLICE_DEMAND_FEATURES,
  sliceDemandCount,
  sliceDemandNames,
  USERS,
} from './index.ts';

const MINUTE = 60e6;
const DAY = 1_440;
const START = 1_700_000_040e6;
const SNSSAI = '01000001';
const dn = (cell: number) => `ManagedElement=gnb-1,GNBDUFunction=1,NRCellDU=${cell}`;

function series(counter: string, cell: number, points: [number, number][]): Series {
  return {
    counter,
    dn: dn(cell),
    source: 'gnb-1',
    snssai: SNSSAI,
    unit: '',
    points: points.map(([t, value]) => [START + t * MINUTE, value]),
  };
}
const counting = (count: number, value: (t: number) => number): [number, number][] =>
  Array.from({ length: count }, (_, t) => [t, value(t)]);
const column = (name: string) => sliceDemandNames.indexOf(name);
const at = (row: Float32Array | null, name: string) => {
  expect(column(name), name).toBeGreaterThanOrEqual(0);
  return row?.[column(name)];
};

describe('reconstruct', () => {
  const quiet = { prbUsed: 100, volume: 1e6, dropRate: 0, delay: 50, delayBefore: 50, periodSeconds: 60 };

  test('gives what was used when nothing was dropped or queued', () => {
    expect(reconstruct(quiet)).toBe(100);
  });

  test('adds what was dropped: half of the packets lost means twice the demand', () => {
    expect(reconstruct({ ...quiet, dropRate: 500_000 })).toBeCloseTo(200, 9);
  });

  test('adds the growth of the queue: 6 s of delay more in a period of 60 s is a tenth of the volume', () => {
    expect(reconstruct({ ...quiet, delay: 60_050 })).toBeCloseTo(110, 9);
    expect(reconstruct({ ...quiet, delay: 50, delayBefore: 60_050 })).toBeCloseTo(90, 9);
    // 1,000 Mbit offered: 440 served, 500 dropped, 60 more in the queue (8.18 s at 440 Mbit in 60 s).
    const crowded = { ...quiet, dropRate: 500_000, delay: 50 + (60 / 440) * 60 * 10_000 };
    expect(reconstruct(crowded)).toBeCloseTo((100 * 1_000) / 440, 6);
  });

  test('never goes beyond four times or under half of what was used', () => {
    expect(reconstruct({ ...quiet, dropRate: 999_999 })).toBe(400);
    expect(reconstruct({ ...quiet, delay: 0, delayBefore: 1e9 })).toBe(50);
  });

  test('is unknown without PRBs, and does without the other counters', () => {
    expect(reconstruct({ ...quiet, prbUsed: Number.NaN })).toBeNaN();
    const [volume, dropRate, delay] = [Number.NaN, Number.NaN, Number.NaN];
    expect(reconstruct({ ...quiet, volume, dropRate, delay })).toBe(100);
    expect(reconstruct({ ...quiet, volume: 0, dropRate: 500_000 })).toBe(100);
  });
});

describe('the table', () => {
  test('marks periods that were not reported, whatever the order of arrival', () => {
    const table = buildTable(
      [
        series(PRB_USED, 1, [
          [5, 15],
          [2, 12],
        ]),
        series(PRB_USED, 1, [[0, 10]]),
      ],
      { periodMicros: MINUTE },
    );
    expect(table.length).toBe(6);
    expect(table.start).toBe(START);
    expect([...(table.column(0, 0, PRB_USED)?.subarray(0, 6) ?? [])]).toEqual([10, NaN, 12, NaN, NaN, 15]);
  });

  test('takes the DU and the CU object of a cell for one cell and leaves twins out', () => {
    const cu = { ...series(USERS, 1, [[0, 7]]), dn: 'ManagedElement=gnb-1,GNBCUCPFunction=1,NRCellCU=1' };
    const twin = { ...series(PRB_USED, 1, [[0, 99]]), source: 'twin-static-gnb-1' };
    const table = buildTable([cu, series(PRB_USED, 1, [[0, 5]]), twin], { periodMicros: MINUTE });
    expect(table.cells).toEqual([dn(1)]);
    expect(table.column(0, 0, USERS)?.[0]).toBe(7);
    expect(table.column(0, 0, PRB_USED)?.[0]).toBe(5);
  });

  test('brings derived columns up to date when samples are added, changed or forgotten', () => {
    const table = createSeriesTable({ periodMicros: MINUTE });
    table.add([
      series(
        PRB_USED,
        1,
        counting(2_000, (t) => t),
      ),
    ]);
    expect(demandColumn(table, 0, 0)[1_999]).toBe(1_999);
    table.add([
      series(PRB_USED, 1, [
        [2_000, 7],
        [1_000, 70],
      ]),
    ]);
    expect(demandColumn(table, 0, 0)[2_000]).toBe(7);
    expect(demandColumn(table, 0, 0)[1_000]).toBe(70);
    table.add([series(LOSS, 1, [[1_000, 500_000]])]);
    expect(demandColumn(table, 0, 0)[1_000]).toBe(140);
    table.trim(START + 500 * MINUTE);
    expect([table.start, table.length]).toEqual([START + 500 * MINUTE, 1_501]);
    expect(demandColumn(table, 0, 0)[500]).toBe(140);
    table.add([series(PRB_USED, 1, [[499, 3]])]);
    expect([demandColumn(table, 0, 0)[0], demandColumn(table, 0, 0)[501]]).toEqual([3, 140]);
  });

  test('reaches a period that nobody reported, and builds its features from those before', () => {
    const table = buildTable(
      [
        series(
          PRB_USED,
          1,
          counting(20, (t) => t),
        ),
      ],
      { periodMicros: MINUTE },
    );
    expect(buildRow(table, { cell: dn(1), snssai: SNSSAI }, 21)).toBeNull();
    table.extendTo(START + 21 * MINUTE);
    expect(table.length).toBe(22);
    expect(at(buildRow(table, { cell: dn(1), snssai: SNSSAI }, 21), 'demand[t-0]')).toBe(19);
    table.extendTo(START);
    expect(table.length).toBe(22);
  });

  test('refuses a time stamp that would need endless memory', () => {
    const table = createSeriesTable({ periodMicros: MINUTE });
    expect(() =>
      table.add([
        series(PRB_USED, 1, [
          [0, 1],
          [9e6, 1],
        ]),
      ]),
    ).toThrow(/span/);
  });
});

describe('slice-demand-1', () => {
  // Demand that names its own period, so that each feature can be told by sight.
  const days = 3;
  const length = days * DAY;
  const table = buildTable(
    [
      series(
        PRB_USED,
        1,
        counting(length, (t) => t),
      ),
      series(
        DELAY,
        1,
        counting(length, () => 80),
      ),
      series(
        USERS,
        1,
        counting(length, (t) => t % 10),
      ),
      series(
        PRB_USED,
        2,
        counting(length, () => 40),
      ),
      series(
        PRB_USED,
        3,
        counting(length, () => 60),
      ),
    ],
    { periodMicros: MINUTE },
  );
  const t = 2 * DAY + 100;
  const row = buildRow(table, { cell: dn(1), snssai: SNSSAI }, t);

  test('names as many features as a row has, each once and with a unit', () => {
    expect(new Set(sliceDemandNames).size).toBe(sliceDemandCount);
    expect(row?.length).toBe(sliceDemandCount);
    expect(SLICE_DEMAND_FEATURES.every(({ unit }) => unit !== '')).toBe(true);
  });

  test('puts each value under its name', () => {
    expect(at(row, 'demand[t-0]')).toBe(t);
    expect(at(row, 'demand[t-23]')).toBe(t - 23);
    expect(at(row, 'used[t-11]')).toBe(t - 11);
    expect(at(row, 'users[t-1]')).toBe((t - 1) % 10);
    expect(at(row, 'delay[t-5]')).toBe(80);
    expect(at(row, 'loss[t-0]')).toBe(0);
    expect(at(row, 'neighbours[t-3]')).toBe(50);
    expect(at(row, 'demand[1 day before, t+2]')).toBe(t - DAY + 2);
    expect(at(row, 'demand[1 day before, t+15]')).toBe(t - DAY + 15);
    expect(at(row, 'demand[2 days before, t+4]')).toBe(t - 2 * DAY + 4);
    expect(at(row, '2 days before are stored')).toBe(1);
    expect(at(row, 'demand[mean of 7 days before, t+1]')).toBe(t + 1 - 1.5 * DAY);
    expect(at(row, 'slice=eMBB')).toBe(1);
    expect(at(row, 'cell=0')).toBe(1);
    expect(at(row, 'cell=1')).toBe(0);
  });

  test('gives the time of day and of week as points on circles', () => {
    const seconds = (START + t * MINUTE) / 1e6;
    const day = ((seconds % 86_400) / 86_400) * 2 * Math.PI;
    expect(at(row, 'sin(day)')).toBeCloseTo(Math.sin(day), 6);
    expect(at(row, 'cos(week)')).toBeCloseTo(Math.cos(((seconds % 604_800) / 604_800) * 2 * Math.PI), 6);
  });

  test('repeats the demand of now for days that are not stored, and says so', () => {
    const early = buildRow(table, { cell: dn(1), snssai: SNSSAI }, 500);
    expect(at(early, 'demand[1 day before, t+2]')).toBe(500);
    expect(at(early, '1 day before is stored')).toBe(0);
    expect(at(early, 'demand[mean of 7 days before, t+2]')).toBe(500);
  });

  test('bridges gaps of three periods for features and refuses longer ones', () => {
    const holes = (missing: number[]) =>
      buildTable(
        [
          series(
            PRB_USED,
            1,
            counting(40, (t) => t).filter(([t]) => !missing.includes(t)),
          ),
        ],
        {
          periodMicros: MINUTE,
        },
      );
    const bridged = buildRow(holes([30, 31, 32]), { cell: dn(1), snssai: SNSSAI }, 35);
    expect(at(bridged, 'demand[t-3]')).toBe(29);
    expect(buildRow(holes([29, 30, 31, 32]), { cell: dn(1), snssai: SNSSAI }, 35)).toBeNull();
    expect(buildRow(holes([]), { cell: dn(1), snssai: SNSSAI }, 10)).toBeNull();
    expect(buildRow(holes([]), { cell: 'NRCellDU=9', snssai: SNSSAI }, 30)).toBeNull();
  });

  test('never fills a target', () => {
    const points = counting(60, (t) => t).filter(([t]) => t !== 40);
    const matrix = buildMatrix(buildTable([series(PRB_USED, 1, points)], { periodMicros: MINUTE }), {
      horizons: [1, 2],
    });
    expect(matrix.rows).toBe(60 - 11 - 2 - 2);
    expect([...matrix.t].includes(39) || [...matrix.t].includes(38)).toBe(false);
    for (let r = 0; r < matrix.rows; r++)
      expect([...matrix.targets.subarray(r * 2, r * 2 + 2)]).toEqual([(matrix.t[r] ?? 0) + 1, (matrix.t[r] ?? 0) + 2]);
  });

  test('builds in a matrix the rows that it builds one by one', () => {
    const matrix = buildMatrix(table, { fromIndex: t - 3, toIndex: t + 1 });
    expect(matrix.rows).toBe(12);
    const index = [...matrix.t].findIndex((period, r) => period === t && matrix.cell[r] === 0);
    const start = index * matrix.columns;
    expect([...matrix.features.subarray(start, start + matrix.columns)]).toEqual([...(row ?? [])]);
    expect([...matrix.targets.subarray(index * 4, index * 4 + 4)]).toEqual([t + 1, t + 2, t + 5, t + 15]);
  });

  test('builds 150,000 rows in under 3 seconds', () => {
    const big = buildTable(
      Array.from({ length: 15 }, (_, cell) =>
        series(
          PRB_USED,
          cell + 1,
          counting(10_000, (t) => t % 273),
        ),
      ),
      { periodMicros: MINUTE },
    );
    const before = performance.now();
    const matrix = buildMatrix(big);
    expect(matrix.rows).toBeGreaterThan(149_000);
    expect(performance.now() - before).toBeLessThan(3_000);
  });
});
