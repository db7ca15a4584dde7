/** A running total and its rate over the last seconds. */
export interface Rate {
  add(count: number): void;
  read(): { perSecond: number; total: number };
}

const WINDOW_SECONDS = 5;

/** Counts in slots of whole seconds, so that the memory does not grow with the rate. */
export function createRate(now: () => number = () => performance.now()): Rate {
  const slots = new Map<number, number>();
  let total = 0;
  const second = () => Math.floor(now() / 1_000);
  const forget = (current: number) => {
    for (const slot of slots.keys()) if (slot <= current - WINDOW_SECONDS) slots.delete(slot);
  };
  return {
    add(count) {
      const current = second();
      total += count;
      slots.set(current, (slots.get(current) ?? 0) + count);
      if (slots.size > WINDOW_SECONDS) forget(current);
    },
    read() {
      forget(second());
      let recent = 0;
      for (const count of slots.values()) recent += count;
      return { perSecond: recent / WINDOW_SECONDS, total };
    },
  };
}
