import { add, at } from './arrays.ts';
import type { Block } from './environment.ts';
import { SLICES } from './layout.ts';
import type { Meters } from './meters.ts';
import { lateShare, meanDelayMs, onDedicated, type QueueStep, stepQueue } from './queues.ts';
import { type Scenario, SLICE_KEYS, URLLC } from './scenario.ts';
import { createShares, schedule } from './scheduler.ts';
import { type SliceSecond, violates } from './sla.ts';

/** Ratios in PRB, `cell * slices + slice`. */
export interface QuotaPrbs {
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly dedicated: Float64Array;
}

/** Backlog is meant to be gone in this many seconds, whatever the step, so that a finer step asks for the same share. */
const DRAIN_SECONDS = 1;

/**
 * Runs one cell through one second: schedule, serve, queue, judge, meter. This is the inner loop of everything that is
 * simulated; its scratch objects are made once and nothing is allocated in it.
 */
export function createCellEngine(scenario: Scenario, quotas: QuotaPrbs, backlog: Float64Array) {
  const slices = SLICES.length;
  const prbs = scenario.prbs;
  const steps = Math.round(1 / scenario.stepSeconds);
  const dt = 1 / steps;
  const { delay } = scenario;
  const delayLimit = Float64Array.from(SLICE_KEYS, (key) => scenario.slices[key].delayLimit);
  const peakRate = Float64Array.from(SLICE_KEYS, (key) => scenario.slices[key].peakRate);
  const shares = createShares(slices);
  const { need, weight, granted } = shares;
  const queue = { backlog: 0, offered: 0, capacity: 0, seconds: dt, delayLimit: 0 };
  const step: QueueStep = { served: 0, lost: 0, backlog: 0, delay: 0 };
  const waiting = { overflow: 0, sharedLoad: 0, dedicatedLoad: 0 };
  const seconds: SliceSecond[] = SLICES.map(() => ({
    offered: 0,
    served: 0,
    lost: 0,
    backlogBefore: 0,
    backlogAfter: 0,
    lateShare: 0,
    lateLossShare: 0,
  }));

  return (cell: number, block: Block, second: number, meters: Meters): void => {
    const base = cell * slices;
    const row = second * backlog.length + base;
    for (let s = 0; s < slices; s++) {
      const sum = seconds[s] as SliceSecond;
      sum.offered = sum.served = sum.lost = sum.lateShare = sum.lateLossShare = 0;
      sum.backlogBefore = at(backlog, base + s);
      shares.min[s] = at(quotas.min, base + s);
      shares.max[s] = at(quotas.max, base + s);
      shares.dedicated[s] = at(quotas.dedicated, base + s);
    }
    for (let k = 0; k < steps; k++) {
      let dedicatedAll = 0;
      let onShared = 0;
      for (let s = 0; s < slices; s++) {
        const rate = at(block.offered, row + s) + at(backlog, base + s) / DRAIN_SECONDS;
        need[s] = rate / at(block.perPrb, row + s);
        weight[s] = rate / at(peakRate, s);
        dedicatedAll += at(shares.dedicated, s);
        onShared += at(need, s) - onDedicated(at(need, s), at(shares.dedicated, s), delay.dedicatedFill);
      }
      schedule(shares, prbs);
      const sharedPrbs = prbs - dedicatedAll;
      waiting.sharedLoad = sharedPrbs > 0 ? onShared / sharedPrbs : onShared > 0 ? 2 : 0;
      for (let s = 0; s < slices; s++) {
        const sum = seconds[s] as SliceSecond;
        const perPrb = at(block.perPrb, row + s);
        queue.backlog = at(backlog, base + s);
        queue.offered = at(block.offered, row + s) * dt;
        queue.capacity = at(granted, s) * perPrb * dt;
        queue.delayLimit = at(delayLimit, s);
        stepQueue(queue, step);
        backlog[base + s] = step.backlog;

        const dedicated = at(shares.dedicated, s);
        const inOwn = onDedicated(at(need, s), dedicated, delay.dedicatedFill);
        waiting.overflow = at(need, s) > 0 ? 1 - inOwn / at(need, s) : 0;
        waiting.dedicatedLoad = dedicated > 0 ? inOwn / dedicated : 0;
        if (s === URLLC) {
          sum.lateShare += lateShare(delay, waiting, scenario.sla.urllcDelayMs) * dt;
          sum.lateLossShare += lateShare(delay, waiting, at(delayLimit, s) * 1_000) * dt;
        }
        sum.offered += queue.offered;
        sum.served += step.served;
        sum.lost += step.lost;
        const limitMs = at(delayLimit, s) * 1_000;
        const ms = Math.min(limitMs, step.delay * 1_000 + meanDelayMs(delay, waiting, limitMs));
        add(meters.delayed, base + s, ms * step.served);
        add(meters.prbSeconds, base + s, Math.min(at(granted, s), step.served / (perPrb * dt)) * dt);
        add(meters.active, base + s, at(weight, s) * dt);
      }
    }
    for (let s = 0; s < slices; s++) {
      const sum = seconds[s] as SliceSecond;
      sum.backlogAfter = at(backlog, base + s);
      add(meters.offered, base + s, sum.offered);
      add(meters.served, base + s, sum.served);
      add(meters.lost, base + s, sum.lost);
      add(meters.users, base + s, at(block.users, row + s));
      if (violates(scenario, s, sum)) add(meters.violations, base + s, 1);
    }
  };
}
