import type { Cell } from './cell.ts';
import type { SlicePolicy } from './policy.ts';
import type { Ratio } from './ratios.ts';

/** Percent points by which a derived ratio must move before a new control is worth it. */
const HYSTERESIS = 2;

/** Turns rates of a slice over several cells into PRB ratios of each, by what KPM says a PRB carries there. */
export interface RateRule {
  /** Undefined before the first measurement; a text when the rate is beyond the cell. */
  derive(policy: SlicePolicy, cell: Cell, targets: readonly Cell[]): Ratio | undefined | string;
  forget(policyId: string): void;
}

export function createRateRule(): RateRule {
  const held = new Map<string, Map<string, Ratio & { revision: number }>>();
  return {
    forget: (policyId) => void held.delete(policyId),
    derive(policy, cell, targets) {
      const { statement, id, revision } = policy;
      if (statement.kind !== 'rate') return undefined;
      const share = shareOf(policy.snssai, cell, targets);
      const carries = cell.radio.load(policy.snssai).kbitPerSecondPerPrb;
      if (carries === undefined || share === undefined) return undefined;
      const percent = (rate: number) => (100 * rate * share) / (carries * cell.served.prbs);
      const min = percent(statement.guaranteed);
      if (min > 100)
        return `the cell carries ${Math.round(carries * cell.served.prbs)} kbit/s, less than the guaranteed rate`;
      const max = statement.ceiling === undefined ? 100 : Math.min(100, Math.max(min, percent(statement.ceiling)));
      const ofPolicy = held.get(id) ?? new Map<string, Ratio & { revision: number }>();
      held.set(id, ofPolicy);
      const before = ofPolicy.get(cell.key);
      const moved = (a: number, b: number) => Math.abs(a - b) >= HYSTERESIS;
      if (before?.revision === revision && !moved(before.min, min) && !moved(before.max, max)) return before;
      const now = { min, max, dedicated: 0, revision };
      ofPolicy.set(cell.key, now);
      return now;
    },
  };
}

/** The part of the slice's rate that this cell is to hold: as much as it serves of it now, or an equal part of an idle slice. */
function shareOf(snssai: string, cell: Cell, targets: readonly Cell[]): number | undefined {
  const total = targets.reduce((sum, target) => sum + target.radio.load(snssai).kbitPerSecond, 0);
  if (total > 0) return cell.radio.load(snssai).kbitPerSecond / total;
  return targets.length > 0 ? 1 / targets.length : undefined;
}
