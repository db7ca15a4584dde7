import { EMBB, type Scenario, URLLC } from './scenario.ts';

/** One second of one slice in one cell. Mbit, and shares of packets 0..1. */
export interface SliceSecond {
  offered: number;
  served: number;
  lost: number;
  backlogBefore: number;
  backlogAfter: number;
  /** Share of packets later than the URLLC delay, or lost for being too late, by queueing inside the second. */
  lateShare: number;
  lateLossShare: number;
}

/** A fluid leaves rounding behind; less than this share of what was offered counts as nothing. */
const NOTHING = 1e-3;

/**
 * eMBB: the mean rate of active users reaches the target, or all that was offered is served. A user is active while it
 * has data, so a backlog keeps users active and lowers their rate. URLLC: packets in time, and few lost. mIoT: nearly
 * all delivered within the delay limit of its queue, so what fails is what the queue had to give up.
 */
export function violates(scenario: Scenario, slice: number, second: SliceSecond): boolean {
  const { sla } = scenario;
  if (slice === EMBB) {
    if (second.lost + second.backlogAfter <= NOTHING * second.offered) return false;
    const active = (second.offered + second.backlogBefore) / scenario.slices.embb.peakRate;
    return second.served < sla.embbUserRate * active;
  }
  const lossShare = second.offered > 0 ? second.lost / second.offered : 0;
  if (slice === URLLC)
    return second.lateShare > sla.urllcLateShare || lossShare + second.lateLossShare > sla.urllcLossShare;
  return lossShare > sla.miotLossShare;
}
