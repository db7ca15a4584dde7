import { brokenRules, type Counter, parseCounterName, VALUE_FLAGS } from '@ranloop/contracts/pm';
import type { SeriesIdentity } from '../model.ts';

/** A series with what its counter's table entry says of values. */
export interface Interned {
  readonly identity: SeriesIdentity;
  readonly known: Counter | undefined;
}

/** Series by the words of the sender: parsing a name and building a DN is done once for each, not once for each value. */
export interface Identities {
  /** `object` makes the DN when it is not known yet; `scope` is what the sender called the object. */
  intern(source: string, scope: string, counter: string, object: () => string): Interned;
}

export function createIdentities(most: number): Identities {
  let count = 0;
  const sources = new Map<string, Map<string, Map<string, Interned>>>();
  return {
    intern(source, scope, counter, object) {
      const known = sources.get(source)?.get(scope)?.get(counter);
      if (known) return known;
      if (count >= most) {
        sources.clear();
        count = 0;
      }
      const scopes = entry(sources, source, () => new Map());
      const made = build(source, object(), counter);
      entry(scopes, scope, () => new Map<string, Interned>()).set(counter, made);
      count += 1;
      return made;
    },
  };
}

/** Why a value is suspect, as bits; `marked` when its source says so. */
export function flagsOf({ known, identity }: Interned, value: number, marked: boolean): number {
  return (marked ? VALUE_FLAGS.source : 0) | (known ? brokenRules(known, value, identity.counter) : 0);
}

function build(source: string, dn: string, name: string): Interned {
  const { counter, snssai = '', fiveQi = -1, plmn = '', known } = parseCounterName(name);
  const key = [source, dn, counter, snssai, fiveQi, plmn].join('\u0001');
  return { identity: { key, source, dn, counter, snssai, fiveQi, plmn, unit: known?.unit ?? '' }, known };
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}
