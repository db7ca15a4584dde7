import { flagNames, parseCounterName, ruleOf } from '@ranloop/contracts/pm';
import type { Sample } from '@ranloop/contracts/r1';

/** What one series measures. Interned: equal series are the same object while they are remembered. */
export interface SeriesIdentity {
  /** All the fields below in one string; equal keys mean one series. */
  readonly key: string;
  readonly source: string;
  readonly dn: string;
  readonly counter: string;
  readonly snssai: string;
  /** -1 when there is none. */
  readonly fiveQi: number;
  readonly plmn: string;
  readonly unit: string;
}

/** One value of a series; `time` in microseconds, the end of a period of `granularity` seconds. */
export interface Point {
  readonly series: SeriesIdentity;
  readonly time: number;
  readonly value: number;
  readonly granularity: number;
  /** Bits of VALUE_FLAGS: why the value is suspect; 0 when it is not. */
  readonly flags: number;
}

export function sampleOf({ series, time, value, granularity, flags }: Point): Sample {
  return {
    counter: series.counter,
    dn: series.dn,
    source: series.source,
    ...(series.snssai === '' ? {} : { snssai: series.snssai }),
    ...(series.fiveQi < 0 ? {} : { fiveQi: series.fiveQi }),
    ...(series.plmn === '' ? {} : { plmn: series.plmn }),
    value,
    unit: series.unit,
    granularity,
    time,
    ...doubt(series.counter, flags),
  };
}

/** What a sample says of its flags. */
export function doubt(counter: string, flags: number): Pick<Sample, 'suspect' | 'flags' | 'reasons'> {
  if (flags === 0) return { suspect: false };
  const names = flagNames(flags);
  const { known } = parseCounterName(counter);
  return { suspect: true, flags: names, reasons: names.map((name) => ruleOf(name, known)) };
}

/** An event that passed every check, ready to be stored. */
export interface AcceptedEvent {
  readonly source: string;
  readonly eventId: string;
  readonly domain: string;
  /** Microseconds: lastEpochMicrosec in the unit that it was found to be in. */
  readonly time: number;
  /** Absent for what did not come with an epoch. */
  readonly timeUnit?: TimeUnit;
  /** Equal for an event and its repetition; 32 hex digits. */
  readonly identity: string;
  readonly points: readonly Point[];
  /** The event as JSON, when it says more than its points do. */
  readonly body: string | undefined;
  /** PM files that the event announces, to be fetched. */
  readonly files?: readonly AnnouncedFile[];
}

/** One file of a fileReady notification. */
export interface AnnouncedFile {
  /** Empty when only the location names it. */
  readonly name: string;
  readonly location: string;
  /** The address that the notification came from. */
  readonly sender: string;
  /** Bytes, when told. */
  readonly size: number | undefined;
  /** When it became ready, in the words of the sender; tells versions of one name apart. */
  readonly ready: string;
  /** Milliseconds since 1970. */
  readonly expires: number | undefined;
}

export type TimeUnit = 's' | 'ms' | 'us' | 'ns';
