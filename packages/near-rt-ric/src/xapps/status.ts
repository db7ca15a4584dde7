import type { PolicyStatusObject } from '@ranloop/contracts/a1';
import type { Cell } from './cell.ts';
import type { SlicePolicy } from './policy.ts';

export interface PolicyAnswer {
  readonly status: PolicyStatusObject;
  readonly detail: string;
}

type Reason = NonNullable<PolicyStatusObject['enforceReason']>;
const not = (enforceReason: Reason, detail: string): PolicyAnswer => ({
  status: { enforceStatus: 'NOT_ENFORCED', enforceReason },
  detail,
});

/** The cells that a policy is for, as far as they are known: by its scope, its PLMN, and the slices that they serve. */
export function targetsOf(policy: SlicePolicy, cells: ReadonlyMap<string, Cell>): Cell[] {
  const named = policy.cells ? policy.cells.map((key) => cells.get(key)) : [...cells.values()];
  return named.filter(
    (cell): cell is Cell => cell !== undefined && cell.plmn === policy.plmn && cell.slices.includes(policy.snssai),
  );
}

/** The status of a policy over all its cells; undefined while an answer of the RAN is still to come. */
export function answerOf(policy: SlicePolicy, cells: ReadonlyMap<string, Cell>): PolicyAnswer | undefined {
  const targets = targetsOf(policy, cells);
  if (targets.length === 0 || (policy.cells && targets.length < new Set(policy.cells).size))
    return not('SCOPE_NOT_APPLICABLE', 'no connected E2 node has this slice in this cell');
  const lost = targets.find((cell) => !cell.connected);
  if (lost) return not('OTHER_REASON', `E2 node ${lost.meid} is not connected`);

  const outcomes = targets.map((cell) => {
    const outcome = cell.outcomes.get(policy.id);
    return outcome?.revision === policy.revision ? outcome : undefined;
  });
  for (const reason of ['STATEMENT_NOT_APPLICABLE', 'OTHER_REASON'] as const) {
    const refused = outcomes.find((outcome) => outcome?.state === 'refused' && outcome.reason === reason);
    if (refused) return not(reason, refused.detail);
  }
  if (outcomes.includes(undefined)) return undefined;
  if (outcomes.every((outcome) => outcome?.state === 'superseded'))
    return not('OTHER_REASON', 'policies for single cells speak for this slice in all its cells');
  return { status: { enforceStatus: 'ENFORCED' }, detail: 'acknowledged by the RAN' };
}
