import { describe, expect, it } from 'vitest';
import { lateShare, meanDelayMs, onDedicated, type QueueStep, stepQueue } from './queues.ts';
import { parseScenario } from './scenario.ts';
import { type SliceSecond, violates } from './sla.ts';

const scenario = parseScenario();
const { delay } = scenario;

function queue(given: { backlog?: number; offered: number; capacity: number; seconds?: number; delayLimit?: number }) {
  const out: QueueStep = { served: 0, lost: 0, backlog: 0, delay: 0 };
  stepQueue({ backlog: 0, seconds: 1, delayLimit: 10, ...given }, out);
  return out;
}

describe('the fluid queue', () => {
  it('serves at once what fits', () => {
    expect(queue({ offered: 8, capacity: 10 })).toEqual({ served: 8, lost: 0, backlog: 0, delay: 0 });
  });

  it('keeps what does not fit, and the mean backlog over the rate is the delay', () => {
    // From 5 Mbit to 7 Mbit at 10 Mbit/s: 0.6 s in the mean.
    expect(queue({ backlog: 5, offered: 12, capacity: 10 })).toEqual({ served: 10, lost: 0, backlog: 7, delay: 0.6 });
  });

  it('loses what would wait beyond the delay limit', () => {
    // 30 ms at the 12 Mbit/s that come: 0.36 Mbit may wait of the 2 that are too many.
    const { served, lost, backlog } = queue({ offered: 12, capacity: 10, delayLimit: 0.03 });
    expect(served).toBe(10);
    expect(backlog).toBeCloseTo(0.36, 12);
    expect(lost).toBeCloseTo(1.64, 12);
  });

  it('holds what came within the limit when nothing is served', () => {
    expect(queue({ backlog: 90, offered: 10, capacity: 0 })).toEqual({ served: 0, lost: 0, backlog: 100, delay: 10 });
    expect(queue({ backlog: 100, offered: 10, capacity: 0 })).toEqual({ served: 0, lost: 10, backlog: 100, delay: 10 });
  });
});

describe('waiting inside a step', () => {
  const shared = (sharedLoad: number) => ({ overflow: 1, sharedLoad, dedicatedLoad: 0 });

  it('lets URLLC keep 10 ms on shared PRBs up to about 70 % load, and not above', () => {
    // 0.7 exp(-0.3 * 9 / 0.634) = 0.0099; 0.71 exp(-0.29 * 9 / 0.634) = 0.0116
    expect(lateShare(delay, shared(0.7), 10)).toBeCloseTo(0.0099, 4);
    expect(lateShare(delay, shared(0.71), 10)).toBeCloseTo(0.0116, 4);
  });

  it('keeps packets on dedicated PRBs in time while these are not overrun', () => {
    const own = { overflow: 0, sharedLoad: 5, dedicatedLoad: delay.dedicatedFill };
    expect(lateShare(delay, own, 10)).toBeLessThan(1e-3);
    expect(lateShare(delay, { ...own, overflow: 0.02 }, 10)).toBeGreaterThan(0.02);
  });

  it('has the mean of Pollaczek and Khinchine', () => {
    expect(meanDelayMs(delay, shared(0.5), 100)).toBeCloseTo(1 + 0.634, 9);
    expect(meanDelayMs(delay, shared(1.5), 100)).toBe(101);
  });

  it('fills dedicated PRBs up to their safe load only', () => {
    expect(onDedicated(50, 40, 0.95)).toBe(38);
    expect(onDedicated(10, 40, 0.95)).toBe(10);
  });
});

describe('the SLA of a second', () => {
  const [EMBB, URLLC, MIOT] = [0, 1, 2];
  const second = (given: Partial<SliceSecond>): SliceSecond => ({
    offered: 100,
    served: 100,
    lost: 0,
    backlogBefore: 0,
    backlogAfter: 0,
    lateShare: 0,
    lateLossShare: 0,
    ...given,
  });

  it('asks of eMBB 20 Mbit/s for each active user, or that all is served', () => {
    // 100 Mbit in the second are 4 users of 25 Mbit/s: 80 Mbit are enough.
    expect(violates(scenario, EMBB, second({ served: 80.1, backlogAfter: 19.9 }))).toBe(false);
    expect(violates(scenario, EMBB, second({ served: 79.9, backlogAfter: 20.1 }))).toBe(true);
    expect(violates(scenario, EMBB, second({ served: 80.1, backlogBefore: 10, backlogAfter: 29.9 }))).toBe(true);
    expect(violates(scenario, EMBB, second({ offered: 1, served: 1 }))).toBe(false);
    expect(violates(scenario, EMBB, second({ offered: 0, served: 0 }))).toBe(false);
  });

  it('asks of URLLC 99 % within the delay and a loss under 1e-4', () => {
    expect(violates(scenario, URLLC, second({ lateShare: 0.0099 }))).toBe(false);
    expect(violates(scenario, URLLC, second({ lateShare: 0.0101 }))).toBe(true);
    expect(violates(scenario, URLLC, second({ lost: 0.009 }))).toBe(false);
    expect(violates(scenario, URLLC, second({ lost: 0.009, lateLossShare: 0.00002 }))).toBe(true);
  });

  it('asks of mIoT that 99.9 % come through its queue of 10 s', () => {
    expect(violates(scenario, MIOT, second({ served: 0, backlogAfter: 100 }))).toBe(false);
    expect(violates(scenario, MIOT, second({ lost: 0.09 }))).toBe(false);
    expect(violates(scenario, MIOT, second({ lost: 0.11 }))).toBe(true);
  });
});
