import type { SliceAssuranceConfig } from './config.ts';
import type { CellState } from './decide.ts';
import { type Effect, effectOf, isWorse } from './effect.ts';
import type { TelemetryWindow } from './window.ts';

interface Awaited {
  readonly id: string;
  readonly dn: string;
  readonly snssai: string;
  readonly from: number;
  readonly to: number;
}

/** Compares the cells under our policies with their twins. */
export interface Judge {
  /** The verdict on a cell when a window of effect ends with `time`. */
  verdict(dn: string, state: CellState, time: number): 'worse' | 'fine' | undefined;
  /** Notes a change whose effect will be asked for. */
  expect(change: { id: string; dn: string; snssai: string; time: number }): void;
  /** The effects of earlier changes that are known by now. */
  effects(time: number): { id: string; effect: Effect }[];
}

/** What is decided on the report of a period is in force from the one after the next on. */
const FIRST_AFTER = 2;
const MOST_AWAITED = 10_000;

export function createJudge(window: TelemetryWindow, config: () => SliceAssuranceConfig): Judge {
  const { periodMicros } = window.live;
  const starts = new Map<string, number>();
  let awaited: Awaited[] = [];

  const measure = (dn: string, span: { from: number; to: number; snssai?: string }) => {
    const cell = window.live.cellIndex(dn);
    return effectOf({ live: window.live, twin: window.twin, cell, twinCell: window.twinOf(cell), ...span });
  };

  return {
    verdict(dn, state, time) {
      const { effectPeriods, rollbackMarginSeconds, rollbackMarginShare } = config();
      if (!state.inForce) {
        starts.delete(dn);
        return undefined;
      }
      const first = starts.get(dn) ?? state.changedAt + FIRST_AFTER * periodMicros;
      starts.set(dn, first);
      const last = first + (effectPeriods - 1) * periodMicros;
      if (time < last) return undefined;
      starts.set(dn, last + periodMicros);
      const effect = measure(dn, { from: first, to: last });
      if (!effect) return undefined;
      return isWorse(effect, { seconds: rollbackMarginSeconds, share: rollbackMarginShare }) ? 'worse' : 'fine';
    },
    expect({ id, dn, snssai, time }) {
      const { effectPeriods } = config();
      const from = time + FIRST_AFTER * periodMicros;
      awaited.push({ id, dn, snssai, from, to: from + (effectPeriods - 1) * periodMicros });
      if (awaited.length > MOST_AWAITED) awaited.shift();
    },
    effects(time) {
      const due = awaited.filter(({ to }) => to <= time);
      if (due.length === 0) return [];
      awaited = awaited.filter(({ to }) => to > time);
      return due.flatMap(({ id, dn, snssai, from, to }) => {
        const effect = measure(dn, { from, to, snssai });
        return effect ? [{ id, effect }] : [];
      });
    },
  };
}
