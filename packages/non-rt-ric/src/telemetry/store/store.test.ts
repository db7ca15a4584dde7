import type { CounterSummary, Fill, ObjectSummary, Sample, SourceSummary } from '@ranloop/contracts/r1';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestInflux, findInfluxd, type TestInflux } from '../testing/influx.ts';
import { createRig, type MeasurementOf, measurement, type Rig, T0 } from '../testing/rig.ts';

const SECOND = 1_000_000;
const influxd = findInfluxd();
const STORES = ['postgres', 'influx'] as const;

/** What every store must do, through the collector and the query API. */
describe.each(STORES)('%s store', (store) => {
  const absent = store === 'influx' && influxd === undefined;
  describe.skipIf(absent)(absent ? '(skipped: no influxd on this machine)' : 'answers as every store does', () => {
    let rig: Rig;
    let influx: TestInflux | undefined;
    let sent = 0;

    beforeAll(async () => {
      if (store === 'influx' && influxd) influx = await createTestInflux(influxd);
      const limits = { query: { mostPoints: 1_000, mostSeries: 50 } };
      rig = await createRig({ store, ...limits, ...(influx ? { influxUrl: influx.url } : {}) });
    });
    afterAll(async () => {
      await rig.stop();
      await influx?.stop();
    });

    async function send(events: readonly Omit<MeasurementOf, 'eventId'>[]): Promise<void> {
      const eventList = events.map((event) => {
        sent += 1;
        return measurement({ ...event, eventId: `e${sent}` });
      });
      const answer = await rig.post({ eventList }, { path: '/eventListener/v7/eventBatch' });
      expect(answer, answer.body).toMatchObject({ status: 202 });
    }

    /** One value each minute of one counter of cell 1 of a source. */
    const minutes = (source: string, values: readonly number[], counter = 'RRU.PrbUsedDl') =>
      values.map((value, index) => ({
        source,
        time: T0 + index * 60 * SECOND,
        objects: { 'GNBDUFunction=1,NRCellDU=1': { [counter]: String(value) } },
      }));

    test('gives the points of a range, its start included and its end not', async () => {
      await send(minutes('range', [1, 2, 3, 4]));
      const { series } = await rig.query({
        counters: ['RRU.PrbUsedDl'],
        sources: ['range'],
        from: T0 + 60 * SECOND,
        to: T0 + 180 * SECOND,
      });
      expect(series.map(({ points }) => points)).toEqual([
        [
          [T0 + 60 * SECOND, 2],
          [T0 + 120 * SECOND, 3],
        ],
      ]);
    });

    test('groups into steps named by their start, leaving out those without a value', async () => {
      // Minutes 0..3 are in the first five minutes, 5 in the second; the third has none; minute 15 is in the fourth.
      const values = [10, 20, 40, 30, 5, 7];
      const places = [0, 1, 2, 3, 5, 15];
      await send(
        minutes('steps', values).map((event, index) => ({ ...event, time: T0 + (places[index] ?? 0) * 60 * SECOND })),
      );
      const ask = async (aggregate: 'avg' | 'min' | 'max' | 'sum' | 'count' | 'last') => {
        const range = { from: T0, to: T0 + 1_200 * SECOND, step: 300, aggregate };
        const { series } = await rig.query({ counters: ['RRU.PrbUsedDl'], sources: ['steps'], ...range });
        return series[0]?.points;
      };
      const at = (first: number) => [
        [T0, first],
        [T0 + 300 * SECOND, 5],
        [T0 + 900 * SECOND, 7],
      ];
      expect(await ask('avg')).toEqual(at(25));
      expect(await ask('min')).toEqual(at(10));
      expect(await ask('max')).toEqual(at(40));
      expect(await ask('sum')).toEqual(at(100));
      expect(await ask('last')).toEqual(at(30));
      expect(await ask('count')).toEqual([
        [T0, 4],
        [T0 + 300 * SECOND, 1],
        [T0 + 900 * SECOND, 1],
      ]);
    });

    test('fills the steps without a value as asked, and names the field when there are no steps', async () => {
      const values = [10, 30];
      const places = [5, 20];
      await send(
        minutes('gaps', values).map((event, index) => ({ ...event, time: T0 + (places[index] ?? 0) * 60 * SECOND })),
      );
      const query = { counters: ['RRU.PrbUsedDl'], sources: ['gaps'], from: T0, to: T0 + 1_800 * SECOND };
      const ask = async (fill: Fill) =>
        (await rig.query({ ...query, step: 300, fill })).series[0]?.points.map(([, value]) => value);
      // Steps begin at minutes 0, 5, 10, 15, 20, 25.
      expect(await ask('none')).toEqual([10, 30]);
      expect(await ask('null')).toEqual([null, 10, null, null, 30, null]);
      expect(await ask('zero')).toEqual([0, 10, 0, 0, 30, 0]);
      expect(await ask('previous')).toEqual([null, 10, 10, 10, 30, 30]);
      const [, , between = 0, later = 0] = (await ask('linear')) ?? [];
      expect([between, later]).toEqual([10 + 20 / 3, 10 + 40 / 3]);
      await expect(rig.query({ ...query, fill: 'null' })).rejects.toThrow(/400.*\/fill needs step/);
    });

    test('an aggregate without a step is one value for the whole range, named by its start', async () => {
      await send(minutes('whole', [3, 9, 6]));
      for (const [aggregate, value] of [
        ['avg', 6],
        ['max', 9],
        ['last', 6],
      ] as const) {
        const range = { from: T0, to: T0 + 3_600 * SECOND, aggregate };
        const { series } = await rig.query({ counters: ['RRU.PrbUsedDl'], sources: ['whole'], ...range });
        expect(series[0]?.points).toEqual([[T0, value]]);
      }
    });

    test('tells slices, 5QIs and PLMNs apart, and finds a slice by name', async () => {
      const counters = {
        'DRB.UEThpDl': '1',
        'DRB.UEThpDl.01': '2',
        'DRB.UEThpDl.010003E8': '3',
        'DRB.UEThpDl.9': '4',
        'DRB.UEThpDl.226F04': '5',
      };
      await send([{ source: 'slices', objects: { 'NRCellDU=1': counters } }]);
      const query = { counters: ['DRB.UEThpDl'], sources: ['slices'], from: T0, to: T0 + 1 };
      const { series } = await rig.query(query);
      const dn = 'ManagedElement=slices,NRCellDU=1';
      const common = { counter: 'DRB.UEThpDl', dn, source: 'slices', unit: 'kbit/s' };
      expect(series).toEqual([
        { ...common, points: [[T0, 1]] },
        { ...common, plmn: '226F04', points: [[T0, 5]] },
        { ...common, fiveQi: 9, points: [[T0, 4]] },
        { ...common, snssai: '01', points: [[T0, 2]] },
        { ...common, snssai: '010003e8', points: [[T0, 3]] },
      ]);
      const one = await rig.query({ ...query, snssais: ['010003e8'] });
      expect(one.series.map(({ points }) => points)).toEqual([[[T0, 3]]]);
    });

    test('keeps a value out of its range, marked, and shows it only when asked to', async () => {
      // PRB use is a share: 950 % cannot be.
      await send([
        { source: 'doubt', objects: { 'NRCellDU=1': { 'RRU.PrbTotUl': '950' } } },
        { source: 'doubt', time: T0 + SECOND, objects: { 'NRCellDU=1': { 'RRU.PrbTotUl': '95' } } },
      ]);
      const query = { counters: ['RRU.PrbTotUl'], sources: ['doubt'], from: T0, to: T0 + 10 * SECOND };
      expect((await rig.query(query)).series[0]?.points).toEqual([[T0 + SECOND, 95]]);
      expect((await rig.query({ ...query, includeSuspect: true })).series[0]?.points).toEqual([
        [T0, 950],
        [T0 + SECOND, 95],
      ]);
      expect((await rig.query({ ...query, aggregate: 'max' })).series[0]?.points).toEqual([[T0, 95]]);
    });

    test('names the rule that a value breaks, until a better value takes its place', async () => {
      const send1 = (at: number, counters: Readonly<Record<string, string>>) =>
        send([{ source: 'rules', time: T0 + at * SECOND, objects: { 'NRCellDU=1': counters } }]);
      await send1(0, { 'RRU.PrbTotUl': '950', 'RRC.ConnEstabAtt': '-1.5' });
      await send1(1, { 'RRU.PrbTotUl': '-3', 'RRC.ConnEstabAtt': '2.5' });
      const query = { sources: ['rules'], from: T0, to: T0 + 10 * SECOND, includeSuspect: true };
      const flags = async (counter: string) => (await rig.query({ ...query, counters: [counter] })).series[0]?.suspects;
      expect(await flags('RRU.PrbTotUl')).toEqual([
        [T0, ['above-max']],
        [T0 + SECOND, ['below-min']],
      ]);
      expect(await flags('RRC.ConnEstabAtt')).toEqual([
        [T0, ['below-min', 'not-integer']],
        [T0 + SECOND, ['not-integer']],
      ]);
      const last = async () =>
        (await rig.get<{ samples: Sample[] }>('/last?source=rules&counter=RRU.PrbTotUl')).samples;
      const reasons = ['RRU.PrbTotUl is at least 0 %'];
      expect(await last()).toMatchObject([{ value: -3, suspect: true, flags: ['below-min'], reasons }]);
      await send1(1, { 'RRU.PrbTotUl': '3' });
      expect(await flags('RRU.PrbTotUl')).toEqual([[T0, ['above-max']]]);
      const [mended] = await last();
      expect(mended).toMatchObject({ value: 3, suspect: false });
      expect(mended).not.toHaveProperty('flags');
    });

    test('a later report of the same measurement and time takes the place of the earlier', async () => {
      await send([{ source: 'again', objects: { 'NRCellDU=1': { 'RRU.PrbUsedDl': '5' } } }]);
      await send([{ source: 'again', objects: { 'NRCellDU=1': { 'RRU.PrbUsedDl': '6' } } }]);
      const query = { counters: ['RRU.PrbUsedDl'], sources: ['again'], from: T0, to: T0 + 1 };
      expect((await rig.query(query)).series[0]?.points).toEqual([[T0, 6]]);
      // Both in one transaction: one statement must not touch the row twice.
      await send([
        { source: 'again', objects: { 'NRCellDU=1': { 'RRU.PrbUsedDl': '7' } } },
        { source: 'again', objects: { 'NRCellDU=1': { 'RRU.PrbUsedDl': '8' } } },
      ]);
      expect((await rig.query(query)).series[0]?.points).toEqual([[T0, 8]]);
    });

    test('lists sources, objects and counters, and gives the newest sample of each series', async () => {
      await send([
        { source: 'lists', objects: { 'NRCellDU=1': { 'RRU.PrbTotDl': '10', 'Acme.Fans.7': '3' } }, interval: 300 },
        { source: 'lists', time: T0 + 60 * SECOND, objects: { 'NRCellDU=2': { 'RRU.PrbTotDl': '20' } } },
        { source: 'lists', time: T0 + 60 * SECOND, objects: { 'NRCellDU=1': { 'RRU.PrbTotDl': '11' } } },
      ]);
      const { sources } = await rig.get<{ sources: SourceSummary[] }>('/sources');
      expect(sources.find(({ source }) => source === 'lists')).toEqual({
        source: 'lists',
        objects: 2,
        series: 3,
        first: T0,
        last: T0 + 60 * SECOND,
      });
      const { objects } = await rig.get<{ objects: ObjectSummary[] }>('/objects?source=lists');
      expect(objects).toEqual([
        { source: 'lists', dn: 'ManagedElement=lists,NRCellDU=1', series: 2 },
        { source: 'lists', dn: 'ManagedElement=lists,NRCellDU=2', series: 1 },
      ]);
      const { counters } = await rig.get<{ counters: CounterSummary[] }>('/counters?source=lists');
      expect(counters.map(({ counter, unit, objectClass, series }) => [counter, unit, objectClass, series])).toEqual([
        ['Acme.Fans.7', '', '', 1],
        ['RRU.PrbTotDl', '%', 'NRCellDU', 2],
      ]);
      const { samples } = await rig.get<{ samples: Sample[] }>('/last?source=lists');
      const common = { source: 'lists', suspect: false };
      const cell = (number: number) => `ManagedElement=lists,NRCellDU=${number}`;
      const prb = { ...common, counter: 'RRU.PrbTotDl', unit: '%', granularity: 60, time: T0 + 60 * SECOND };
      expect(samples).toEqual([
        { ...common, counter: 'Acme.Fans.7', dn: cell(1), unit: '', value: 3, granularity: 300, time: T0 },
        { ...prb, dn: cell(1), value: 11 },
        { ...prb, dn: cell(2), value: 20 },
      ]);
      const one = await rig.get<{ samples: Sample[] }>(
        `/last?counter=RRU.PrbTotDl&object=${encodeURIComponent(cell(2))}`,
      );
      expect(one.samples.map(({ value }) => value)).toEqual([20]);
    });

    test('names with quotes, commas, spaces, newlines and backslashes come back as they were sent', async () => {
      const odd = fc.string({
        unit: fc.constantFrom(...`a =,"'\\%\n;$}{\u00e9\u{1f4e1}`),
        minLength: 1,
        maxLength: 12,
      });
      await fc.assert(
        fc.asyncProperty(odd, odd, odd, async (source, object, counter) => {
          await send([{ source: `odd${source}`, objects: { [`NRCellDU=${object}`]: { [`Odd${counter}`]: '1.5' } } }]);
          const query = { counters: [`Odd${counter}`], sources: [`odd${source}`], from: T0, to: T0 + 1 };
          const { series } = await rig.query(query);
          const found = series.filter(({ dn }) => dn.endsWith(`,NRCellDU=${object}`));
          expect(found).toMatchObject([{ source: `odd${source}`, counter: `Odd${counter}`, points: [[T0, 1.5]] }]);
          const named = await rig.query({ ...query, objects: [found[0]?.dn ?? ''] });
          expect(named.series).toHaveLength(1);
        }),
        { numRuns: 25 },
      );
    });

    test('a text that tries to leave its place in a query finds nothing and harms nothing', async () => {
      await send(minutes('safe', [1]));
      const hostile = `x" OR "source" =~ /.*/ OR "a"='b'; drop table telemetry.points; --`;
      const range = { from: T0, to: T0 + 1 };
      expect(await rig.query({ counters: [hostile], ...range })).toEqual({ series: [] });
      expect(await rig.query({ counters: ['RRU.PrbUsedDl'], sources: [hostile], ...range })).toEqual({ series: [] });
      const intact = await rig.query({ counters: ['RRU.PrbUsedDl'], sources: ['safe'], ...range });
      expect(intact.series).toHaveLength(1);
    });

    test('values keep the precision of a double', async () => {
      const values = [0.1, -0.000001, 123456789.123456, 1e21, 5e-324, 9007199254740991];
      await send(minutes('precise', values, 'Acme.Value'));
      const { series } = await rig.query({
        counters: ['Acme.Value'],
        sources: ['precise'],
        from: T0,
        to: T0 + 3_600 * SECOND,
      });
      expect(series[0]?.points.map(([, value]) => value)).toEqual(values);
    });

    test('refuses a query that would answer with too much, and says what to change', async () => {
      await send(minutes('much', [1, 2]));
      const query = { counters: ['RRU.PrbUsedDl'], sources: ['much'], from: T0, to: T0 + 3_600 * SECOND };
      await expect(rig.query({ ...query, step: 1 })).rejects.toThrow(/413.*longer steps/);
      await expect(rig.query({ ...query, to: T0 })).rejects.toThrow(/400.*\/to must be after from/);
      const cells = Object.fromEntries(
        Array.from({ length: 60 }, (_, cell) => [`NRCellDU=${cell}`, { 'Many.Cells': '1' }]),
      );
      await send([{ source: 'many', objects: cells }]);
      await expect(rig.query({ ...query, counters: ['Many.Cells'], sources: ['many'] })).rejects.toThrow(
        /413.*more than 50 series/,
      );
      await send(
        minutes(
          'long',
          Array.from({ length: 1_001 }, (_, index) => index),
        ),
      );
      await expect(rig.query({ ...query, sources: ['long'], to: T0 + 1e12 })).rejects.toThrow(
        /413.*more than 1000 points/,
      );
    });
  });
});
