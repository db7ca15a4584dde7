import { add, at } from './arrays.ts';
import { gainOf } from './channel.ts';
import { hexLayout } from './layout.ts';
import { type Scenario, SLICE_KEYS } from './scenario.ts';
import { between, normal, type Stream, streamOf, uniform } from './streams.ts';

/** All simulated positions; a mover of slice s stands for `usersPerMover` users of it. */
export interface Movers {
  readonly count: number;
  readonly slice: Uint8Array;
  /** Serving cell by mover, after `moveTo`. */
  readonly serving: Int32Array;
  /** Path gain by mover and cell, `mover * cells + cell`, after `moveTo`. */
  readonly gain: Float64Array;
  /** Puts everybody where they are at this second; a function of the time alone. */
  moveTo(second: number): void;
}

interface Mover {
  readonly home: number;
  readonly roaming: number;
  readonly stream: Stream;
  readonly tripSeconds: number;
  readonly offset: number;
  trip: number;
  way: number;
  readonly from: Stop;
  readonly to: Stop;
}

interface Stop {
  x: number;
  y: number;
  readonly shadowDb: Float64Array;
}

/**
 * Trips from stop to stop: a mover rests, crosses in the middle half of the trip, rests. A stop is in the home cell or,
 * by the roaming chance, in a neighbour. Trips last a fixed time for each mover, so that a place is a function of time.
 */
export function createMovers(scenario: Scenario): Movers {
  const { cells, mobility, channel } = scenario;
  const layout = hexLayout(cells, mobility.siteDistance);
  const radius = mobility.siteDistance * 0.55;
  const movers: Mover[] = [];
  const slices: number[] = [];
  SLICE_KEYS.forEach((key, slice) => {
    const { movers: perCell, roaming } = scenario.slices[key];
    for (let home = 0; home < cells; home++)
      for (let i = 0; i < perCell; i++) {
        const stream = streamOf(scenario.seed, 'mover', key, home, i);
        const tripSeconds = Math.round(between(stream, 0, mobility.tripSeconds));
        movers.push({
          home,
          roaming,
          stream,
          tripSeconds,
          offset: Math.floor(uniform(stream, 1) * tripSeconds),
          trip: Number.NaN,
          way: Number.NaN,
          from: { x: 0, y: 0, shadowDb: new Float64Array(cells) },
          to: { x: 0, y: 0, shadowDb: new Float64Array(cells) },
        });
        slices.push(slice);
      }
  });

  const placeStop = (mover: Mover, trip: number, stop: Stop) => {
    // mIoT devices are fixed: no roaming means one stop for good.
    const draw = mover.roaming > 0 ? streamOf(mover.stream, 'stop', trip) : mover.stream;
    const direction = Math.floor(uniform(draw, 3) * 6);
    const cell =
      uniform(draw, 2) < mover.roaming ? (layout.neighbour[mover.home]?.[direction] ?? mover.home) : mover.home;
    const distance = radius * Math.sqrt(uniform(draw, 4));
    const angle = 2 * Math.PI * uniform(draw, 5);
    stop.x = at(layout.x, cell) + distance * Math.cos(angle);
    stop.y = at(layout.y, cell) + distance * Math.sin(angle);
    for (let c = 0; c < cells; c++) stop.shadowDb[c] = channel.shadowingDb * normal(draw, 10 + c);
  };

  const gain = new Float64Array(movers.length * cells);
  const serving = new Int32Array(movers.length);
  const movesAtAll = movers.map((mover) => mover.roaming > 0);
  const pathGain = gainOf(channel);

  return {
    count: movers.length,
    slice: Uint8Array.from(slices),
    serving,
    gain,
    moveTo(second) {
      movers.forEach((mover, m) => {
        const clock = second + mover.offset;
        const trip = movesAtAll[m] ? Math.floor(clock / mover.tripSeconds) : 0;
        const way = movesAtAll[m] ? Math.min(1, Math.max(0, (clock / mover.tripSeconds - trip) * 2 - 0.5)) : 0;
        if (trip === mover.trip && way === mover.way) return;
        mover.way = way;
        if (trip !== mover.trip) {
          placeStop(mover, trip, mover.from);
          placeStop(mover, trip + 1, mover.to);
          mover.trip = trip;
        }
        const x = mover.from.x + way * (mover.to.x - mover.from.x);
        const y = mover.from.y + way * (mover.to.y - mover.from.y);
        // Mixing two independent values must not shrink their deviation.
        const norm = 1 / Math.sqrt((1 - way) ** 2 + way ** 2);
        let best = 0;
        for (let c = 0; c < cells; c++) {
          const shadow = (at(mover.from.shadowDb, c) * (1 - way) + at(mover.to.shadowDb, c) * way) * norm;
          const dx = x - at(layout.x, c);
          const dy = y - at(layout.y, c);
          gain[m * cells + c] = pathGain(dx * dx + dy * dy, shadow);
          if (at(gain, m * cells + c) > at(gain, m * cells + best)) best = c;
        }
        serving[m] = best;
      });
    },
  };
}

/** Movers by cell and slice, `cell * slices + slice`. */
export function countByCell(movers: Movers, slices: number, into: Float64Array): void {
  into.fill(0);
  for (let m = 0; m < movers.count; m++)
    add(into, (movers.serving[m] as number) * slices + (movers.slice[m] as number), 1);
}
