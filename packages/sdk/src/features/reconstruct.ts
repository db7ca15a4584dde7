/**
 * Offered demand from what a period reported. What is served hides what was asked once a slice is full: then packets
 * are dropped and the queue grows. With V the served volume, T the period, p the share of packets dropped and D the
 * mean delay in the queue, by Little's law the queue holds D * V / T, so
 *
 *     offered / served = (1 + (D - D of the period before) / T) / (1 - p)
 *     demand           = PRBs used * offered / served
 *
 * V cancels: both corrections are in proportion to it, which also means that a unit of V that is wrong by a factor of
 * 1000 (kbit or Mbit) does no harm. V only says that something was served at all. The correction is bounded to
 * 0.5..4: outside, the counters say more about a broken report than about demand. The term for the queue is left out
 * when the period before is missing.
 */
export interface DemandInputs {
  /** Mean PRBs used in the period (RRU.PrbUsedDl). */
  readonly prbUsed: number;
  /** DRB.PdcpSduVolumeDL of the period; any unit. NaN when not reported. */
  readonly volume: number;
  /** Packets dropped per 1e6 (DRB.PdcpPacketDropRateDl). NaN counts as none. */
  readonly dropRate: number;
  /** Mean delay in 0.1 ms (DRB.RlcSduDelayDl), now and a period before. */
  readonly delay: number;
  readonly delayBefore: number;
  readonly periodSeconds: number;
}

const LEAST = 0.5;
const MOST = 4;
const PER_PACKET = 1e-6;
const SECONDS_PER_TENTH_MS = 1e-4;

/** Demand in PRB (mean over the period); NaN when the PRBs used were not reported. */
export function reconstruct(inputs: DemandInputs): number {
  const { prbUsed, volume, dropRate, delay, delayBefore, periodSeconds } = inputs;
  if (!(prbUsed >= 0)) return Number.NaN;
  if (prbUsed === 0 || volume === 0) return prbUsed;
  const lost = dropRate > 0 ? Math.min(dropRate * PER_PACKET, 1 - 1 / MOST) : 0;
  const growth = (delay - delayBefore) * SECONDS_PER_TENTH_MS;
  const factor = (1 + (Number.isFinite(growth) ? growth / periodSeconds : 0)) / (1 - lost);
  return prbUsed * Math.min(MOST, Math.max(LEAST, factor));
}
