/** Runs over the items, at most `width` at a time. */
export async function eachOf<T>(items: Iterable<T>, width: number, run: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const lane = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) await run(next.value);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** Lets at most `width` tasks run; the others wait for their turn. */
export function createGate(width: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = width;
  return async (task) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      // A place is handed on, so that nobody who comes later takes it.
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
