import { describe, expect, it } from 'vitest';
import type { Sample } from '../../api/r1.ts';
import { hexPlaces, toCells } from './cells.ts';

const sample = (source: string, counter: string, value: number, snssai?: string): Sample => ({
  source,
  counter,
  value,
  dn: `ManagedElement=${source},${counter === 'RRC.ConnMean' ? 'GNBCUCPFunction=1,NRCellCU=2' : 'GNBDUFunction=1,NRCellDU=2'}`,
  unit: '',
  granularity: 60,
  time: 120_000_000,
  suspect: false,
  ...(snssai === undefined ? {} : { snssai }),
});

describe('cells from samples', () => {
  it('joins what O-DU and O-CU say of a cell, and counts violations once though they come by slice and as a sum', () => {
    const [cell] = toCells([
      sample('gnb-1', 'RRU.PrbTotDl', 71),
      sample('gnb-1', 'RRU.PrbTotDl', 50, '01000001'),
      sample('gnb-1', 'RRC.ConnMean', 12),
      sample('gnb-1', 'RL.SlaViolationTime', 5, '01000001'),
      sample('gnb-1', 'RL.SlaViolationTime', 3, '02000001'),
      sample('gnb-1', 'RL.SlaViolationTime', 8),
      sample('twin-static-gnb-1', 'RL.SlaViolationTime', 9, '01000001'),
    ]);
    expect(cell).toMatchObject({ key: 'gnb-1/2', load: 71, users: 12, violation: 8, twinViolation: 9 });
    expect(cell?.slices.map(({ snssai, violation }) => [snssai, violation])).toEqual([
      ['01000001', 5],
      ['02000001', 3],
    ]);
  });

  it('places six cells around the first at equal distances', () => {
    const [, ...ring] = hexPlaces(7);
    for (const { x, y } of ring) expect(Math.hypot(x, y)).toBeCloseTo(Math.sqrt(3), 9);
    expect(new Set(ring.map(({ x, y }) => `${x.toFixed(3)} ${y.toFixed(3)}`)).size).toBe(6);
  });
});
