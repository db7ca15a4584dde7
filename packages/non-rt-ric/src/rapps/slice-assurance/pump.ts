import { NOTHING_SETTLED, type Settled } from '../rapp.ts';

/** Runs periods one after the other, always the newest that is due; those that came between are left out. */
export interface Pump {
  /** Asks for the period that ends at `time`; resolves when it, or a later one, is done. Done ones resolve at once. */
  request(time: number): Promise<Settled>;
  readonly last: number;
  /** Resolves when nothing runs any more; what waits is told that nothing was done. */
  stop(): Promise<void>;
}

export function createPump(
  run: (time: number) => Promise<Settled>,
  { from, onError }: { from: number; onError: (error: unknown) => void },
): Pump {
  const waiters = new Map<(settled: Settled) => void, number>();
  let target = from;
  let last = from;
  let running: Promise<void> | undefined;
  let stopped = false;

  const answer = (upTo: number, settled: Settled) => {
    for (const [resolve, time] of [...waiters])
      if (time <= upTo) {
        waiters.delete(resolve);
        resolve(settled);
      }
  };
  async function turn(): Promise<void> {
    while (target > last && !stopped) {
      const time = target;
      const settled = await run(time).catch((error: unknown) => {
        onError(error);
        return NOTHING_SETTLED;
      });
      last = time;
      answer(time, settled);
    }
    running = undefined;
  }

  return {
    get last() {
      return last;
    },
    request(time) {
      if (time <= last || stopped) return Promise.resolve(NOTHING_SETTLED);
      target = Math.max(target, time);
      return new Promise((resolve) => {
        waiters.set(resolve, time);
        running ??= turn();
      });
    },
    async stop() {
      stopped = true;
      await running;
      answer(Number.POSITIVE_INFINITY, NOTHING_SETTLED);
    },
  };
}
