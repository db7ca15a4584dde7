import { formatValue } from './format.ts';
import styles from './ui.module.css';

const WIDTH = 96;
const HEIGHT = 28;

export interface Bins {
  counts: readonly number[];
  low: number;
  high: number;
}

/** How often values fall in equal parts of their range. Undefined for no values. */
export function binsOf(values: readonly number[], parts = 24): Bins | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(low <= high)) return undefined;
  const counts = new Array<number>(parts).fill(0);
  const width = (high - low) / parts;
  for (const value of values) {
    const part = width === 0 ? 0 : Math.min(parts - 1, Math.floor((value - low) / width));
    counts[part] = (counts[part] ?? 0) + 1;
  }
  return { counts, low, high };
}

/** A small distribution, for the head of a column. Rare values stay visible: a bar is never lower than a pixel. */
export function Histogram({ name, bins }: { name: string; bins: Bins }) {
  const most = Math.max(...bins.counts);
  const width = WIDTH / bins.counts.length;
  const says = `${name}: from ${formatValue(bins.low)} to ${formatValue(bins.high)}`;
  return (
    <svg width={WIDTH} height={HEIGHT} role="img" aria-label={says} className={styles['histogram']}>
      <title>{says}</title>
      {bins.counts.map((count, at) => {
        const height = count === 0 ? 0 : Math.max(1, (count / most) * HEIGHT);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place.
          <rect key={at} x={at * width} y={HEIGHT - height} width={Math.max(1, width - 0.5)} height={height} />
        );
      })}
    </svg>
  );
}
