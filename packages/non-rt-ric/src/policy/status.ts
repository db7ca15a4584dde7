import type { PolicyStatusObject } from '@ranloop/contracts/a1';

const REASONS = ['SCOPE_NOT_APPLICABLE', 'STATEMENT_NOT_APPLICABLE', 'OTHER_REASON'] as const;

/**
 * Reads a policy status as RICs in the field send it: an object, or JSON text that holds one (the simulator encodes
 * twice), with `NOT ENFORCED` written with a space (OSC mediator), or an `instance_status` (its older form).
 */
export function readStatus(value: unknown): PolicyStatusObject | undefined {
  let read = value;
  for (let depth = 0; typeof read === 'string' && depth < 2; depth++) {
    try {
      read = JSON.parse(read);
    } catch {
      return undefined;
    }
  }
  if (typeof read !== 'object' || read === null) return undefined;
  const { enforceStatus, enforceReason, instance_status: older } = read as Record<string, unknown>;
  const words = String(enforceStatus ?? older ?? '')
    .toUpperCase()
    .replaceAll(' ', '_');
  if (words === 'ENFORCED' || words === 'IN_EFFECT') return { enforceStatus: 'ENFORCED' };
  if (words !== 'NOT_ENFORCED' && words !== 'NOT_IN_EFFECT') return undefined;
  const reason = REASONS.find((known) => known === enforceReason);
  return { enforceStatus: 'NOT_ENFORCED', ...(reason ? { enforceReason: reason } : {}) };
}

/** Before a RIC's xApps have answered, standard RICs say NOT_ENFORCED for OTHER_REASON when asked: not yet a refusal. */
export function isSettled(status: PolicyStatusObject): boolean {
  return status.enforceStatus === 'ENFORCED' || (status.enforceReason ?? 'OTHER_REASON') !== 'OTHER_REASON';
}
