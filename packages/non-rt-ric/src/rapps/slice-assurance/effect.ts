import { type SeriesTable, SLA_VIOLATION } from '@ranloop/sdk/features';

/** Violation seconds of a cell over some periods, beside those of its twin. */
export interface Effect {
  readonly periods: number;
  readonly here: number;
  readonly twin: number;
}

export interface EffectSpan {
  readonly live: SeriesTable;
  readonly twin: SeriesTable;
  readonly cell: number;
  readonly twinCell: number;
  /** Only this slice; all of the cell when left out. */
  readonly snssai?: string;
  /** Ends of the first and the last period, inclusive. */
  readonly from: number;
  readonly to: number;
}

/** Undefined when one of the two did not report every period: half a comparison is none. */
export function effectOf(span: EffectSpan): Effect | undefined {
  const { live, twin, from, to } = span;
  if (span.twinCell < 0) return undefined;
  const here = sumOf(live, span.cell, span);
  const there = sumOf(twin, span.twinCell, span);
  if (Number.isNaN(here) || Number.isNaN(there)) return undefined;
  return { periods: Math.round((to - from) / live.periodMicros) + 1, here, twin: there };
}

function sumOf(table: SeriesTable, cell: number, { snssai, from, to }: EffectSpan): number {
  let sum = Number.NaN;
  for (let s = 0; s < table.snssais.length; s++) {
    if (snssai !== undefined && table.snssais[s] !== snssai) continue;
    const column = table.column(cell, s, SLA_VIOLATION);
    if (!column) continue;
    for (let index = table.indexOf(from); index <= table.indexOf(to); index++) {
      const value = index >= 0 && index < table.length ? (column[index] as number) : Number.NaN;
      if (Number.isNaN(value)) return Number.NaN;
      sum = (Number.isNaN(sum) ? 0 : sum) + value;
    }
  }
  return sum;
}

/** Worse only by both margins: a few seconds are noise, and so are many seconds of very many. */
export function isWorse({ here, twin }: Effect, margin: { seconds: number; share: number }): boolean {
  return here - twin > Math.max(margin.seconds, margin.share * twin);
}
