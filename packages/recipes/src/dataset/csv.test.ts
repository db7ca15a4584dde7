import { RanloopError } from '@ranloop/contracts/errors';
import type { Series } from '@ranloop/contracts/r1';
import { buildTable, createSeriesTable } from '@ranloop/sdk/features';
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { readCsv, statisticsOf, writeCsv, writeParquet } from './index.ts';

const PERIOD = 60e6;
const DN = 'ManagedElement=gnb-1,GNBDUFunction=1,NRCellDU=1';
const columns = [
  { counter: 'RRU.PrbUsedDl', unit: 'PRB' },
  { counter: 'RRC.ConnMean', unit: 'UE' },
];
const series = (counter: string, points: [number, number][], snssai?: string): Series => ({
  counter,
  dn: DN,
  source: 'gnb-1',
  unit: '',
  points,
  ...(snssai === undefined ? {} : { snssai }),
});

describe('the data file', () => {
  it('has a line for each period, cell and slice, units in its head, and empty fields for what was not reported', () => {
    const table = buildTable(
      [
        series(
          'RRU.PrbUsedDl',
          [
            [PERIOD, 12],
            [3 * PERIOD, 0.5],
          ],
          '01000001',
        ),
        series('RRC.ConnMean', [[PERIOD, 7]], '01000001'),
      ],
      { periodMicros: PERIOD },
    );
    const { text, lines } = writeCsv(table, columns);
    expect(text).toBe(
      [
        'time [us],object,snssai,RRU.PrbUsedDl [PRB],RRC.ConnMean [UE]',
        `60000000,"${DN}",01000001,12,7`,
        `180000000,"${DN}",01000001,0.5,`,
        '',
      ].join('\n'),
    );
    expect(lines).toBe(2);
  });

  it('is the same in Parquet, with nulls for what was not reported and the description beside it', async () => {
    const list = [
      series('RRU.PrbUsedDl', [
        [PERIOD, 12],
        [3 * PERIOD, 0.5],
      ]),
      series('RRC.ConnMean', [[PERIOD, 7]], '01000001'),
    ];
    const table = buildTable(list, { periodMicros: PERIOD });
    const statistics = { count: 0, missing: 0, mean: 0, deviation: 0, minimum: 0, maximum: 0 };
    const description = {
      schema: 'table-1',
      periodSeconds: 60,
      from: PERIOD,
      to: 3 * PERIOD,
      lines: 3,
      columns: columns.map((column) => ({ ...column, statistics })),
      objects: [DN],
      snssais: ['01000001'],
    };
    const file = writeParquet(table, description).buffer as ArrayBuffer;
    const row = (time: number, snssai: string | null, prbs: number | null, ues: number | null) => ({
      'time [us]': BigInt(time),
      object: DN,
      snssai,
      'RRU.PrbUsedDl [PRB]': prbs,
      'RRC.ConnMean [UE]': ues,
    });
    expect(await parquetReadObjects({ file })).toEqual([
      row(PERIOD, null, 12, null),
      row(3 * PERIOD, null, 0.5, null),
      row(PERIOD, '01000001', null, 7),
    ]);
    const { key_value_metadata: metadata } = parquetMetadata(file);
    expect(JSON.parse(metadata?.[0]?.value ?? '')).toEqual(description);
  });

  it('comes back as it was written', () => {
    const value = fc.oneof(fc.constant(Number.NaN), fc.double({ noNaN: true, noDefaultInfinity: true }));
    const column = fc.array(value, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(column, column, fc.boolean(), (first, second, sliced) => {
        const points = (values: number[]) =>
          values.flatMap((v, t): [number, number][] => (Number.isNaN(v) ? [] : [[t * PERIOD, v]]));
        const snssai = sliced ? '02' : undefined;
        const table = buildTable(
          [series('RRU.PrbUsedDl', points(first), snssai), series('RRC.ConnMean', points(second), snssai)],
          { periodMicros: PERIOD },
        );
        const again = createSeriesTable({ periodMicros: PERIOD });
        const head = readCsv(writeCsv(table, columns).text, (part) => again.add(part));
        expect(head.units).toEqual(['PRB', 'UE']);
        expect([again.length, again.cells]).toEqual([table.length, table.cells]);
        const s = sliced ? 0 : -1;
        for (const { counter } of columns) {
          const [a, b] = [table.column(0, s, counter), again.column(0, s, counter)];
          // -0 is written as 0.
          expect(b?.slice(0, again.length)?.map((v) => v + 0)).toEqual(a?.slice(0, table.length).map((v) => v + 0));
        }
      }),
    );
  });

  it.each([
    ['another head', 'time,object,snssai,a [b]\n'],
    ['a column without a unit', 'time [us],object,snssai,RRC.ConnMean\n'],
    ['a short line', 'time [us],object,snssai,a [b]\n1,x,01\n'],
    ['a value that is no number', 'time [us],object,snssai,a [b]\n1,x,01,many\n'],
    ['no time', 'time [us],object,snssai,a [b]\n,x,01,1\n'],
    ['an open quote', 'time [us],object,snssai,a [b]\n1,"x,01,1\n'],
    ['nothing', ''],
  ])('is refused with %s', (_what, text) => {
    expect(() => readCsv(text, () => undefined)).toThrow(RanloopError);
  });

  it('is described by statistics that leave out what is missing', () => {
    // Of 2, 4, 6: mean 4, variance (4 + 0 + 4) / 3.
    expect(
      statisticsOf(
        [
          [2, Number.NaN, 4],
          [6, Number.NaN, Number.NaN],
        ],
        3,
      ),
    ).toEqual({
      count: 3,
      missing: 3,
      mean: 4,
      deviation: expect.closeTo(Math.sqrt(8 / 3), 9),
      minimum: 2,
      maximum: 6,
    });
  });
});
