import type { Point } from '../model.ts';
import { badField } from '../refusal.ts';
import { flagsOf, type Identities } from './identities.ts';

/** Where a value was found and what it belongs to. */
export interface Reading {
  /** What the sender called the object; `dn` is asked for once per object. */
  readonly scope: string;
  readonly dn: () => string;
  readonly counter: string;
  readonly value: number;
  readonly suspect: boolean;
  /** JSON pointer into the event, for a refusal. */
  readonly field: () => string;
}

export interface Collected {
  readonly points: readonly Point[];
  /** The event says more than its points: text that is no number, further fields. */
  readonly more: boolean;
}

export interface Collector {
  add(reading: Reading): void;
  /** Notes that the event holds something that is not a sample. */
  leave(): void;
  collected(): Collected;
}

export interface Period {
  readonly source: string;
  /** Microseconds. */
  readonly time: number;
  /** Seconds. */
  readonly granularity: number;
}

const MOST_DN = 1_024;
const MOST_COUNTER = 256;

/** Gathers the points of one event: one value per series, values that break a rule of their counter flagged. */
export function createCollector(identities: Identities, { source, time, granularity }: Period): Collector {
  const points: Point[] = [];
  const values = new Map<string, number>();
  let more = false;
  return {
    add({ scope, dn, counter, value, suspect, field }) {
      if (counter === '' || counter.length > MOST_COUNTER)
        throw badField(field(), `a counter's name has 1 to ${MOST_COUNTER} characters`);
      const interned = identities.intern(source, scope, counter, dn);
      const { identity } = interned;
      if (identity.dn.length > MOST_DN) throw badField(field(), `an object's DN has at most ${MOST_DN} characters`);
      const earlier = values.get(identity.key);
      if (earlier === value) return;
      if (earlier !== undefined) throw badField(field(), `this event already gave ${earlier} for the same measurement`);
      values.set(identity.key, value);
      points.push({ series: identity, time, value, granularity, flags: flagsOf(interned, value, suspect) });
    },
    leave() {
      more = true;
    },
    collected: () => ({ points, more }),
  };
}

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

/** The number that a text is, or undefined when it is none (also "NaN", hexadecimal, or beyond what a double holds). */
export function numberOf(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** A value as text: 'none' for one that was not measured (empty, or NULL as in TS 32.435), undefined for what is no number. */
export function textValue(text: string): number | 'none' | undefined {
  return text === '' || text === 'NULL' ? 'none' : numberOf(text);
}
