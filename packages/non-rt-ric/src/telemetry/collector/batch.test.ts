import type { RefusedEvent } from '@ranloop/contracts/r1';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRig, measurement, type Rig, T0 } from '../testing/rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig({ batch: 'each' });
});
afterAll(() => rig.stop());

const BATCH = { path: '/eventListener/v7/eventBatch' };
const OBJECTS = { 'NRCellDU=1': { X: '1' } };

interface Told {
  stored: number;
  requestError?: { serviceException?: { messageId: string } };
  refused: { index: number; requestError: { serviceException: { messageId: string; variables: string[] } } }[];
}

const toldOf = (body: string) => {
  const { stored, refused } = JSON.parse(body) as Told;
  const named = refused.map(({ index, requestError: { serviceException } }) => {
    const { messageId, variables } = serviceException;
    return [index, messageId, variables.find((variable) => variable.startsWith('eventList/')), variables.at(-1)];
  });
  return { stored, named };
};

const times = async (source: string) => {
  const { series } = await rig.query({ counters: ['X'], sources: [source], from: 0, to: T0 * 2 });
  return series.flatMap(({ points }) => points.map(([time]) => (time - T0) / 1e6));
};

const made = (source: string, eventId: string, second: number) =>
  measurement({ eventId, source, time: T0 + second * 1e6, objects: OBJECTS });

describe('a batch whose events are judged one by one', () => {
  test('stores the good ones and names each of the others with its reason', async () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((eventId, second) => made('each', eventId, second));
    const schema = { ...b, commonEventHeader: { ...b?.commonEventHeader, priority: 'Urgent' } };
    const rule = { ...c, measurementFields: { ...c?.measurementFields, measurementInterval: -1 } };
    const answer = await rig.post({ eventList: [a, schema, rule, d, 'no event'] }, BATCH);
    expect(answer.status).toBe(202);
    expect(toldOf(answer.body)).toEqual({
      stored: 2,
      named: [
        [1, 'SVC0002', 'eventList/1/commonEventHeader/priority', 'eventId b'],
        [2, 'SVC2004', 'eventList/2/measurementFields/measurementInterval', 'eventId c'],
        [4, 'SVC0002', 'eventList/4', 'must be object'],
      ],
    });
    expect(await times('each')).toEqual([0, 3]);
    const { refused } = await rig.get<{ refused: RefusedEvent[] }>('/refused?source=each');
    expect(refused.map(({ eventId }) => eventId)).toEqual(['c', 'b']);
    expect(JSON.parse(refused[0]?.body ?? '')).toMatchObject({ commonEventHeader: { eventId: 'c' } });
  });

  test('an eventId that was used before is named, and the others are stored', async () => {
    expect((await rig.post({ event: made('reuse', 'r', 0) })).status).toBe(202);
    const answer = await rig.post({ eventList: [made('reuse', 's', 1), made('reuse', 'r', 2)] }, BATCH);
    expect(toldOf(answer.body)).toEqual({
      stored: 1,
      named: [[1, 'SVC2004', 'eventList/1/commonEventHeader/eventId', 'eventId r']],
    });
    expect(await times('reuse')).toEqual([0, 1]);
  });

  test('sent again, what was stored is not stored twice', async () => {
    const events = [made('again', 'a', 0), made('again', 'b', 1)];
    for (let time = 0; time < 2; time += 1) {
      const answer = await rig.post({ eventList: [...events, ...events] }, BATCH);
      expect([answer.status, answer.body]).toEqual([202, '']);
    }
    expect(await times('again')).toEqual([0, 1]);
  });

  test('is a 400 when none was stored, and when it is no batch', async () => {
    const none = await rig.post({ eventList: [{}, {}] }, BATCH);
    expect([none.status, toldOf(none.body).stored]).toEqual([400, 0]);
    expect((JSON.parse(none.body) as Told).requestError?.serviceException?.messageId).toBe('SVC2006');
    for (const body of [{ eventList: [] }, { eventList: {} }, {}, '{', '[]'])
      expect((await rig.post(body, BATCH)).status).toBe(400);
  });
});

describe('the refused events', () => {
  test('are found by source, domain, eventId, message and time, and turned over page by page', async () => {
    const at: number[] = [];
    for (const [index, source] of ['p', 'q', 'p', 'p', 'q'].entries()) {
      const event = made(`refused-${source}`, `e${index}`, 0);
      await rig.post({
        event: {
          ...event,
          measurementFields: index % 2 ? undefined : { measurementFieldsVersion: '4.0', measurementInterval: 'x' },
        },
      });
      const { refused } = await rig.get<{ refused: RefusedEvent[] }>('/refused?limit=1');
      at.push(refused[0]?.time ?? 0);
    }
    const ids = async (query: string) => {
      const { refused } = await rig.get<{ refused: RefusedEvent[] }>(`/refused?domain=measurement&${query}`);
      return refused.filter(({ source }) => source.startsWith('refused-')).map(({ eventId }) => eventId);
    };
    expect(await ids('source=refused-p')).toEqual(['e3', 'e2', 'e0']);
    expect(await ids('source=refused-p&code=SVC2006')).toEqual(['e3']);
    expect(await ids('eventId=e4')).toEqual(['e4']);
    expect(await ids(`source=refused-p&from=${at[2]}`)).toEqual(['e3', 'e2']);
    expect(await ids(`source=refused-p&to=${at[2]}`)).toEqual(['e0']);
    expect(await ids('domain=fault').catch(() => 'refused')).toBe('refused');
    const pages: (string | undefined)[][] = [];
    for (let before = ''; ; ) {
      const page = await rig.get<{ refused: RefusedEvent[]; next?: number }>(
        `/refused?source=refused-p&limit=2${before}`,
      );
      pages.push(page.refused.map(({ eventId }) => eventId));
      if (page.next === undefined) break;
      before = `&before=${page.next}`;
    }
    expect(pages).toEqual([['e3', 'e2'], ['e0']]);
    await expect(rig.get('/refused?from=yesterday')).rejects.toThrow('400');
  });

  test('are counted by message', async () => {
    const before = await rig.metrics.total('ves_requests_refused_total', { reason: 'SVC0001' });
    await rig.post('{');
    expect(await rig.metrics.total('ves_requests_refused_total', { reason: 'SVC0001' })).toBe(before + 1);
  });
});
