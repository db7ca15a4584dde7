import { RanloopError } from '@ranloop/contracts/errors';
import { parseCounterName } from '@ranloop/contracts/pm';
import { elementDn, flagsOf, type Identities, partOf } from '../canonical/index.ts';
import type { Point } from '../model.ts';
import type { Line } from './parse.ts';

export interface LineRules {
  readonly identities: Identities;
  /** Microseconds of one unit of the timestamps; a fraction for nanoseconds. */
  readonly precision: Precision;
  /** Microseconds. */
  readonly now: number;
  readonly earliest: number;
  readonly latest: number;
}

/** What `precision` may name: micros = time * by / over; `unit` is what is noted of the source. */
export const PRECISIONS = {
  n: { by: 1n, over: 1_000n, unit: 'ns' },
  ns: { by: 1n, over: 1_000n, unit: 'ns' },
  u: { by: 1n, over: 1n, unit: 'us' },
  us: { by: 1n, over: 1n, unit: 'us' },
  ms: { by: 1_000n, over: 1n, unit: 'ms' },
  s: { by: 1_000_000n, over: 1n, unit: 's' },
  m: { by: 60_000_000n, over: 1n, unit: 's' },
  h: { by: 3_600_000_000n, over: 1n, unit: 's' },
} as const;
type Precision = (typeof PRECISIONS)[keyof typeof PRECISIONS];

/** Who reports, by the first of these tags that is there. */
const SOURCE_TAGS = ['source', 'sourceName', 'host'] as const;
const NO_SOURCE = 'line-protocol';
/** Tags that a counter's name says in 3GPP's form: as suffixes. */
const SUBCOUNTER_TAGS: ReadonlyMap<string, RegExp> = new Map([
  ['snssai', /^(?:[0-9a-f]{2}|[0-9a-f]{8})$/i],
  ['plmn', /^[0-9a-f]{6}$/i],
  ['fiveQi', /^[1-9][0-9]{0,2}$/],
]);
const MOST_SOURCE = 256;
const MOST_DN = 1_024;
const MOST_COUNTER = 256;

/**
 * A line as canonical samples, one for each field that is a number or a boolean (1 or 0); text is not a sample. The
 * counter is the field where that is a counter of TS 28.552, or `value` gives the measurement its value; otherwise
 * `measurement.field`. The object is the tag `dn`, or the source and what the other tags say.
 * @throws RL_INVALID when a name is too long or the time is absurd
 */
export function pointsOf(line: Line, rules: LineRules): readonly Point[] {
  const time = instant(line.time, rules);
  const tags = new Map(line.tags);
  const source = taken(tags, SOURCE_TAGS) ?? NO_SOURCE;
  if (source.length > MOST_SOURCE) throw tooLong('source', MOST_SOURCE);
  const suffixes = [...SUBCOUNTER_TAGS].flatMap(([name, form]) => {
    const value = tags.get(name);
    if (value === undefined || !form.test(value)) return [];
    tags.delete(name);
    return [`.${value}`];
  });
  const dn =
    taken(tags, ['dn']) ??
    [elementDn(source), ...[...tags].sort().map(([name, value]) => partOf(name, value))].join(',');
  if (dn.length > MOST_DN) throw tooLong("object's DN", MOST_DN);
  const points: Point[] = [];
  for (const [field, value] of line.fields) {
    if (typeof value === 'string') continue;
    const counter = `${counterOf(line.measurement, field)}${suffixes.join('')}`;
    if (counter.length > MOST_COUNTER) throw tooLong('counter', MOST_COUNTER);
    const interned = rules.identities.intern(source, `\u0002${dn}`, counter, () => dn);
    const number = Number(value);
    const flags = flagsOf(interned, number, false);
    points.push({ series: interned.identity, time, value: number, granularity: 0, flags });
  }
  return points;
}

function counterOf(measurement: string, field: string): string {
  if (field === 'value') return measurement;
  return parseCounterName(field).known ? field : `${measurement}.${field}`;
}

function instant(time: bigint | undefined, { precision, now, earliest, latest }: LineRules): number {
  if (time === undefined) return now;
  const micros = Number((time * precision.by) / precision.over);
  if (micros >= earliest && micros <= latest) return micros;
  const told = Math.abs(micros) < 8.64e18 ? new Date(micros / 1_000).toISOString() : `${micros} us`;
  throw new RanloopError('RL_INVALID', `its time means ${told}, outside what is stored: does ?precision= fit?`);
}

function taken(tags: Map<string, string>, names: readonly string[]): string | undefined {
  const name = names.find((one) => tags.has(one));
  if (name === undefined) return undefined;
  const value = tags.get(name);
  tags.delete(name);
  return value;
}

function tooLong(what: string, most: number): RanloopError {
  return new RanloopError('RL_INVALID', `its ${what} has more than ${most} characters`);
}
