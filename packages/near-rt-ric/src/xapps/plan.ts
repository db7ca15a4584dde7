import type { PolicyStatusObject } from '@ranloop/contracts/a1';
import type { SlicePolicy } from './policy.ts';
import { byPriority, grant, type Ratio, UNTOUCHED, type Wish, wholePercents } from './ratios.ts';

type Reason = NonNullable<PolicyStatusObject['enforceReason']>;

/** What becomes of a policy in one cell. `superseded`: a policy for this very cell speaks for the slice. */
export type Verdict =
  | { readonly kind: 'granted' }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly detail: string };

export interface CellPlan {
  /** One entry per slice of the cell, whole percents. */
  readonly ratios: readonly Wish[];
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

/** The ratio that a policy asks of this cell; undefined when it cannot be told yet, a text when it can never be met. */
export type Derive = (policy: SlicePolicy) => Ratio | undefined | string;

/** Turns the policies that name this cell into one list of ratios for all its slices. Pure: equal policies, equal list. */
export function planCell(slices: readonly string[], policies: readonly SlicePolicy[], derive: Derive): CellPlan {
  const verdicts = new Map<string, Verdict>();
  const wishes = new Map<string, Wish & { policy: SlicePolicy }>();
  const refuse = (policy: SlicePolicy, reason: Reason, detail: string) =>
    verdicts.set(policy.id, { kind: 'refused', reason, detail });

  for (const policy of narrowestFirst(policies)) {
    if (wishes.has(policy.snssai)) {
      verdicts.set(policy.id, { kind: 'superseded' });
      continue;
    }
    const ratio = derive(policy);
    if (typeof ratio === 'string') refuse(policy, 'STATEMENT_NOT_APPLICABLE', ratio);
    else if (!ratio) refuse(policy, 'OTHER_REASON', 'no KPM measurement of the cell yet');
    else wishes.set(policy.snssai, { snssai: policy.snssai, ratio, policy });
  }

  const { granted, refused } = grant([...wishes.values()]);
  for (const { snssai } of refused) {
    const policy = wishes.get(snssai)?.policy;
    if (policy)
      refuse(policy, 'STATEMENT_NOT_APPLICABLE', 'the minimum PRB ratios of the cell would exceed 100 percent');
  }
  for (const { snssai } of granted) {
    const policy = wishes.get(snssai)?.policy;
    if (policy) verdicts.set(policy.id, { kind: 'granted' });
  }
  const chosen = new Map(granted.map(({ snssai, ratio }) => [snssai, ratio]));
  const all = [...new Set(slices)]
    .sort(byPriority)
    .map((snssai) => ({ snssai, ratio: chosen.get(snssai) ?? UNTOUCHED }));
  return { ratios: wholePercents(all), verdicts };
}

/** The scope of a cell before that of a slice; of two alike the one that came last. */
function narrowestFirst(policies: readonly SlicePolicy[]): SlicePolicy[] {
  const narrow = (policy: SlicePolicy) => (policy.statement.kind === 'ratio' ? 0 : 1);
  return [...policies].reverse().sort((a, b) => narrow(a) - narrow(b));
}
