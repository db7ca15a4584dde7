import type { PrbRatio } from '@ranloop/contracts/r1';
import { allocate } from '@ranloop/sdk/slicing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterRefusal,
  type CellInput,
  type CellState,
  decideCell,
  FRESH_CELL,
  type Limits,
  type Ratios,
} from './decide.ts';

const MINUTE = 60e6;
const LIMITS: Limits = {
  periodMicros: MINUTE,
  hysteresisPercent: 2,
  minChangeMicros: MINUTE,
  staleAfterPeriods: 2,
  keepLastGoodPeriods: 3,
  rollbackAfter: 2,
  holdOffPeriods: 5,
};

const ratio = (min: number, dedicated = 0): PrbRatio => ({ min, max: 100, dedicated });
const ratios = (...mins: number[]): Ratios => new Map(mins.map((min, s) => [`0${s + 1}`, ratio(min)]));
const at = (minute: number, more: Partial<CellInput> = {}): CellInput => ({
  time: minute * MINUTE,
  newest: minute * MINUTE,
  flagged: false,
  wanted: ratios(20, 30, 10),
  verdict: undefined,
  ...more,
});

/** Runs inputs one after the other and returns the rules. */
function run(inputs: readonly CellInput[], limits = LIMITS, start: CellState = FRESH_CELL) {
  let state = start;
  return inputs.map((input) => {
    const decision = decideCell(state, input, limits);
    state = decision.state;
    return decision;
  });
}
const rules = (inputs: readonly CellInput[], limits = LIMITS) => run(inputs, limits).map(({ rule }) => rule);

describe('a cell', () => {
  test('is changed once and then left alone within the hysteresis', () => {
    const steps = [at(1), at(2, { wanted: ratios(22, 28, 12) }), at(3, { wanted: ratios(23, 30, 10) })];
    expect(rules(steps)).toEqual(['changed', 'within-hysteresis', 'changed']);
  });

  test('sends no slice whose ratio stays what it is, and all others of a changed cell', () => {
    const [, second] = run([at(1), at(2, { wanted: ratios(20, 40, 11) })]);
    expect(second?.act).toEqual({
      kind: 'set',
      ratios: new Map([
        ['02', ratio(40)],
        ['03', ratio(11)],
      ]),
    });
  });

  test('is not changed twice within the minute', () => {
    const slow = { ...LIMITS, minChangeMicros: 2 * MINUTE };
    const steps = [at(1), at(2, { wanted: ratios(50, 30, 10) }), at(3, { wanted: ratios(50, 30, 10) })];
    expect(rules(steps, slow)).toEqual(['changed', 'rate-limited', 'changed']);
  });

  test('keeps its last good policies while blind, up to the limit, and is then withdrawn', () => {
    const stale = (minute: number) => at(minute, { newest: MINUTE });
    const steps = [at(1), stale(2), stale(3), stale(4), stale(5), stale(6), stale(7)];
    // Two periods old is still acted on; good until minute 3, so minutes 4 to 6 are kept.
    expect(rules(steps)).toEqual([
      'changed',
      'within-hysteresis',
      'within-hysteresis',
      'stale-telemetry',
      'stale-telemetry',
      'stale-telemetry',
      'withdrawn',
    ]);
    expect(run(steps).at(-1)?.act).toEqual({ kind: 'withdraw' });
  });

  test('is not acted on when its report is marked as suspect, nor without a model', () => {
    expect(rules([at(1, { flagged: true }), at(2, { wanted: undefined })])).toEqual(['flagged-telemetry', 'no-model']);
  });

  test('is rolled back after two worse windows in a row, held off, and then tried again', () => {
    const worse = (minute: number) => at(minute, { verdict: 'worse' });
    const fine = (minute: number) => at(minute, { verdict: 'fine' });
    expect(rules([at(1), worse(2), fine(3), worse(4), worse(5)])).toEqual([
      'changed',
      'within-hysteresis',
      'within-hysteresis',
      'within-hysteresis',
      'rolled-back',
    ]);
    const after = [at(1), worse(2), worse(3), ...[4, 5, 6, 7, 8].map((minute) => at(minute))];
    expect(rules(after)).toEqual([
      'changed',
      'within-hysteresis',
      'rolled-back',
      ...Array(4).fill('hold-off'),
      'changed',
    ]);
  });

  test('has the old ratio where the RIC refused the new one, and is sent again', () => {
    const [, second] = run([at(1), at(2, { wanted: ratios(10, 80, 10) })]);
    const state = second && afterRefusal(second.state, { before: ratios(20, 30, 10), refused: ['01'] });
    expect(state?.inForce?.get('01')).toEqual(ratio(20));
    expect(decideCell(state ?? FRESH_CELL, at(3, { wanted: ratios(10, 80, 10) }), LIMITS).act).toEqual({
      kind: 'set',
      ratios: new Map([['01', ratio(10)]]),
    });
  });
});

describe('the guard rails', () => {
  const demand = fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { minLength: 3, maxLength: 3 });
  const wanted = demand.map(
    (uppers): Ratios =>
      new Map(
        allocate(
          uppers.map((upper, s) => ({ snssai: `0${s + 1}`, upper })),
          273,
        ).map(({ snssai, ratio: given }) => [snssai, given]),
      ),
  );
  const step = fc.record({
    gap: fc.integer({ min: 1, max: 3 }),
    age: fc.integer({ min: 0, max: 5 }),
    flagged: fc.boolean(),
    wanted: fc.option(wanted, { nil: undefined }),
    verdict: fc.constantFrom('worse' as const, 'fine' as const, undefined),
    refused: fc.subarray(['01', '02', '03']),
  });
  const limits = fc.record({
    periodMicros: fc.constant(MINUTE),
    hysteresisPercent: fc.integer({ min: 0, max: 10 }),
    minChangeMicros: fc.constantFrom(0, MINUTE, 2 * MINUTE, 5 * MINUTE),
    staleAfterPeriods: fc.integer({ min: 0, max: 3 }),
    keepLastGoodPeriods: fc.integer({ min: 0, max: 6 }),
    rollbackAfter: fc.integer({ min: 1, max: 3 }),
    holdOffPeriods: fc.integer({ min: 0, max: 6 }),
  });

  test('hold for any history', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), limits, (steps, given) => {
        let state = FRESH_CELL;
        let minute = 0;
        let changedAt = Number.NEGATIVE_INFINITY;
        let goodAt = Number.NEGATIVE_INFINITY;
        for (const { gap, age, refused, ...rest } of steps) {
          minute += gap;
          const time = minute * MINUTE;
          const input: CellInput = { ...rest, time, newest: time - age * MINUTE };
          const before = state.inForce;
          const decision = decideCell(state, input, given);
          const blind = age > given.staleAfterPeriods || rest.flagged || !rest.wanted;

          if (decision.act) {
            // Never more than one change for a cell and minute.
            expect(time - changedAt).toBeGreaterThanOrEqual(given.minChangeMicros);
            changedAt = time;
          }
          // Never set anything on stale or flagged telemetry or without a model.
          if (blind) expect(decision.act?.kind).not.toBe('set');
          else goodAt = time;
          // What is decided always fits into the cell.
          if (decision.act?.kind === 'set') {
            const mins = [...(decision.state.inForce?.values() ?? [])].map(({ min }) => min);
            expect(mins.reduce((sum, min) => sum + min, 0)).toBeLessThanOrEqual(100);
            expect(decision.act.ratios.size).toBeGreaterThan(0);
          }
          // Withdrawn at the limit, unless a change a moment ago forbids it.
          const overdue = time - goodAt > given.keepLastGoodPeriods * MINUTE;
          if (blind && overdue && decision.rule !== 'rate-limited') expect(decision.state.inForce).toBeUndefined();
          if (blind && !overdue && before) expect(decision.act).toBeUndefined();
          // Held off means left alone.
          if (time < state.holdUntil && !blind && !before) expect(decision.act).toBeUndefined();
          state = decision.act?.kind === 'set' ? afterRefusal(decision.state, { before, refused }) : decision.state;
        }
      }),
      { numRuns: 500 },
    );
  });
});
