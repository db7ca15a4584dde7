import { RanloopError } from '@ranloop/contracts/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeriodReport, Plant, SliceRatio } from '../plant.ts';
import { createEnvironment, createPlant, parseScenario, SLA_VIOLATION_TIME } from './index.ts';

const [EMBB, URLLC, MIOT] = ['01000001', '02000001', '03000001'] as const;
/** A loaded hour: the scenario's Monday at 16 h. */
const BUSY = 16 * 3_600;

const ratio = (snssai: string, min: number, dedicated = 0, max = 100): SliceRatio => ({
  snssai,
  ratio: { min, max, dedicated },
});

function run(plant: Plant, periods: number): PeriodReport[] {
  return Array.from({ length: periods }, () => plant.advancePeriod());
}

const violations = (plant: Plant) => plant.totals().reduce((sum, total) => sum + total.violationSeconds, 0);

describe('offered traffic', () => {
  it('is the same under every policy, and so are the users', () => {
    const scenario = parseScenario({ cells: 3, seed: 5 });
    const free = createPlant(scenario, { startSeconds: BUSY });
    const bound = createPlant(scenario, {
      startSeconds: BUSY,
      ratios: [ratio(EMBB, 10, 0, 30), ratio(URLLC, 40, 40), ratio(MIOT, 20)],
    });
    const [a, b] = [run(free, 30), run(bound, 30)];
    const offered = (plant: Plant) => plant.cells.map(({ index }) => plant.offeredPrb(index, EMBB, BUSY, BUSY + 1_800));
    expect(offered(free)).toEqual(offered(bound));
    const users = (reports: PeriodReport[]) =>
      reports.map(({ cells }) => cells.map(({ slices }) => slices.map(({ counters }) => counters['RRC.ConnMean'])));
    expect(users(a)).toEqual(users(b));
    expect(bound.totals()[0]?.unservedMbit).toBeGreaterThan((free.totals()[0]?.unservedMbit ?? 0) + 1_000);
  });

  it('differs by seed', () => {
    const mean = (seed: number) => createPlant(parseScenario({ cells: 1, seed })).offeredPrb(0, EMBB, 0, 60).mean;
    expect(mean(1)).not.toBe(mean(2));
  });

  it('of a run that begins on a later day is that of a run from the start', () => {
    const scenario = parseScenario({ cells: 2, seed: 3 });
    const early = createPlant(scenario, { startSeconds: 0 });
    early.skipTo(2 * 86_400 - 600);
    run(early, 10);
    const late = createPlant(scenario, { startSeconds: 2 * 86_400 });
    expect(late.now).toBe(early.now);
    const [a, b] = [run(early, 2), run(late, 2)];
    // Quiet hours: queues that start empty make no difference.
    expect(a).toEqual(b);
  });

  it('comes back at the same minutes every day', () => {
    const quiet = { noise: 0, secondNoise: 0, roaming: 0, nightLevel: 1, weekend: 1 };
    const scenario = parseScenario({
      cells: 1,
      slices: { embb: quiet, urllc: quiet, miot: quiet },
      crowds: { perCellAndDay: 0 },
      events: { jitterSeconds: 0 },
    });
    const plant = createPlant(scenario);
    const day = (n: number, snssai: string) =>
      Array.from({ length: 120 }, (_, minute) => {
        const from = n * 86_400 + minute * 60;
        return plant.offeredPrb(0, snssai, from, from + 60).mean;
      });
    for (const snssai of [EMBB, URLLC, MIOT]) {
      const [first, second] = [day(0, snssai), day(1, snssai)];
      const lifted = (values: number[]) => values.map((value) => value > 1.5 * Math.min(...values));
      expect(lifted(first)).toEqual(lifted(second));
      const share = lifted(first).filter(Boolean).length / 120;
      expect(share).toBeGreaterThanOrEqual(2 / 20 - 0.02);
      expect(share).toBeLessThanOrEqual(4 / 12 + 0.02);
      const most = Math.max(...first) / Math.min(...first);
      expect(most).toBeGreaterThan(1.9);
    }
  });

  it('plays a trace for eMBB users, and only its shape matters', () => {
    const shape = [0, 0, 0, 8, 1, 1];
    const plants = [1, 1_000].map((scale) =>
      createPlant(parseScenario({ cells: 1, trace: shape.map((value) => value * scale) })),
    );
    const [small, large] = plants.map((plant) => plant.offeredPrb(0, EMBB, 0, 60).mean);
    expect(small).toBeCloseTo(large ?? 0, 6);
    const plain = createPlant(parseScenario({ cells: 1 })).offeredPrb(0, EMBB, 0, 60).mean;
    // The mean over its length is the same as without a trace.
    expect((small ?? 0) / plain).toBeGreaterThan(0.7);
    expect((small ?? 0) / plain).toBeLessThan(1.3);
  });
});

describe('a run', () => {
  it('serves, loses or still holds all that was offered, whatever the ratios', () => {
    const scenario = parseScenario({ cells: 2, seed: 9, periodSeconds: 30 });
    const environment = createEnvironment(scenario, { blocks: 64 });
    const percent = fc.integer({ min: 0, max: 33 });
    fc.assert(
      fc.property(fc.tuple(percent, percent, percent), fc.integer({ min: 10, max: 100 }), (mins, max) => {
        const ratios = [EMBB, URLLC, MIOT].map((snssai, i) =>
          ratio(snssai, Math.min(mins[i] ?? 0, max), Math.min(mins[i] ?? 0, max), max),
        );
        const plant = createPlant(scenario, { environment, startSeconds: BUSY, ratios });
        run(plant, 20);
        let offered = 0;
        for (let second = BUSY; second < plant.now; second++) {
          const block = environment.block(Math.floor(second / 60));
          for (let i = 0; i < 6; i++) offered += block.offered[(second % 60) * 6 + i] ?? Number.NaN;
        }
        const held = offered - plant.totals().reduce((sum, t) => sum + t.servedMbit + t.unservedMbit, 0);
        // 10 s of mIoT and less of the rest, at most.
        expect(held).toBeGreaterThan(-1e-6);
        expect(held).toBeLessThan(2 * 10 * 120);
        run(plant, 1);
      }),
      { numRuns: 15 },
    );
  });

  it('has violations that a finer step changes by less than 5 %', () => {
    const count = (stepSeconds: number) => {
      const plant = createPlant(parseScenario({ cells: 3, seed: 2, stepSeconds }), {
        startSeconds: BUSY,
        ratios: [ratio(EMBB, 60), ratio(URLLC, 18, 18), ratio(MIOT, 8)],
      });
      run(plant, 180);
      return violations(plant);
    };
    const [coarse, fine] = [count(1), count(0.25)];
    expect(coarse).toBeGreaterThan(200);
    expect(Math.abs(coarse - fine) / fine).toBeLessThan(0.05);
  });

  it('repeats itself to the digit', () => {
    const reports = () => run(createPlant(parseScenario({ cells: 2, seed: 4 }), { startSeconds: BUSY }), 5);
    expect(reports()).toEqual(reports());
  });
});

describe('PRB ratios', () => {
  const scenario = parseScenario({ cells: 2 });

  it('set during a period are in force from the start of the next', () => {
    const plant = createPlant(scenario);
    plant.advancePeriod();
    plant.setRatios(1, [ratio(URLLC, 20, 20)]);
    expect(plant.ratios(1)[1]?.ratio.min).toBe(0);
    expect(plant.ratios(1, 'wanted')[1]?.ratio.min).toBe(20);
    plant.advancePeriod();
    expect(plant.ratios(1)[1]?.ratio).toEqual({ min: 20, max: 100, dedicated: 20 });
    expect(plant.ratios(0)[1]?.ratio.min).toBe(0);
    plant.setRatios(1, [ratio(EMBB, 50)]);
    plant.advancePeriod();
    expect(plant.ratios(1).map(({ ratio: { min } }) => min)).toEqual([50, 20, 0]);
  });

  it('are refused with the field that is wrong, and then nothing is changed', () => {
    const plant = createPlant(scenario);
    const fieldsOf = (ratios: SliceRatio[]) => {
      try {
        plant.setRatios(0, ratios);
      } catch (error) {
        return (error as RanloopError).fields.map(({ path }) => path);
      }
      return [];
    };
    expect(fieldsOf([ratio('09', 5)])).toEqual(['/0/snssai']);
    expect(fieldsOf([ratio(EMBB, 5, 6)])).toEqual(['/0/ratio/dedicated']);
    expect(fieldsOf([ratio(EMBB, 50, 0, 40)])).toEqual(['/0/ratio/min']);
    expect(fieldsOf([ratio(EMBB, Number.NaN)])).toEqual(['/0/ratio/min']);
    expect(fieldsOf([ratio(EMBB, 60), ratio(URLLC, 50, 50)])).toEqual(['/1/ratio/min']);
    expect(plant.ratios(0, 'wanted').every(({ ratio: { min } }) => min === 0)).toBe(true);
    expect(() => plant.setRatios(7, [])).toThrow(RanloopError);
  });

  it('that several calls bring above the cell are cut in proportion', () => {
    const plant = createPlant(scenario);
    plant.setRatios(0, [ratio(EMBB, 90)]);
    plant.setRatios(0, [ratio(URLLC, 60, 60)]);
    plant.advancePeriod();
    expect(plant.ratios(0).map(({ ratio: { min, dedicated } }) => [min, dedicated])).toEqual([
      [60, 0],
      [40, 40],
      [0, 0],
    ]);
    plant.setRatios(0, [ratio(EMBB, 40)]);
    plant.advancePeriod();
    expect(plant.ratios(0).map(({ ratio: { min } }) => min)).toEqual([40, 60, 0]);
  });

  it('decide over URLLC in a loaded hour: dedicated PRBs keep its delay', () => {
    const busy = parseScenario({ cells: 4, seed: 1 });
    const environment = createEnvironment(busy, { blocks: 128 });
    const count = (ratios: SliceRatio[]) => {
      const plant = createPlant(busy, { environment, startSeconds: BUSY, ratios });
      run(plant, 60);
      return plant.totals()[1]?.violationSeconds ?? Number.NaN;
    };
    const open = count([]);
    expect(open).toBeGreaterThan(1_000);
    expect(count([ratio(URLLC, 45, 45)])).toBeLessThan(open / 10);
    // A minimum alone is lent and shared: it keeps the volume, not the delay.
    expect(count([ratio(URLLC, 45, 0)])).toBe(open);
  });
});

describe('the report of a period', () => {
  const scenario = parseScenario({ cells: 8, periodSeconds: 10 });
  const plant = createPlant(scenario, {
    startSeconds: BUSY,
    ratios: [ratio(URLLC, 20, 20), ratio(EMBB, 10, 0, 50)],
  });
  const report = plant.advancePeriod();

  it('names cells by gNB, seven each, with the times of the period', () => {
    expect([report.start, report.end]).toEqual([BUSY, BUSY + 10]);
    expect(report.cells[6]?.cell).toEqual({
      index: 6,
      managedElement: 'gnb-1',
      dn: 'ManagedElement=gnb-1,GNBDUFunction=1,NRCellDU=7',
      ncI: 16_391,
      prbs: 273,
    });
    expect(report.cells[7]?.cell.dn).toBe('ManagedElement=gnb-2,GNBDUFunction=1,NRCellDU=1');
    expect(new Set(report.cells.map(({ cell }) => cell.ncI)).size).toBe(8);
  });

  it('has counters that fit together', () => {
    for (const { counters, slices } of report.cells) {
      const sum = (name: string) => slices.reduce((total, slice) => total + (slice.counters[name] ?? Number.NaN), 0);
      expect(Math.abs(sum('RRU.PrbUsedDl') - (counters['RRU.PrbUsedDl'] ?? 0))).toBeLessThanOrEqual(2);
      expect(Math.abs((counters['RRU.PrbTotDl'] ?? 0) - (100 * sum('RRU.PrbUsedDl')) / 273)).toBeLessThanOrEqual(1.2);
      expect(sum('DRB.PdcpSduVolumeDL')).toBeCloseTo(counters['DRB.PdcpSduVolumeDL'] ?? 0, 2);
      expect(sum(SLA_VIOLATION_TIME)).toBe(counters[SLA_VIOLATION_TIME]);
      expect(counters['PEE.AvgPower']).toBeGreaterThan(scenario.power.idleWatt);
      // 50 % is eMBB's own limit; the others lack the PRBs dedicated to URLLC.
      expect(slices.map((slice) => slice.counters['RRU.PrbAvailDl'])).toEqual([137, 273, 218]);
    }
    const total = report.cells.reduce((sum, { counters }) => sum + (counters['DRB.PdcpSduVolumeDL'] ?? 0), 0);
    expect(plant.totals().reduce((sum, { servedMbit }) => sum + servedMbit, 0)).toBeCloseTo(total, 1);
  });

  it('adds up to energy', () => {
    const watt = report.cells.reduce((sum, { counters }) => sum + (counters['PEE.AvgPower'] ?? 0), 0);
    expect(plant.energyWh()).toBeCloseTo((watt * 10) / 3_600, 1);
  });
});
