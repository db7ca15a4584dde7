import type { LoopArrow, LoopState } from '@ranloop/contracts/loop';
import type { Metrics } from '@ranloop/kit/metrics';

/** Which counter stands for an arrow of the figure. */
export type ArrowSources = Readonly<
  Record<LoopArrow, readonly { name: string; labels?: Readonly<Record<string, string>> }[]>
>;

const SMOOTHING = 0.5;

/** Reads the counters behind the arrows; each call yields rates since the call before. */
export function createArrowMeter(metrics: Metrics, sources: ArrowSources): () => Promise<LoopState['arrows']> {
  let before: { at: number; totals: Map<string, number>; rates: Map<string, number> } | undefined;
  return async () => {
    const at = performance.now();
    const totals = new Map<string, number>();
    const rates = new Map<string, number>();
    for (const [arrow, counters] of Object.entries(sources)) {
      const sums = await Promise.all(counters.map(({ name, labels }) => metrics.total(name, labels)));
      const total = sums.reduce((sum, value) => sum + value, 0);
      const seconds = before ? (at - before.at) / 1_000 : 0;
      const now = seconds > 0 ? Math.max(0, total - (before?.totals.get(arrow) ?? 0)) / seconds : 0;
      const last = before?.rates.get(arrow) ?? now;
      totals.set(arrow, total);
      rates.set(arrow, last + SMOOTHING * (now - last));
    }
    before = { at, totals, rates };
    return Object.fromEntries(
      [...totals].map(([arrow, total]) => [arrow, { total, perSecond: round(rates.get(arrow) ?? 0) }]),
    );
  };
}

const round = (value: number) => Math.round(value * 100) / 100;
