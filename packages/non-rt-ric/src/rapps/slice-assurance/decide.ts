import type { DecisionRule, PrbRatio } from '@ranloop/contracts/r1';
import { sameWithin } from '@ranloop/sdk/slicing';

/** Ratios of a cell by S-NSSAI. */
export type Ratios = ReadonlyMap<string, PrbRatio>;

/** What the controller remembers of one cell. Times are ends of periods in microseconds, by the telemetry's clock. */
export interface CellState {
  /** What our policies set; undefined: the cell is left to its static ratios. */
  readonly inForce: Ratios | undefined;
  readonly changedAt: number;
  /** The last period that could be decided on; how long good policies are kept counts from here. */
  readonly goodAt: number;
  /** Windows in a row that were worse than the twin's. */
  readonly worse: number;
  readonly holdUntil: number;
}

export const FRESH_CELL: CellState = {
  inForce: undefined,
  changedAt: Number.NEGATIVE_INFINITY,
  goodAt: Number.NEGATIVE_INFINITY,
  worse: 0,
  holdUntil: Number.NEGATIVE_INFINITY,
};

export interface CellInput {
  /** End of the period that has just been reported. */
  readonly time: number;
  /** End of the newest period that the cell reported whole and unflagged. */
  readonly newest: number;
  /** The cell's report for `time` came, but is marked as suspect. */
  readonly flagged: boolean;
  /** From the forecast; undefined without a model. */
  readonly wanted: Ratios | undefined;
  /** Of the window of effect that ended with this period, if one did. */
  readonly verdict: 'worse' | 'fine' | undefined;
}

export interface Limits {
  readonly periodMicros: number;
  readonly hysteresisPercent: number;
  readonly minChangeMicros: number;
  readonly staleAfterPeriods: number;
  readonly keepLastGoodPeriods: number;
  readonly rollbackAfter: number;
  readonly holdOffPeriods: number;
}

export interface CellDecision {
  readonly rule: DecisionRule;
  /** What to send: the ratios that differ, or to leave the cell to its static ratios. */
  readonly act: { readonly kind: 'set'; readonly ratios: Ratios } | { readonly kind: 'withdraw' } | undefined;
  readonly state: CellState;
}

/** Decides one cell. Pure: the same state and input give the same decision. */
export function decideCell(before: CellState, input: CellInput, limits: Limits): CellDecision {
  const state = judged(before, input, limits);
  const { time, wanted } = input;
  const mayChange = time - state.changedAt >= limits.minChangeMicros;
  const stay = (rule: DecisionRule, next = state): CellDecision => ({ rule, act: undefined, state: next });
  const withdraw = (rule: DecisionRule, next = state): CellDecision => ({
    rule,
    act: { kind: 'withdraw' },
    state: { ...next, inForce: undefined, changedAt: time, worse: 0 },
  });

  const blind = blindness(input, limits);
  if (blind) {
    const kept = (time - state.goodAt) / limits.periodMicros;
    if (!state.inForce || kept <= limits.keepLastGoodPeriods) return stay(blind);
    return mayChange ? withdraw('withdrawn') : stay('rate-limited');
  }
  const good = { ...state, goodAt: time };
  if (good.inForce && good.worse >= limits.rollbackAfter) {
    if (!mayChange) return stay('rate-limited', good);
    return withdraw('rolled-back', { ...good, holdUntil: time + limits.holdOffPeriods * limits.periodMicros });
  }
  if (time < good.holdUntil) return stay('hold-off', good);
  if (!wanted) return stay('no-model', good);
  if (good.inForce && allWithin(good.inForce, wanted, limits.hysteresisPercent)) return stay('within-hysteresis', good);
  if (!mayChange) return stay('rate-limited', good);
  return {
    rule: 'changed',
    act: { kind: 'set', ratios: differing(good.inForce, wanted) },
    state: { ...good, inForce: wanted, changedAt: time },
  };
}

/** Why this period must not be acted on, if it must not. */
function blindness(input: CellInput, limits: Limits): DecisionRule | undefined {
  const age = (input.time - input.newest) / limits.periodMicros;
  if (!(age <= limits.staleAfterPeriods)) return 'stale-telemetry';
  if (input.flagged) return 'flagged-telemetry';
  return input.wanted ? undefined : 'no-model';
}

function judged(state: CellState, { verdict }: CellInput, limits: Limits): CellState {
  if (!verdict || !state.inForce) return state;
  return { ...state, worse: verdict === 'worse' ? Math.min(limits.rollbackAfter, state.worse + 1) : 0 };
}

/** A sum over 100 is what remains when the RIC took only some of a change: nothing to stay with. */
function allWithin(inForce: Ratios, wanted: Ratios, percent: number): boolean {
  let sum = 0;
  for (const { min } of inForce.values()) sum += min;
  if (sum > 100 || inForce.size !== wanted.size) return false;
  for (const [snssai, ratio] of wanted) {
    const now = inForce.get(snssai);
    if (!now || !sameWithin(now, ratio, percent)) return false;
  }
  return true;
}

/**
 * Once a cell is changed, all its slices follow what is wanted, also those within hysteresis: otherwise the old minimum
 * of one and the new one of another could add up to more than the cell.
 */
function differing(inForce: Ratios | undefined, wanted: Ratios): Ratios {
  return new Map(
    [...wanted].filter(([snssai, ratio]) => {
      const now = inForce?.get(snssai);
      return !now || !sameWithin(now, ratio, 0);
    }),
  );
}

/** The state after the RIC did not take part of a change: for those slices what was before is still in force. */
export function afterRefusal(
  state: CellState,
  { before, refused }: { before: Ratios | undefined; refused: readonly string[] },
): CellState {
  if (refused.length === 0) return state;
  const inForce = new Map(state.inForce ?? []);
  for (const snssai of refused) {
    const old = before?.get(snssai);
    if (old) inForce.set(snssai, old);
    else inForce.delete(snssai);
  }
  return { ...state, inForce: inForce.size > 0 ? inForce : undefined };
}
