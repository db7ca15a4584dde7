/** How a counter is formed (TS 28.552): a count over the period, a level sampled or averaged, a ratio, a histogram. */
export type CounterType = 'cumulative' | 'gauge' | 'ratio' | 'histogram';

/** What is known of one counter. Units differ by interface where `kpmUnit` is given: TS 28.552 files and VES against E2SM-KPM. */
export interface Counter {
  readonly name: string;
  /** Class of the measured object (TS 28.541). */
  readonly objectClass: string;
  readonly unit: string;
  readonly kpmUnit?: string;
  readonly type: CounterType;
  readonly min: number;
  /** Absent: no upper bound. */
  readonly max?: number;
  readonly description: string;
}

type Row = readonly [name: string, objectClass: string, unit: string, type: CounterType, description: string];

/** A counter that cannot be negative; `more` bounds it further. */
export function counter(
  [name, objectClass, unit, type, description]: Row,
  more: Partial<Pick<Counter, 'min' | 'max' | 'kpmUnit'>> = {},
): Counter {
  return { name, objectClass, unit, type, description, min: 0, ...more };
}

export const percent = { max: 100 } as const;
