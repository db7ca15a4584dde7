import { documentProblem, type Place, quoted } from './problem.ts';
import { parseDuration, parseInstant } from './time.ts';

/** The values of one measured object in one period. */
export interface ObjectValues {
  readonly infoId: string;
  readonly jobId: string;
  /** DN of the measured entity. */
  readonly entity: string;
  /** LDN of the object within it, as it stands in the file. */
  readonly object: string;
  readonly suspect: boolean;
  /** Microseconds, the end of the period. */
  readonly time: number;
  /** Seconds. */
  readonly granularity: number;
  /** Counter and value as text, in the order of the file. */
  readonly results: readonly (readonly [counter: string, value: string])[];
  /** Where the object ends in the file. */
  readonly at: Place;
}

/** One measInfo while it is read. Its order is the schema's: period and types come before the values. */
export interface MeasInfo {
  job(id: string): void;
  period(attributes: Readonly<Record<string, string>>): void;
  type(place: string | undefined, name: string): void;
  types(names: readonly string[]): void;
  object(ldn: string | undefined): void;
  result(place: string | undefined, value: string): void;
  results(values: readonly string[]): void;
  suspect(text: string): void;
  closeObject(): ObjectValues;
}

interface InfoOf {
  readonly id: string;
  readonly entity: string;
  readonly place: () => Place;
}

const MOST_TYPES = 65_536;
const PLACE = /^\s*0*[1-9]\d{0,8}\s*$/;

export function createMeasInfo({ id, entity, place: here }: InfoOf): MeasInfo {
  const refuse = (problem: string) => documentProblem('RL_UNPROCESSABLE', here(), problem);
  /** Counters by their `p`, which need not be consecutive. */
  const counters = new Map<number, string>();
  let period: { time: number; granularity: number } | undefined;
  let jobId = '';
  let object: { ldn: string; suspect: boolean; results: Map<number, string> } | undefined;

  function add(place: number, name: string): void {
    if (object) throw refuse('must come before the values');
    if (name === '') throw refuse('is empty');
    if (counters.has(place)) throw refuse(`p ${place} is given twice`);
    if (counters.size >= MOST_TYPES) throw refuse(`there are more than ${MOST_TYPES} types`);
    counters.set(place, name);
  }

  function put(place: number, value: string): void {
    if (!object) return;
    if (!counters.has(place)) throw refuse(`there is no measType with p ${place}`);
    if (object.results.has(place)) throw refuse(`p ${place} is given twice`);
    object.results.set(place, value);
  }

  function placeOf(text: string | undefined): number {
    if (text !== undefined && PLACE.test(text)) return Number(text);
    throw refuse(text === undefined ? 'has no p' : `p ${quoted(text)} is not a number above 0`);
  }

  return {
    job(text) {
      jobId = text;
    },
    period({ duration, endTime }) {
      if (period) throw refuse('is given twice');
      if (duration === undefined) throw refuse('has no duration');
      if (endTime === undefined) throw refuse('has no endTime');
      const granularity = parseDuration(duration);
      if (granularity === undefined)
        throw refuse(`duration ${quoted(duration)} is not a duration in days, hours, minutes, seconds, such as PT900S`);
      const time = parseInstant(endTime);
      if (typeof time !== 'number')
        throw refuse(
          time === 'no offset'
            ? `endTime ${quoted(endTime)} has no offset from UTC, such as Z or +01:00`
            : `endTime ${quoted(endTime)} is not a time such as 2026-01-05T00:15:00+01:00`,
        );
      period = { time, granularity };
    },
    type: (place, name) => add(placeOf(place), name),
    types(names) {
      if (counters.size > 0) throw refuse('the types are given twice');
      for (const [index, name] of names.entries()) add(index + 1, name);
    },
    object(ldn) {
      if (ldn === undefined) throw refuse('has no measObjLdn');
      if (!period) throw refuse('there is no granPeriod before it');
      object = { ldn: ldn.trim(), suspect: false, results: new Map() };
    },
    result: (place, value) => put(placeOf(place), value),
    results(values) {
      if (values.length !== counters.size)
        throw refuse(`has ${values.length} values, and there are ${counters.size} types`);
      let index = 0;
      for (const place of counters.keys()) put(place, values[index++] ?? '');
    },
    suspect(text) {
      if (!/^(?:true|false|1|0)$/.test(text)) throw refuse(`${quoted(text)} is neither true nor false`);
      if (object) object.suspect = text === 'true' || text === '1';
    },
    closeObject() {
      const { ldn, suspect, results } = object ?? { ldn: '', suspect: false, results: new Map<number, string>() };
      const { time, granularity } = period ?? { time: 0, granularity: 0 };
      const named = [...results].map(([place, value]) => [counters.get(place) ?? '', value] as const);
      return { infoId: id, jobId, entity, object: ldn, suspect, time, granularity, results: named, at: here() };
    },
  };
}
