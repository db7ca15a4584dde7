import type { CellIdentity, SliceIdentity } from '../plant.ts';
import type { Scenario } from './scenario.ts';

/** One gNB, that is one ManagedElement and one E2 node, serves at most this many cells. */
const CELLS_PER_GNB = 7;

export const SLICES: readonly SliceIdentity[] = [
  { snssai: '01000001', name: 'eMBB' },
  { snssai: '02000001', name: 'URLLC' },
  { snssai: '03000001', name: 'mIoT' },
];

/** NCI: gNB identifier in the upper 22 bits, cell in the lower 14 (TS 38.413, 36 bits in all). */
export function cellIdentities(scenario: Scenario): CellIdentity[] {
  return Array.from({ length: scenario.cells }, (_, index) => {
    const gnb = Math.floor(index / CELLS_PER_GNB) + 1;
    const local = (index % CELLS_PER_GNB) + 1;
    const managedElement = `gnb-${gnb}`;
    return {
      index,
      managedElement,
      dn: `ManagedElement=${managedElement},GNBDUFunction=1,NRCellDU=${local}`,
      ncI: gnb * 16_384 + local,
      prbs: scenario.prbs,
    };
  });
}

export interface Layout {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Six directions by cell: the cell there, or the cell itself where the layout ends, so that as many come as go. */
  readonly neighbour: readonly (readonly number[])[];
}

const DIRECTIONS: readonly (readonly [number, number])[] = [
  [1, 0],
  [0, 1],
  [-1, 1],
  [-1, 0],
  [0, -1],
  [1, -1],
];

/** One site in the middle and rings of hexagons around it, in axial coordinates. */
export function hexLayout(cells: number, siteDistance: number): Layout {
  const spots: [number, number][] = [[0, 0]];
  for (let ring = 1; spots.length < cells; ring++) {
    let q = 0;
    let r = -ring;
    for (const [dq, dr] of DIRECTIONS)
      for (let step = 0; step < ring; step++) {
        spots.push([q, r]);
        q += dq;
        r += dr;
      }
  }
  spots.length = cells;
  const byPlace = new Map(spots.map(([q, r], index) => [`${q},${r}`, index]));
  return {
    x: Float64Array.from(spots, ([q, r]) => siteDistance * (q + r / 2)),
    y: Float64Array.from(spots, ([, r]) => siteDistance * r * Math.sqrt(0.75)),
    neighbour: spots.map(([q, r], index) => DIRECTIONS.map(([dq, dr]) => byPlace.get(`${q + dq},${r + dr}`) ?? index)),
  };
}
