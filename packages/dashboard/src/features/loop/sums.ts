/** Adds series point by point at equal times; times from microseconds to seconds, ascending. */
export function sumByTime(all: readonly (readonly (readonly [number, number])[])[]): { x: number[]; y: number[] } {
  const sums = new Map<number, number>();
  for (const points of all) for (const [time, value] of points) sums.set(time, (sums.get(time) ?? 0) + value);
  const times = [...sums.keys()].sort((a, b) => a - b);
  return { x: times.map((time) => time / 1e6), y: times.map((time) => sums.get(time) ?? 0) };
}

export function accumulate(values: readonly number[]): number[] {
  let sum = 0;
  return values.map((value) => {
    sum += value;
    return sum;
  });
}
