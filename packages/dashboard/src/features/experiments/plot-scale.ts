import { formatCompact, formatTime, formatValue } from '../../ui/format.ts';

export interface Scale {
  of: (value: number | string) => number;
  ticks: { at: number; label: string }[];
  /** Pixels between neighbours: how wide a bar may be. */
  step: number;
}

const MOST_LABELS = 12;

/** A scale over numbers, or over names in the order in which they came. */
export function scaleOf(
  values: readonly (number | string)[],
  [from, to]: readonly [number, number],
  time = false,
): Scale {
  return values.every((value) => typeof value === 'number')
    ? linear(values as number[], [from, to], time)
    : named([...new Set(values.map(String))], [from, to]);
}

function linear(values: readonly number[], [from, to]: readonly [number, number], time: boolean): Scale {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!Number.isFinite(low)) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const distinct = new Set(values).size;
  const of = (value: number | string) => from + ((Number(value) - low) / (high - low)) * (to - from);
  const size = niceStep((high - low) / 5);
  const ticks: Scale['ticks'] = [];
  for (let at = Math.ceil(low / size) * size; at <= high + size * 1e-9; at += size) {
    const value = Math.abs(at) < size * 1e-9 ? 0 : at;
    ticks.push({ at: of(value), label: time ? formatTime(value * 1000).slice(5, 16) : plain(value) });
  }
  return { of, ticks, step: Math.abs(to - from) / Math.max(distinct, 1) };
}

function named(names: readonly string[], [from, to]: readonly [number, number]): Scale {
  const step = (to - from) / Math.max(names.length, 1);
  const places = new Map(names.map((name, at) => [name, from + step * (at + 0.5)]));
  const every = Math.ceil(names.length / MOST_LABELS);
  return {
    of: (value) => places.get(String(value)) ?? from,
    ticks: names
      .filter((_, at) => at % every === 0)
      .map((name) => ({ at: places.get(name) ?? from, label: name.length > 14 ? `${name.slice(0, 13)}…` : name })),
    step: Math.abs(step),
  };
}

const plain = (value: number) => (Math.abs(value) >= 10_000 ? formatCompact(value) : formatValue(value));

/** The next of 1, 2, 5 times a power of ten. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
}
