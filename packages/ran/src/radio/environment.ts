import { at } from './arrays.ts';
import { rateOfSinr, sinrOf } from './channel.ts';
import { SLICES } from './layout.ts';
import { countByCell, createMovers } from './mobility.ts';
import { EMBB, type Scenario, SLICE_KEYS } from './scenario.ts';
import { streamOf, uniform } from './streams.ts';
import { type Activity, createActivity } from './traffic.ts';

export const BLOCK_SECONDS = 60;

/** One minute of the world; all arrays by `second * cells * slices + cell * slices + slice`. */
export interface Block {
  readonly minute: number;
  /** Mbit offered in the second. */
  readonly offered: Float64Array;
  /** Mbit/s that one PRB carries for the slice. */
  readonly perPrb: Float64Array;
  /** Connected users. */
  readonly users: Float64Array;
}

/**
 * What happens to the RAN: users, their places, channels and traffic. A function of scenario and time, whatever the
 * policy does: neighbours interfere by what they are offered, not by what their scheduler makes of it. So runs side by
 * side may share one environment, and a run may begin anywhere.
 */
export interface Environment {
  readonly scenario: Scenario;
  block(minute: number): Block;
}

/** Enough for runs side by side in one period while one of them looks into the next; a day of long periods at most. */
function blocksOf({ periodSeconds }: Scenario): number {
  return Math.min(1_440, Math.max(8, 2 * Math.ceil(periodSeconds / BLOCK_SECONDS) + 2));
}

/** `blocks`: how many minutes are kept; a block is made once while all its readers are within that many minutes. */
export function createEnvironment(scenario: Scenario, options: { blocks?: number } = {}): Environment {
  const { blocks = blocksOf(scenario) } = options;
  const kept: (Block | undefined)[] = Array.from({ length: blocks }, () => undefined);
  const make = blockMaker(scenario);
  return {
    scenario,
    block(minute) {
      const slot = minute % blocks;
      const known = kept[slot];
      if (known?.minute === minute) return known;
      const made = make(minute);
      kept[slot] = made;
      return made;
    },
  };
}

function blockMaker(scenario: Scenario): (minute: number) => Block {
  const { cells, channel } = scenario;
  const slices = SLICES.length;
  const width = cells * slices;
  const movers = createMovers(scenario);
  const sinr = sinrOf(channel);
  const rate = rateOfSinr(channel);
  const activities = Array.from({ length: width }, (_, i) =>
    createActivity(scenario, Math.floor(i / slices), i % slices),
  );
  const sample = scenario.mobility.sampleSeconds;
  const usersPerMover = SLICE_KEYS.map((key) => scenario.slices[key].usersPerMover);
  const ratePerUser = SLICE_KEYS.map((key) => scenario.slices[key].ratePerUser);
  // A middling CQI stands in where the users are not known yet, or nobody is there.
  const middling = rate(20);
  const cellCapacity = scenario.prbs * middling;
  const tracePlayer = scenario.trace ? createTracePlayer(scenario.trace, scenario.seed) : undefined;

  const factor = new Float64Array(width * BLOCK_SECONDS);
  const jitter = new Float64Array(width * BLOCK_SECONDS);
  const present = new Float64Array(width);
  const weight = new Float64Array(width);
  const load = new Float64Array(cells);
  const inverse = new Float64Array(width);

  return (minute) => {
    activities.forEach((activity: Activity, i) => {
      const part = i * BLOCK_SECONDS;
      activity.fillMinute(
        minute,
        factor.subarray(part, part + BLOCK_SECONDS),
        jitter.subarray(part, part + BLOCK_SECONDS),
      );
    });
    const block: Block = {
      minute,
      offered: new Float64Array(width * BLOCK_SECONDS),
      perPrb: new Float64Array(width * BLOCK_SECONDS),
      users: new Float64Array(width * BLOCK_SECONDS),
    };
    for (let from = 0; from < BLOCK_SECONDS; from += sample) {
      const to = Math.min(BLOCK_SECONDS, from + sample);
      movers.moveTo(minute * BLOCK_SECONDS + from);
      countByCell(movers, slices, present);
      for (let second = from; second < to; second++) {
        weight.set(present);
        if (tracePlayer) for (let c = 0; c < cells; c++) weight[c * slices + EMBB] = 0;
        if (tracePlayer) tracePlayer(minute * BLOCK_SECONDS + second, movers, weight);
        for (let i = 0; i < width; i++) {
          const s = i % slices;
          const at60 = i * BLOCK_SECONDS + second;
          const people = (usersPerMover[s] as number) * at(factor, at60);
          block.users[second * width + i] = at(present, i) * people;
          block.offered[second * width + i] = at(weight, i) * people * (ratePerUser[s] as number) * at(jitter, at60);
        }
      }
      for (let c = 0; c < cells; c++) {
        let sum = 0;
        for (let second = from; second < to; second++)
          for (let s = 0; s < slices; s++) sum += at(block.offered, second * width + c * slices + s);
        load[c] = Math.min(1, sum / ((to - from) * cellCapacity));
      }
      // Each user of a slice offers alike, so a Mbit of the slice takes the mean of the users' PRB per Mbit.
      inverse.fill(0);
      for (let m = 0; m < movers.count; m++) {
        const serving = movers.serving[m] as number;
        const i = serving * slices + (movers.slice[m] as number);
        inverse[i] = at(inverse, i) + 1 / rate(sinr(movers.gain, m * cells, serving, load));
      }
      for (let i = 0; i < width; i++) {
        const perPrb = at(present, i) > 0 ? at(present, i) / at(inverse, i) : middling;
        for (let second = from; second < to; second++) block.perPrb[second * width + i] = perPrb;
      }
    }
    return block;
  };
}

type TracePlayer = (
  second: number,
  movers: { count: number; slice: Uint8Array; serving: Int32Array },
  weight: Float64Array,
) => void;

/** Plays a measured series for each eMBB mover from its own point on; `weight` gets the sum over the movers of a cell. */
function createTracePlayer(trace: readonly number[], seed: number): TracePlayer {
  const mean = trace.reduce((sum, value) => sum + value, 0) / trace.length || 1;
  const relative = Float64Array.from(trace, (value) => value / mean);
  const stream = streamOf(seed, 'trace');
  const shifts: number[] = [];
  const slices = SLICES.length;
  return (second, movers, weight) => {
    while (shifts.length < movers.count) shifts.push(Math.floor(uniform(stream, shifts.length) * relative.length));
    for (let m = 0; m < movers.count; m++) {
      if (movers.slice[m] !== EMBB) continue;
      const i = (movers.serving[m] as number) * slices + EMBB;
      const place = (second + (shifts[m] as number)) % relative.length;
      weight[i] = at(weight, i) + at(relative, place);
    }
  };
}
