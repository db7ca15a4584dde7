import { describe, expect, it } from 'vitest';
import type { CellReport, Plant } from '../../plant.ts';
import {
  createEnvironment,
  createPlant,
  createTwins,
  parseScenario,
  reportedDemand,
  searchStaticRatios,
} from '../index.ts';
import { oracleRatios, reactiveRatios } from './controllers.ts';

const [EMBB, URLLC, MIOT] = ['01000001', '02000001', '03000001'] as const;
const BUSY = 16 * 3_600;

const violations = (plant: Plant) => plant.totals().reduce((sum, total) => sum + total.violationSeconds, 0);

const staticRatios = [
  { snssai: EMBB, ratio: { min: 60, max: 100, dedicated: 0 } },
  { snssai: URLLC, ratio: { min: 20, max: 100, dedicated: 20 } },
  { snssai: MIOT, ratio: { min: 7, max: 100, dedicated: 0 } },
];

function report(slices: Record<string, Record<string, number>>): CellReport {
  return {
    cell: { index: 0, managedElement: 'gnb-1', dn: '', ncI: 1, prbs: 200 },
    counters: {},
    slices: Object.entries(slices).map(([snssai, counters]) => ({ slice: { snssai, name: 'eMBB' }, counters })),
  };
}

describe('what a rule sees', () => {
  it('is the PRBs in use, and those that what was dropped would have taken', () => {
    const seen = report({ [EMBB]: { 'RRU.PrbUsedDl': 90, 'DRB.PdcpPacketDropRateDl': 100_000 } });
    expect(reportedDemand(seen, EMBB)).toBeCloseTo(100, 9);
    expect(reportedDemand(seen, MIOT)).toBe(0);
  });

  it('becomes ratios by the shared rule', () => {
    const seen = report({
      [EMBB]: { 'RRU.PrbUsedDl': 50 },
      [URLLC]: { 'RRU.PrbUsedDl': 20 },
      [MIOT]: { 'RRU.PrbUsedDl': 10 },
    });
    const ratios = reactiveRatios(parseScenario({ prbs: 200 }), seen, { embb: 1.2, urllc: 1.5, miot: 1 });
    expect(ratios.map(({ ratio: { min, dedicated } }) => [min, dedicated])).toEqual([
      [30, 0],
      [15, 15],
      [5, 0],
    ]);
  });
});

describe('the twins', () => {
  const scenario = parseScenario({ cells: 2, seed: 6 });

  it('share one traffic and differ in what their schedulers were told', () => {
    const twins = createTwins(scenario, { staticRatios, startSeconds: BUSY });
    for (let i = 0; i < 5; i++) twins.advancePeriod();
    const reports = twins.advancePeriod();
    const users = Object.values(reports).map(({ cells }) => cells.map(({ counters }) => counters['RRC.ConnMean']));
    for (const other of users) expect(other).toEqual(users[0]);
    const mins = (name: 'none' | 'static') =>
      twins
        .plant(name)
        .ratios(0)
        .map(({ ratio: { min } }) => min);
    expect(mins('none')).toEqual([0, 0, 0]);
    expect(mins('static')).toEqual([60, 20, 7]);
    expect(twins.now).toBe(BUSY + 360);
    expect(twins.totals().static.map(({ slice }) => slice.snssai)).toEqual([EMBB, URLLC, MIOT]);
  });

  it('has an oracle whose ratios are those of the period that runs under them', () => {
    const twins = createTwins(scenario, { staticRatios, startSeconds: BUSY });
    for (let i = 0; i < 4; i++) {
      twins.advancePeriod();
      const oracle = twins.plant('oracle');
      const demand = oracle.offeredPrb(1, URLLC, oracle.now, oracle.now + 60).p95;
      const dedicated = ((oracle.ratios(1)[1]?.ratio.dedicated ?? 0) * 273) / 100;
      expect(dedicated).toBeGreaterThanOrEqual(demand);
      expect(dedicated).toBeLessThan(demand * 1.1 + 3);
    }
  });

  it('has a reactive one that runs period n by the report of n - 2', () => {
    const twins = createTwins(scenario, { staticRatios, startSeconds: BUSY });
    const used: number[] = [];
    for (let n = 0; n < 6; n++) {
      const inForce = twins.plant('reactive').ratios(0)[1]?.ratio.dedicated ?? 0;
      if (n < 2) expect(inForce).toBe(20);
      else {
        const percent = ((used[n - 2] ?? 0) * 100) / 273;
        expect(inForce).toBeGreaterThan(percent);
        expect(inForce).toBeLessThan(percent * 1.7 + 2);
      }
      const { reactive } = twins.advancePeriod();
      used.push(reactive.cells[0]?.slices[1]?.counters['RRU.PrbUsedDl'] ?? Number.NaN);
    }
  });

  it('ranks as knowledge does over a loaded stretch: the oracle before the constants, any before none', () => {
    const busy = parseScenario({ cells: 3, seed: 3 });
    const twins = createTwins(busy, { staticRatios, startSeconds: BUSY });
    for (let i = 0; i < 100; i++) twins.advancePeriod();
    const total = (name: 'none' | 'static' | 'oracle') => violations(twins.plant(name));
    expect(total('oracle')).toBeLessThan(total('static') * 0.8);
    expect(total('static')).toBeLessThan(total('none') * 0.6);
  });
});

describe('the oracle', () => {
  it('keeps every SLA in a period in which all fits', () => {
    const scenario = parseScenario({ cells: 1, seed: 8 });
    const environment = createEnvironment(scenario);
    const plant = createPlant(scenario, { environment, startSeconds: 3_600, immediate: true });
    const coming = { from: 3_600, to: 3_660, margins: { embb: 1, urllc: 1.07, miot: 1 } };
    plant.setRatios(0, oracleRatios(plant, 0, coming));
    plant.advancePeriod();
    expect(violations(plant)).toBe(0);
  });
});

describe('the search for static ratios', () => {
  const scenario = parseScenario({ cells: 2, seed: 1 });
  const span = { fromSeconds: BUSY, toSeconds: BUSY + 3_600 };
  const progress: number[] = [];
  const found = searchStaticRatios(scenario, { ...span, onProgress: (done) => progress.push(done) });

  it('finds constants that no neighbour beats, and counts as a plant does', () => {
    const environment = createEnvironment(scenario, { blocks: 61 });
    const count = (urllc: number) => {
      const ratios = found.ratios.map((cell) =>
        cell.map(({ snssai, ratio }) => {
          const min = snssai === URLLC ? Math.min(100, Math.max(0, ratio.min + urllc)) : ratio.min;
          return { snssai, ratio: { ...ratio, min, dedicated: snssai === URLLC ? min : 0 } };
        }),
      );
      const room = ratios.every((cell) => cell.reduce((sum, { ratio }) => sum + ratio.min, 0) <= 100);
      if (!room) return Number.POSITIVE_INFINITY;
      const plant = createPlant(scenario, { environment, startSeconds: span.fromSeconds, ratios });
      while (plant.now < span.toSeconds) plant.advancePeriod();
      return violations(plant);
    };
    expect(found.ratios).toHaveLength(2);
    // Minutes that cannot fail are left out of the search, with what their queues would carry over.
    expect(count(0)).toBeGreaterThan(0);
    expect(Math.abs(count(0) - found.violationSeconds)).toBeLessThanOrEqual(0.02 * count(0) + 5);
    for (const other of [-8, -4, 4, 8]) expect(count(other)).toBeGreaterThan(count(0) * 0.97);
  });

  it('tells how far it is', () => {
    expect(progress.at(-1)).toBeCloseTo(1, 9);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it('refuses days that are none', () => {
    expect(() => searchStaticRatios(scenario, { fromSeconds: 60, toSeconds: 60 })).toThrow('whole minutes');
  });
});
