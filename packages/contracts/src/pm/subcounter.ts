import type { Counter } from './counter.ts';
import { COUNTERS } from './table.ts';

export interface CounterName {
  /** The name without the subcounters that are in fields of their own. */
  readonly counter: string;
  /** SST, or SST and SD, in lower-case hex. */
  readonly snssai?: string;
  readonly fiveQi?: number;
  /** Three octets in hex as in 3GPP identities. */
  readonly plmn?: string;
  /** What the table says of the counter, or of the one whose cause or bin this is. */
  readonly known?: Counter;
}

const SNSSAI_WITH_SD = /^[0-9a-f]{8}$/i;
const PLMN = /^[0-9a-f]{6}$/i;
/** "01", "0a", "c8": with a leading zero or a letter it cannot be a 5QI, which is written in decimal without either. */
const SST = /^(?:0[0-9a-f]|[1-9][a-f]|[a-f][0-9a-f])$/i;
const FIVE_QI = /^[1-9][0-9]{0,2}$/;
const MOST_SUFFIXES = 3;

/**
 * Reads the subcounters off a measurement name (TS 28.552 clause 4.2.1; TS 32.404 for the form): `.010003e8` is an
 * S-NSSAI, `.01` an SST, `.226F04` a PLMN, `.9` a 5QI. Bins of histograms and causes stay in the name: they are counters
 * of their own. A counter that is not in the table keeps a plain decimal suffix, which may be an index of its vendor's.
 */
export function parseCounterName(text: string): CounterName {
  const exact = COUNTERS.get(text);
  if (exact) return { counter: text, known: exact };
  const found: { snssai?: string; fiveQi?: number; plmn?: string } = {};
  let name = text;
  let known: Counter | undefined;
  for (let taken = 0; taken < MOST_SUFFIXES && !known; taken += 1) {
    const dot = name.lastIndexOf('.');
    if (dot <= 0 || !take(name.slice(dot + 1), found, name.slice(0, dot))) break;
    name = name.slice(0, dot);
    known = COUNTERS.get(name);
  }
  if (known?.type === 'histogram') return { counter: text, known };
  const base = known ?? baseOf(name);
  return { counter: name, ...found, ...(base ? { known: base } : {}) };
}

function take(suffix: string, found: { snssai?: string; fiveQi?: number; plmn?: string }, rest: string): boolean {
  if (found.snssai === undefined && (SNSSAI_WITH_SD.test(suffix) || SST.test(suffix))) {
    found.snssai = suffix.toLowerCase();
    return true;
  }
  if (found.plmn === undefined && PLMN.test(suffix)) {
    found.plmn = suffix.toUpperCase();
    return true;
  }
  const known = COUNTERS.has(rest) || baseOf(rest) !== undefined;
  if (found.fiveQi === undefined && known && FIVE_QI.test(suffix) && Number(suffix) <= 255) {
    found.fiveQi = Number(suffix);
    return true;
  }
  return false;
}

/** The counter in the table of which `name` is a cause, a filter or a bin. */
function baseOf(name: string): Counter | undefined {
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const known = COUNTERS.get(name.slice(0, dot));
    if (known) return known;
  }
  return undefined;
}
