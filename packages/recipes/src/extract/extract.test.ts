import { RanloopError } from '@ranloop/contracts/errors';
import type { Series, TelemetryQuery } from '@ranloop/contracts/r1';
import { buildTable } from '@ranloop/sdk/features';
import type { TelemetryClient } from '@ranloop/sdk/r1';
import { describe, expect, it } from 'vitest';
import { readPages } from './pages.ts';
import { createQualityCheck, qualityRows } from './quality.ts';
import { readTime } from './range.ts';

const PERIOD = 60e6;
const DN = 'ManagedElement=gnb-1,GNBDUFunction=1,NRCellDU=1';
const series = (more: Partial<Series>): Series => ({
  counter: 'RRU.PrbUsedDl',
  dn: DN,
  source: 'gnb-1',
  snssai: '01',
  unit: 'PRB',
  points: [],
  ...more,
});

describe('times', () => {
  it('are read from ISO 8601 and from microseconds', () => {
    expect(readTime('1970-01-01T00:01:00Z', 'from')).toBe(60e6);
    expect(readTime(' 1700000000000000 ', 'from')).toBe(1.7e15);
    expect(() => readTime('yesterday', 'from')).toThrow(/from must be a time/);
    expect(() => readTime('-5', 'to')).toThrow(RanloopError);
  });
});

describe('pages', () => {
  const query: TelemetryQuery = { counters: ['a'], from: 0, to: 24 * 3_600e6 };

  /** A store with a point each minute that gives at most `most` points at once. */
  function minutes(most: number) {
    const asked: number[] = [];
    const client = {
      async query({ from, to }: TelemetryQuery) {
        asked.push((to - from) / PERIOD);
        if ((to - from) / PERIOD > most) throw new RanloopError('RL_TOO_LARGE', 'too many points');
        const points: [number, number][] = [];
        for (let time = Math.ceil(from / PERIOD) * PERIOD; time < to; time += PERIOD) points.push([time, 1]);
        return [series({ points })];
      },
    } as unknown as TelemetryClient;
    return { client, asked };
  }

  const read = async (client: TelemetryClient, pagePoints: number, signal = new AbortController().signal) => {
    const times: number[] = [];
    for await (const page of readPages(client, query, { signal, pagePoints, periodMicros: PERIOD }))
      for (const { points } of page.series) times.push(...points.map(([time]) => time));
    return times;
  };

  it('bring each sample once, in order, whatever the size of a page', async () => {
    const expected = Array.from({ length: 1_440 }, (_, minute) => minute * PERIOD);
    for (const [most, pagePoints] of [
      [100_000, 100_000],
      [7, 100_000],
      [1, 1],
      [500, 50],
    ] as const)
      expect(await read(minutes(most).client, pagePoints)).toEqual(expected);
  });

  it('grow while answers are small', async () => {
    const { client, asked } = minutes(100_000);
    await read(client, 100_000);
    expect(asked.length).toBeLessThan(7);
    expect(asked[1]).toBe(120);
  });

  it('end when the task is stopped', async () => {
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(read(minutes(10).client, 10, signal)).rejects.toThrow('stopped');
  });
});

describe('the data quality', () => {
  it('counts gaps, duplicates, suspects and values out of range', () => {
    const list = [
      // Minutes 0, 1, 1.2 (twice within a period), 4 and 5: minutes 2 and 3 are missing; -1 cannot be.
      series({
        points: [
          [0, 5],
          [PERIOD, 6],
          [1.2 * PERIOD, 6],
          [4 * PERIOD, -1],
          [5 * PERIOD, 7],
        ],
      }),
    ];
    const check = createQualityCheck(['RRU.PrbUsedDl'], PERIOD);
    check.add(list);
    const report = check.report(buildTable(list, { periodMicros: PERIOD }), new Map([['RRU.PrbUsedDl', 8]]));
    expect(report.problems).toEqual([]);
    expect(report.counters[0]).toEqual({
      counter: 'RRU.PrbUsedDl',
      unit: 'PRB',
      expectedUnit: 'PRB',
      series: 1,
      samples: 5,
      missing: 2,
      gaps: 1,
      longestGap: 2,
      duplicates: 1,
      suspect: 3,
      outOfRange: 1,
    });
    expect(qualityRows(report)[1]).toEqual(['RRU.PrbUsedDl', 'PRB', 1, 5, 2, 1, 2, 1, 3, 1]);
  });

  it('names counters that are absent, in another unit, or full of holes', () => {
    const points: [number, number][] = [
      [0, 1],
      [PERIOD, 1],
      [9 * PERIOD, 1],
    ];
    const list = [
      series({ counter: 'RRC.ConnMean', unit: 'UE', points }),
      series({ counter: 'DRB.PdcpSduVolumeDL', unit: 'kbit', points: points.slice(0, 2) }),
    ];
    const check = createQualityCheck(['RRU.PrbUsedDl', 'RRC.ConnMean', 'DRB.PdcpSduVolumeDL'], PERIOD);
    check.add(list);
    const { problems } = check.report(buildTable(list, { periodMicros: PERIOD }), new Map());
    expect(problems[0]).toBe('RRU.PrbUsedDl: nothing was reported');
    expect(problems.some((problem) => problem.includes('7 of 10 periods are missing'))).toBe(true);
    expect(problems.at(-1)).toBe('DRB.PdcpSduVolumeDL: in kbit, not in Mbit');
  });
});
