import type { Decision, DecisionRule, PrbRatio } from '@ranloop/contracts/r1';
import { cellOf, SLICE_DEMAND_SCHEMA } from '@ranloop/sdk/features';
import type { Actuator, Change, Outcome } from './actuate.ts';
import { cellFacts, policyIdOf, staticRatiosOf } from './cells.ts';
import type { SliceAssuranceConfig } from './config.ts';
import { afterRefusal, type CellDecision, type CellState, decideCell, FRESH_CELL, type Limits } from './decide.ts';
import { telemetryDigest } from './digest.ts';
import type { Forecaster } from './forecast.ts';
import { type PeriodView, type SliceView, viewPeriod, wantedRatios } from './forecasting.ts';
import type { Judge } from './judge.ts';
import type { TelemetryWindow } from './window.ts';

export interface ControllerParts {
  readonly window: TelemetryWindow;
  readonly forecaster: Forecaster;
  readonly actuator: Actuator;
  readonly judge: Judge;
  readonly config: () => SliceAssuranceConfig;
}

export interface PeriodResult {
  readonly view: PeriodView;
  readonly decisions: readonly Decision[];
  readonly outcomes: readonly Outcome[];
}

/** Decides all cells for one period, sends what is to change, and writes down what it did and why. */
export interface Controller {
  /** Takes policies of an earlier run for what is in force. */
  adopt(held: ReadonlyMap<string, PrbRatio>, time: number): void;
  /** With `expire` every policy is withdrawn, because nothing reports any more. */
  decide(time: number, options: { expire: boolean }): Promise<PeriodResult>;
}

interface CellWork {
  readonly dn: string;
  readonly slices: readonly SliceView[];
  readonly before: CellState;
  readonly decision: CellDecision;
  readonly changes: readonly Change[];
}

export function createController(parts: ControllerParts): Controller {
  const { window, forecaster, actuator, judge } = parts;
  const states = new Map<string, CellState>();

  function changesOf(work: Omit<CellWork, 'changes'>): Change[] {
    const { dn, slices, before, decision } = work;
    const statics = staticRatiosOf(parts.config(), dn);
    const { act } = decision;
    if (!act) return [];
    const names = act.kind === 'set' ? [...act.ratios.keys()] : [...(before.inForce?.keys() ?? [])];
    return names.map((snssai) => {
      const after = act.kind === 'set' ? act.ratios.get(snssai) : statics.get(snssai);
      const rate = slices.find((slice) => slice.snssai === snssai)?.rateOfPrb ?? Number.NaN;
      const guaranteed = ((after?.min ?? 0) / 100) * cellFacts(parts.config(), dn).prbs * rate;
      return { dn, snssai, before: before.inForce?.get(snssai) ?? statics.get(snssai), after, guaranteed };
    });
  }

  function record(
    work: CellWork,
    slice: SliceView,
    made: { time: number; view: PeriodView; outcome?: Outcome },
  ): Decision {
    const { dn, before, decision, changes } = work;
    const { model } = made.view;
    const config = parts.config();
    const change = changes.find(({ snssai }) => snssai === slice.snssai);
    const now = before.inForce?.get(slice.snssai);
    const after = change ? change.after : now;
    const rule: DecisionRule = decision.rule === 'changed' && !change ? 'within-hysteresis' : decision.rule;
    const policyId = change || now ? policyIdOf(dn, slice.snssai) : undefined;
    const index = window.live.indexOf(made.time);
    return {
      id: decisionId(made.time, dn, slice.snssai),
      time: made.time,
      cell: dn,
      snssai: slice.snssai,
      telemetry: telemetryDigest(window.live, slice.cell, { snssai: slice.snssaiIndex, index }),
      features: { schema: SLICE_DEMAND_SCHEMA, values: [...(slice.features ?? [])] },
      ...(model && slice.forecast
        ? { model: { name: model.name, version: model.version, sha256: model.sha256, modelId: model.modelId } }
        : {}),
      ...(slice.forecast
        ? {
            forecast: {
              target: made.time + config.horizon * window.live.periodMicros,
              p50: round(slice.forecast.p50),
              p90: round(slice.forecast.p90),
            },
          }
        : {}),
      ...(now ? { before: now } : {}),
      ...(after ? { after } : {}),
      rule,
      ...(policyId === undefined ? {} : { policyId }),
      ...(made.outcome ? { enforceStatus: made.outcome.enforceStatus } : {}),
    };
  }

  return {
    adopt(held, time) {
      for (const dn of window.live.cells) {
        const inForce = new Map<string, PrbRatio>();
        for (const snssai of window.live.snssais) {
          const ratio = held.get(policyIdOf(dn, snssai));
          if (ratio) inForce.set(snssai, ratio);
        }
        if (inForce.size > 0) states.set(dn, { ...FRESH_CELL, inForce, goodAt: time, changedAt: time });
      }
    },

    async decide(time, { expire }) {
      const config = parts.config();
      const [view, flagged] = await Promise.all([
        viewPeriod(window, forecaster, { config, time }),
        window.flagged(time),
      ]);
      const usual = limitsOf(config);
      const limits = expire ? { ...usual, keepLastGoodPeriods: -1, minChangeMicros: 0 } : usual;
      const works = window.live.cells.flatMap((dn, cell): CellWork[] => {
        const slices = view.slices.filter((slice) => slice.cell === cell);
        if (slices.length === 0) return [];
        const before = states.get(dn) ?? FRESH_CELL;
        const isWhole = slices.every(({ features }) => features);
        const input = {
          time,
          newest: isWhole && !expire ? window.newest(cell) : Number.NEGATIVE_INFINITY,
          flagged: flagged.has(cell),
          wanted: wantedRatios(slices, { config, dn }),
          verdict: judge.verdict(dn, before, time),
        };
        // A mark as suspect says more than the gap that it leaves.
        const decision = decideCell(before, flagged.has(cell) ? { ...input, newest: time } : input, limits);
        const work = { dn, slices, before, decision };
        return [{ ...work, changes: changesOf(work) }];
      });

      const changes = works.flatMap((work) => work.changes);
      const outcomes = await actuator.apply(changes);
      const outcomeOf = new Map(changes.map((change, at) => [change, outcomes[at]]));
      const decisions = works.flatMap((work) => {
        settle(work, outcomeOf, time);
        return work.slices.map((slice) => {
          const change = work.changes.find(({ snssai }) => snssai === slice.snssai);
          const outcome = change && outcomeOf.get(change);
          const decision = record(work, slice, { time, view, ...(outcome ? { outcome } : {}) });
          if (change) judge.expect({ id: decision.id, dn: work.dn, snssai: slice.snssai, time });
          return decision;
        });
      });
      return { view, decisions, outcomes };
    },
  };

  /** What the RIC did not take is not in force; a withdrawal that failed is tried again. */
  function settle(work: CellWork, outcomeOf: ReadonlyMap<Change, Outcome | undefined>, time: number): void {
    const { dn, before, decision, changes } = work;
    const refused = changes
      .filter((change) => !['ENFORCED', 'DELETED'].includes(outcomeOf.get(change)?.enforceStatus ?? 'FAILED'))
      .map(({ snssai }) => snssai);
    if (decision.act?.kind === 'withdraw' && refused.length > 0) {
      const worse = decision.rule === 'rolled-back' ? parts.config().rollbackAfter : before.worse;
      states.set(dn, { ...before, changedAt: time, worse });
      return;
    }
    states.set(dn, afterRefusal(decision.state, { before: before.inForce, refused }));
  }
}

function limitsOf(config: SliceAssuranceConfig): Limits {
  return {
    periodMicros: config.periodSeconds * 1e6,
    hysteresisPercent: config.hysteresisPercent,
    minChangeMicros: config.minChangeSeconds * 1e6,
    staleAfterPeriods: config.staleAfterPeriods,
    keepLastGoodPeriods: config.keepLastGoodPeriods,
    rollbackAfter: config.rollbackAfter,
    holdOffPeriods: config.holdOffPeriods,
  };
}

/** The same for the same period, cell and slice, so that a decision is stored once. */
function decisionId(time: number, dn: string, snssai: string): string {
  const name = cellOf(dn);
  return `${time}-${name?.managedElement ?? ''}-${name?.cell ?? dn}-${snssai}`;
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;
