import { createHash } from 'node:crypto';
import type { Decision } from '@ranloop/contracts/r1';
import { type SeriesTable, SLICE_DEMAND_COUNTERS } from '@ranloop/sdk/features';

/** Periods of a cell and slice that a row looks back on; what it takes of days before stands in its features. */
const PERIODS = 24;

/**
 * The samples of the last 24 periods of a cell and slice, and their SHA-256: over a line `counter time value` for each,
 * LF at its end, counters in the order of SLICE_DEMAND_COUNTERS, times in microseconds ascending, values as JavaScript
 * writes numbers. A query of the same counters, cell, slice and times gives the same lines.
 */
export function telemetryDigest(
  table: SeriesTable,
  cell: number,
  at: { snssai: number; index: number },
): Decision['telemetry'] {
  const first = Math.max(0, at.index - PERIODS + 1);
  const last = Math.min(at.index, table.length - 1);
  const lines: string[] = [];
  for (const counter of SLICE_DEMAND_COUNTERS) {
    const column = table.column(cell, at.snssai, counter);
    for (let index = first; column && index <= last; index++) {
      const value = column[index] as number;
      if (!Number.isNaN(value)) lines.push(`${counter} ${table.timeOf(index)} ${value}\n`);
    }
  }
  const sha256 = createHash('sha256').update(lines.join('')).digest('hex');
  return { from: table.timeOf(first), to: table.timeOf(at.index), rows: lines.length, sha256 };
}
