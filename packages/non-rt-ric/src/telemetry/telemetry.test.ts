import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRig, measurement, type Rig, T0 } from './testing/rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
});
afterAll(() => rig.stop());

test('a measurement event becomes samples that a query finds, one per counter and subcounter', async () => {
  const event = measurement({
    eventId: 'first',
    objects: { 'GNBDUFunction=1,NRCellDU=3': { 'RRU.PrbUsedDl.010003e8': '41.5', 'RRU.PrbTotDl': '37' } },
  });
  const answer = await rig.post({ event });
  expect(answer).toMatchObject({ status: 202, body: '' });
  expect(answer.headers.get('x-latestversion')).toBe('7.2.1');
  const result = await rig.query({ counters: ['RRU.PrbUsedDl', 'RRU.PrbTotDl'], from: T0, to: T0 + 1 });
  const dn = 'ManagedElement=gnb-1,GNBDUFunction=1,NRCellDU=3';
  expect(result.series).toEqual([
    { counter: 'RRU.PrbTotDl', dn, source: 'gnb-1', unit: '%', points: [[T0, 37]] },
    { counter: 'RRU.PrbUsedDl', dn, source: 'gnb-1', snssai: '010003e8', unit: 'PRB', points: [[T0, 41.5]] },
  ]);
});
