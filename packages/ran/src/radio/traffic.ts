import { add, at } from './arrays.ts';
import { type Scenario, SLICE_KEYS } from './scenario.ts';
import { between, normal, streamOf, uniform } from './streams.ts';

const MINUTE = 60;
const DAY = 86_400;

/** How many of its users one slice of one cell has at work, relative to the busy hour's mean, second by second. */
export interface Activity {
  /** Fills `into` with the users' factor for the 60 seconds of a minute, and `jitter` with the second noise around 1. */
  fillMinute(minute: number, into: Float64Array, jitter: Float64Array): void;
}

/** Day curve, week factor, noise over minutes, events by timetable and flash crowds; one stream for each cause. */
export function createActivity(scenario: Scenario, cell: number, sliceIndex: number): Activity {
  const key = SLICE_KEYS[sliceIndex] ?? 'embb';
  const slice = scenario.slices[key];
  const stream = (cause: string) => streamOf(scenario.seed, cause, cell, key);
  const level = dayLevel(scenario, slice, uniform(stream('phase'), 0));
  const drift = correlatedNoise(slice.noise, scenario.day.noiseMinutes, stream('noise'));
  const events = timetable(scenario.events, stream('timetable'), stream('jitter'));
  const crowds = flashCrowds(scenario.crowds, stream('crowd'));
  const second = stream('second');
  const extra = new Float64Array(MINUTE);

  return {
    fillMinute(minute, into, jitter) {
      const start = minute * MINUTE;
      const from = level(start) * drift(minute);
      const step = (level(start + MINUTE) * drift(minute + 1) - from) / MINUTE;
      for (let i = 0; i < MINUTE; i++) {
        into[i] = from + step * i;
        jitter[i] = Math.max(0, 1 + slice.secondNoise * normal(second, start + i));
      }
      // A crowd and a train bring their own users: what they add does not multiply.
      extra.fill(0);
      events(start, extra);
      crowds(start, extra);
      for (let i = 0; i < MINUTE; i++) into[i] = at(into, i) * (1 + at(extra, i));
    },
  };
}

function dayLevel({ day }: Scenario, slice: Scenario['slices']['embb'], phase: number): (second: number) => number {
  const busiest = slice.busyHour * 3_600 + (2 * phase - 1) * day.phaseHours * 3_600;
  return (second) => {
    const wave = (1 + Math.cos((2 * Math.PI * (second - busiest)) / DAY)) / 2;
    const curve = slice.nightLevel + (1 - slice.nightLevel) * Math.min(1, day.plateau * wave) ** day.sharpness;
    // The scenario begins on a Monday; the change of day is smoothed over an hour so that it is no step.
    const dayOfWeek = (second / DAY) % 7;
    const weekend = Math.min(1, Math.max(0, (dayOfWeek - 5) * 24)) - Math.max(0, (dayOfWeek - 7 + 1 / 24) * 24);
    return curve * (1 + (slice.weekend - 1) * Math.max(0, weekend));
  };
}

/** First-order autoregression, as the finite sum of its past so that any minute can be the first. */
function correlatedNoise(deviation: number, minutes: number, stream: number): (minute: number) => number {
  const keep = Math.exp(-1 / minutes);
  const terms = Math.ceil(5 * minutes);
  const scale = deviation * Math.sqrt(1 - keep * keep);
  const kernel = Float64Array.from({ length: terms }, (_, age) => scale * keep ** age);
  let lastMinute = Number.NaN;
  let lastValue = 0;
  return (minute) => {
    if (minute === lastMinute) return lastValue;
    let sum = 0;
    for (let age = 0; age < terms; age++) sum += at(kernel, age) * normal(stream, minute - age);
    lastMinute = minute;
    lastValue = Math.max(0.1, 1 + sum);
    return lastValue;
  };
}

type Lift = (start: number, into: Float64Array) => void;

/** Headways of whole minutes that divide a day, so that the same times come back every day. */
const HEADWAYS: readonly number[] = [1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 18, 20, 24, 30, 32, 36, 40, 45, 48, 60];

/**
 * A timetable in whole minutes. Each entry keeps its own length and weight for good; on the day it comes early or late
 * by the jitter.
 */
function timetable(events: Scenario['events'], stream: number, jitters: number): Lift {
  const [shortest, longestHeadway] = events.headwayMinutes;
  const fitting = HEADWAYS.filter((minutes) => minutes >= shortest && minutes <= longestHeadway);
  const minutes = fitting[Math.floor(uniform(stream, 0) * fitting.length)] ?? longestHeadway;
  const headway = minutes * MINUTE;
  const perDay = Math.max(1, Math.floor(DAY / headway));
  const offset = Math.floor(uniform(stream, 1) * minutes) * MINUTE;
  const longest = events.minutes[1] * MINUTE;
  return (start, into) => {
    const first = Math.floor((start - offset - longest - events.jitterSeconds) / headway);
    const last = Math.floor((start + MINUTE - offset + events.jitterSeconds) / headway);
    for (let n = first; n <= last; n++) {
      const entry = ((n % perDay) + perDay) % perDay;
      const begin = offset + n * headway + (2 * uniform(jitters, n) - 1) * events.jitterSeconds;
      const length = Math.round(between(stream, 2 + 2 * entry, events.minutes)) * MINUTE;
      const factor = between(stream, 3 + 2 * entry, events.factor);
      lift(into, begin - start, { length, factor, ramp: events.rampSeconds });
    }
  };
}

/** Poisson arrivals drawn hour by hour. */
function flashCrowds(crowds: Scenario['crowds'], stream: number): Lift {
  const none = Math.exp(-crowds.perCellAndDay / 24 / SLICE_KEYS.length);
  const longest = Math.ceil((crowds.minutes[1] * MINUTE) / 3_600);
  return (start, into) => {
    const hour = Math.floor(start / 3_600);
    for (let h = hour - longest; h <= hour; h++) {
      const hourly = streamOf(stream, h);
      let product = uniform(hourly, 0);
      for (let k = 1; product > none && k < 20; k++) {
        const begin = (h + uniform(hourly, 4 * k)) * 3_600;
        const length = between(hourly, 4 * k + 1, crowds.minutes) * MINUTE;
        const factor = between(hourly, 4 * k + 2, crowds.factor);
        lift(into, begin - start, { length, factor, ramp: crowds.rampSeconds });
        product *= uniform(hourly, 4 * k + 3);
      }
    }
  };
}

/** Adds to a minute a trapezoid of height `factor - 1` that begins `begin` seconds into it (before it when negative). */
function lift(into: Float64Array, begin: number, event: { length: number; factor: number; ramp: number }): void {
  const end = begin + event.length;
  if (end <= 0 || begin >= MINUTE) return;
  const ramp = Math.max(event.ramp, 1e-9);
  for (let i = Math.max(0, Math.ceil(begin)); i < Math.min(MINUTE, end); i++) {
    const shape = Math.min(1, (i - begin) / ramp, (end - i) / ramp);
    add(into, i, (event.factor - 1) * shape);
  }
}
