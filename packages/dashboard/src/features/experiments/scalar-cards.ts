import type { Curves } from '../../api/events.ts';

export type Grouping = 'metric' | 'single';

export interface Card {
  title: string;
  curves: { name: string; x: number[]; y: number[] }[];
}

const isMonitor = (title: string) => title.startsWith(':monitor:');

/** One card for each metric with its variants, or for each variant; machine monitoring comes last. */
export function toCards(curves: Curves, grouping: Grouping, filter: string): Card[] {
  const wanted = filter.trim().toLowerCase();
  const cards: Card[] = [];
  for (const [metric, variants] of Object.entries(curves)) {
    const all = Object.entries(variants)
      .filter(([variant]) => wanted === '' || `${metric} ${variant}`.toLowerCase().includes(wanted))
      .map(([name, { x, y }]) => ({ name, x, y }))
      .sort((a, b) => a.name.localeCompare(b.name));
    if (all.length === 0) continue;
    if (grouping === 'metric') cards.push({ title: metric, curves: all });
    else for (const curve of all) cards.push({ title: `${metric} / ${curve.name}`, curves: [curve] });
  }
  return cards.sort(
    (a, b) => Number(isMonitor(a.title)) - Number(isMonitor(b.title)) || a.title.localeCompare(b.title),
  );
}
