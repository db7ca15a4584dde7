import type { Scenario } from './scenario.ts';

/** A fluid queue after a step: Mbit; `delay` is what the last Mbit to come waits for the ones before it, seconds. */
export interface QueueStep {
  served: number;
  lost: number;
  backlog: number;
  delay: number;
}

/**
 * One step of a fluid queue: what is offered comes evenly, what is served goes evenly. What would wait longer than the
 * delay limit, at the rate at which it is served or at which it came, is lost. Writes into `out`; nothing is made.
 */
export function stepQueue(
  queue: { backlog: number; offered: number; capacity: number; seconds: number; delayLimit: number },
  out: QueueStep,
): void {
  const { backlog, offered, capacity, seconds, delayLimit } = queue;
  const work = backlog + offered;
  const served = Math.min(work, capacity);
  const waiting = work - served;
  const most = (delayLimit / seconds) * Math.max(capacity, offered);
  const lost = Math.max(0, waiting - most);
  out.served = served;
  out.lost = lost;
  out.backlog = waiting - lost;
  const mean = (backlog + out.backlog) / 2;
  out.delay = mean <= 0 ? 0 : Math.min(delayLimit, capacity > 0 ? (mean / capacity) * seconds : delayLimit);
}

/** How packets wait inside a step, where a fluid does not show it. */
export interface Waiting {
  /** Share of the slice's packets that go over shared PRBs, 0..1. */
  readonly overflow: number;
  /** Load of the shared PRBs, from 0; at 1 and above their queue grows. */
  readonly sharedLoad: number;
  /** Load of the slice's dedicated PRBs, 0..1. */
  readonly dedicatedLoad: number;
}

/**
 * Tail of the waiting time of an M/G/1 queue: an arrival waits longer than t with probability load * exp(-(1 - load) t /
 * R), R being the mean residual service time it finds (Pollaczek-Khinchine mean: load / (1 - load) * R). On shared PRBs R
 * is that of large transport blocks of everybody, on dedicated ones of the slice's own small packets: this alone makes
 * a URLLC packet meet 10 ms on shared PRBs only up to about 70 % load. No rule states it.
 */
export function lateShare(delay: Scenario['delay'], waiting: Waiting, limitMs: number): number {
  const time = limitMs - delay.baseMs;
  if (time <= 0) return 1;
  return (
    waiting.overflow * tail(waiting.sharedLoad, time, delay.sharedResidualMs) +
    (1 - waiting.overflow) * tail(waiting.dedicatedLoad, time, delay.dedicatedResidualMs)
  );
}

export function meanDelayMs(delay: Scenario['delay'], waiting: Waiting, mostMs: number): number {
  const shared = mean(waiting.sharedLoad, delay.sharedResidualMs, mostMs);
  const dedicated = mean(waiting.dedicatedLoad, delay.dedicatedResidualMs, mostMs);
  return delay.baseMs + waiting.overflow * shared + (1 - waiting.overflow) * dedicated;
}

function tail(load: number, time: number, residual: number): number {
  if (load >= 1) return 1;
  return load <= 0 ? 0 : load * Math.exp((-(1 - load) * time) / residual);
}

function mean(load: number, residual: number, most: number): number {
  return load >= 1 ? most : Math.min(most, (load / (1 - load)) * residual);
}

/** PRB of `need` that dedicated PRBs take, when they are filled up to `fill` before the rest goes to shared ones. */
export function onDedicated(need: number, dedicated: number, fill: number): number {
  return Math.min(need, dedicated * fill);
}
