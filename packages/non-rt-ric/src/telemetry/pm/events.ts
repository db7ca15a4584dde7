import { createHash } from 'node:crypto';
import { RanloopError } from '@ranloop/contracts/errors';
import {
  type Collector,
  createCollector,
  type Identities,
  instantProblem,
  reportedDn,
  type TimeRules,
  textValue,
} from '../canonical/index.ts';
import type { AcceptedEvent } from '../model.ts';
import { Refusal } from '../refusal.ts';
import { documentProblem, type ObjectValues } from './document/index.ts';
import { createRemainder, type Remainder } from './remainder.ts';

export interface PmEventsOf {
  readonly source: string;
  /** For the eventId. */
  readonly name: string;
  /** Of the bytes of the file: the same file gives the same events, so what was stored of it before is known again. */
  readonly digest: string;
  readonly identities: Identities;
  readonly times: TimeRules;
  /** Samples of one group, about. */
  readonly groupSamples: number;
  readonly onGroup: (events: readonly AcceptedEvent[]) => void;
}

/** Turns the values of a PM file into events: one for each entity and period, parted where it grows beyond a group. */
export interface PmEvents {
  add(values: ObjectValues): void;
  end(): void;
}

interface Part {
  readonly entity: string;
  readonly time: number;
  readonly granularity: number;
  readonly collector: Collector;
  readonly remainder: Remainder;
}

const MOST_EVENTS = 500;

export function createPmEvents(options: PmEventsOf): PmEvents {
  const { source, name, digest, identities, times, groupSamples } = options;
  let group: AcceptedEvent[] = [];
  let size = 0;
  let count = 0;
  let part: Part | undefined;

  function closePart(): void {
    if (!part) return;
    const { collector, remainder, time } = part;
    part = undefined;
    const { points } = collector.collected();
    const body = remainder.body();
    if (points.length === 0 && body === undefined) return;
    const eventId = `${name.slice(0, 512)}#${count}`;
    const identity = createHash('md5').update(`${source}\0pm-file\0${digest}\0${groupSamples}\0${count}`).digest('hex');
    count += 1;
    group.push({ source, eventId, domain: 'perf3gpp', time, identity, points, body });
  }

  function closeGroup(): void {
    closePart();
    if (group.length > 0) options.onGroup(group);
    group = [];
    size = 0;
  }

  function partFor(values: ObjectValues): Part {
    const { entity, time, granularity, at } = values;
    if (part && part.entity === entity && part.time === time && part.granularity === granularity) return part;
    closePart();
    if (group.length >= MOST_EVENTS) closeGroup();
    const problem = instantProblem(time, times);
    if (problem !== undefined) throw documentProblem('RL_UNPROCESSABLE', at, `the endTime of granPeriod ${problem}`);
    const collector = createCollector(identities, { source, time, granularity });
    part = { entity, time, granularity, collector, remainder: createRemainder(name, values) };
    return part;
  }

  return {
    add(values) {
      const { entity, object, suspect, results, at } = values;
      const { collector, remainder } = partFor(values);
      const scope = `\u0001\u0001${entity}\u0001${object}`;
      const dn = () => reportedDn(entity, object);
      try {
        for (const [counter, text] of results) {
          const value = textValue(text);
          if (value === 'none') continue;
          size += 1;
          if (value === undefined) remainder.add(values, counter, text);
          else collector.add({ scope, dn, counter, value, suspect, field: () => counter });
        }
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const [, counter = '', problem = ''] = error.variables;
        throw documentProblem('RL_UNPROCESSABLE', at, `${counter.slice(0, 64)} of ${object.slice(0, 256)}: ${problem}`);
      }
      if (size >= groupSamples) closeGroup();
    },
    end: closeGroup,
  };
}

/** The store's own refusals, which are made for events, in the words of a file. */
export function asFileProblem(error: unknown): unknown {
  if (!(error instanceof Refusal)) return error;
  if (error.id === 'SVC1000') return new RanloopError('RL_STORE', 'the store is not available');
  return new RanloopError('RL_UNPROCESSABLE', error.message);
}
