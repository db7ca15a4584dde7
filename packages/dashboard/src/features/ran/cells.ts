import { cellKey, isTwin, type Sample } from '../../api/r1.ts';
import { LOAD, POWER, USERS, VIOLATION } from './measures.ts';

export interface Cell {
  /** `gnb-1/3` */
  key: string;
  name: string;
  /** End of its last period, microseconds. */
  time: number;
  /** Percent of its PRBs in use. */
  load: number;
  users: number;
  violation: number;
  power: number | undefined;
  /** The same seconds in the twin under static ratios; undefined when there is no twin. */
  twinViolation: number | undefined;
  slices: readonly { snssai: string; load: number; violation: number; counters: ReadonlyMap<string, number> }[];
}

/** Cells from the newest samples: of each cell its own values, and those by slice. */
export function toCells(samples: readonly Sample[]): Cell[] {
  const live = new Map<string, Sample[]>();
  const twin = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = cellKey(sample.dn);
    if (key === undefined) continue;
    const group = isTwin(sample.source) ? twin : live;
    const known = group.get(key);
    if (known) known.push(sample);
    else group.set(key, [sample]);
  }
  return [...live.entries()].map(([key, own]) => toCell(key, own, twin.get(key))).sort(byName);
}

function toCell(key: string, samples: readonly Sample[], twin: readonly Sample[] | undefined): Cell {
  const slices = [...new Set(samples.flatMap(({ snssai }) => snssai ?? []))].sort();
  return {
    key,
    name: `Cell ${key.slice(key.indexOf('/') + 1)}`,
    time: Math.max(...samples.map(({ time }) => time)),
    load: own(samples, LOAD) ?? 0,
    users: own(samples, USERS) ?? bySlices(samples, USERS),
    violation: bySlices(samples, VIOLATION),
    power: own(samples, POWER),
    twinViolation: twin && bySlices(twin, VIOLATION),
    slices: slices.map((snssai) => {
      const of = samples.filter((sample) => sample.snssai === snssai);
      const counters = new Map(of.map(({ counter, value }) => [counter, value]));
      return { snssai, load: counters.get(LOAD) ?? 0, violation: counters.get(VIOLATION) ?? 0, counters };
    }),
  };
}

const own = (samples: readonly Sample[], counter: string) =>
  samples.find((sample) => sample.counter === counter && sample.snssai === undefined)?.value;

const bySlices = (samples: readonly Sample[], counter: string) =>
  samples.reduce((sum, { counter: name, snssai, value }) => (name === counter && snssai ? sum + value : sum), 0);

const byName = (a: Cell, b: Cell) => a.key.localeCompare(b.key, 'en', { numeric: true });

/** Axial directions, in the order in which a ring is walked from its upper left. */
const DIRECTIONS = [
  [1, 0],
  [0, 1],
  [-1, 1],
  [-1, 0],
  [0, -1],
  [1, -1],
] as const;

/** Places of hexagons of unit size: one in the middle and rings around it, in the order of the cells. */
export function hexPlaces(count: number): { x: number; y: number }[] {
  const spots: (readonly [number, number])[] = [[0, 0]];
  for (let ring = 1; spots.length < count; ring += 1) {
    let q = 0;
    let r = -ring;
    for (const [dq, dr] of DIRECTIONS)
      for (let step = 0; step < ring; step += 1) {
        spots.push([q, r]);
        q += dq;
        r += dr;
      }
  }
  return spots.slice(0, count).map(([q, r]) => ({ x: Math.sqrt(3) * (q + r / 2), y: 1.5 * r }));
}
