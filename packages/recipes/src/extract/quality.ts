import { COUNTERS, outOfRange } from '@ranloop/contracts/pm';
import type { Series } from '@ranloop/contracts/r1';
import type { SeriesTable } from '@ranloop/sdk/features';

/** What was found about one counter, over all its series. */
export interface CounterQuality {
  readonly counter: string;
  readonly unit: string;
  /** What the table of counters says; empty for a counter that is not in it. */
  readonly expectedUnit: string;
  readonly series: number;
  readonly samples: number;
  /** Periods between a series' first and last sample that were not reported. */
  readonly missing: number;
  readonly gaps: number;
  /** In periods. */
  readonly longestGap: number;
  /** Samples of one series less than half a period apart; the later one counts. */
  readonly duplicates: number;
  /** Samples that their source flagged as suspect; they are left out. */
  readonly suspect: number;
  readonly outOfRange: number;
}

export interface QualityReport {
  readonly counters: readonly CounterQuality[];
  /** Reasons not to use the data; empty when it is sound. */
  readonly problems: readonly string[];
}

interface Tally {
  units: Set<string>;
  series: Set<string>;
  samples: number;
  duplicates: number;
  outOfRange: number;
}

export interface QualityCheck {
  add(series: readonly Series[]): void;
  report(table: SeriesTable, flagged: ReadonlyMap<string, number>): QualityReport;
}

const MOST_MISSING = 0.5;

/** Checks pages as they come; `flagged` of the report is the number of samples by counter with the suspect ones. */
export function createQualityCheck(counters: readonly string[], periodMicros: number): QualityCheck {
  const tallies = new Map(
    counters.map((counter): [string, Tally] => [
      counter,
      { units: new Set(), series: new Set(), samples: 0, duplicates: 0, outOfRange: 0 },
    ]),
  );
  const lastTimes = new Map<string, number>();
  return {
    add(list) {
      for (const { counter, dn, source, snssai = '', unit, points } of list) {
        const tally = tallies.get(counter);
        if (!tally) continue;
        const key = `${counter}|${source}|${snssai}|${dn}`;
        const known = COUNTERS.get(counter);
        tally.units.add(unit);
        tally.series.add(key);
        tally.samples += points.length;
        let last = lastTimes.get(key) ?? Number.NEGATIVE_INFINITY;
        for (const [time, value] of points) {
          if (time - last < periodMicros / 2) tally.duplicates++;
          if (known && outOfRange(known, value) !== undefined) tally.outOfRange++;
          last = time;
        }
        lastTimes.set(key, last);
      }
    },
    report(table, flagged) {
      const found = counters.map((counter): CounterQuality => {
        const tally = tallies.get(counter) as Tally;
        return {
          counter,
          unit: [...tally.units].join(' or '),
          expectedUnit: COUNTERS.get(counter)?.unit ?? '',
          series: tally.series.size,
          samples: tally.samples,
          ...gapsOf(table, counter),
          duplicates: tally.duplicates,
          suspect: Math.max(0, (flagged.get(counter) ?? 0) - tally.samples),
          outOfRange: tally.outOfRange,
        };
      });
      return { counters: found, problems: found.flatMap(problemsOf) };
    },
  };
}

function problemsOf(quality: CounterQuality): string[] {
  const { counter, unit, expectedUnit, samples, missing } = quality;
  if (samples === 0) return [`${counter}: nothing was reported`];
  const problems: string[] = [];
  if (unit.includes(' or ')) problems.push(`${counter}: units differ (${unit})`);
  else if (expectedUnit !== '' && unit !== expectedUnit)
    problems.push(`${counter}: in ${unit}, not in ${expectedUnit}`);
  if (missing > MOST_MISSING * (samples + missing))
    problems.push(`${counter}: ${missing} of ${samples + missing} periods are missing`);
  return problems;
}

function gapsOf(table: SeriesTable, counter: string): Pick<CounterQuality, 'missing' | 'gaps' | 'longestGap'> {
  let [missing, gaps, longestGap] = [0, 0, 0];
  for (const cell of table.cells.keys())
    for (const snssai of [-1, ...table.snssais.keys()]) {
      const column = table.column(cell, snssai, counter);
      let open = -1;
      for (let t = 0; column && t < table.length; t++) {
        if (Number.isNaN(column[t])) {
          if (open >= 0) open++;
          continue;
        }
        if (open > 0) {
          gaps++;
          missing += open;
          longestGap = Math.max(longestGap, open);
        }
        open = 0;
      }
    }
  return { missing, gaps, longestGap };
}

/** The report as a table with a head. */
export function qualityRows({ counters }: QualityReport): (string | number)[][] {
  return [
    ['counter', 'unit', 'series', 'samples', 'missing', 'gaps', 'longest gap', 'duplicates', 'suspect', 'out of range'],
    ...counters.map((q) => [
      q.counter,
      q.unit,
      q.series,
      q.samples,
      q.missing,
      q.gaps,
      q.longestGap,
      q.duplicates,
      q.suspect,
      q.outOfRange,
    ]),
  ];
}
