import { createHash } from 'node:crypto';
import { RanloopError } from '@ranloop/contracts/errors';
import type { VesEvent } from '@ranloop/sdk/ves';
import type { CaptureMap } from './map.ts';

export type Row = Readonly<Record<string, string>>;

/** One row as a measurement: when (microseconds), who, what object, and the counters that had a value. */
export interface Measurement {
  readonly time: number;
  readonly source: string;
  readonly object: string;
  readonly counters: Readonly<Record<string, string>>;
  readonly values: ReadonlyMap<string, number>;
}

/** Names every column that the map uses and the file lacks, and says which there are. */
export function checkColumns(map: CaptureMap, columns: readonly string[]): void {
  const used = [
    map.time.column,
    ...placeholders(map.source),
    ...placeholders(map.object),
    ...map.counters.map((c) => c.column),
  ];
  const missing = [...new Set(used)].filter((column) => !columns.includes(column));
  if (missing.length === 0) return;
  throw new RanloopError(
    'RL_CONFIG',
    `the file has no column ${missing.join(', ')}; its columns are ${columns.join(', ')}`,
  );
}

/** Throws RL_INVALID for a row whose time cannot be read; empty and non-numeric counters are left out. */
export function measure(map: CaptureMap, row: Row): Measurement {
  const counters: Record<string, string> = {};
  const values = new Map<string, number>();
  for (const { column, counter, scale = 1 } of map.counters) {
    const text = row[column]?.trim() ?? '';
    const value = Number(text) * scale;
    if (text === '' || !Number.isFinite(value)) continue;
    counters[counter] = String(Number(value.toPrecision(15)));
    values.set(counter, value);
  }
  const source = fill(map.source, row);
  return { time: timeOf(map, row), source, object: fill(map.object, row), counters, values };
}

/** All measurements of one source at one time make one event; its id is the same in every replay of the same file. */
export function toEvent(group: readonly Measurement[], map: CaptureMap, fileDigest: string): VesEvent {
  const [first] = group;
  if (!first) throw new RanloopError('RL_INTERNAL', 'an event needs a measurement');
  const id = createHash('sha256')
    .update(`${fileDigest} ${first.source} ${first.time} ${first.object}`)
    .digest('hex')
    .slice(0, 32);
  return {
    commonEventHeader: {
      domain: 'measurement',
      eventId: `replay-${id}`,
      eventName: 'Measurement_Ranloop-Replay_Capture',
      sourceName: first.source,
      reportingEntityName: first.source,
      startEpochMicrosec: first.time - map.granularity * 1_000_000,
      lastEpochMicrosec: first.time,
      priority: 'Normal',
      sequence: 0,
      version: '4.1',
      vesEventListenerVersion: '7.2.1',
      timeZoneOffset: '+00:00',
    },
    measurementFields: {
      measurementFieldsVersion: '4.0',
      measurementInterval: map.granularity,
      additionalMeasurements: group.map(({ source, object, counters }) => ({
        name: `ManagedElement=${source},${object}`,
        hashMap: counters,
      })),
    },
  };
}

function placeholders(template: string): string[] {
  return [...template.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? '');
}

/** A comma, equals sign or newline in a value would break the DN (TS 32.300 section 7.3), so it becomes an underscore. */
function fill(template: string, row: Row): string {
  return template.replace(/\{([^{}]+)\}/g, (_all, column: string) =>
    (row[column] ?? '').trim().replace(/[,=+\n\r"\\<>;#]/g, '_'),
  );
}

const MICROS: Readonly<Record<string, number>> = { 'epoch-s': 1e6, 'epoch-ms': 1e3, 'epoch-us': 1, 'epoch-ns': 1e-3 };

function timeOf(map: CaptureMap, row: Row): number {
  const text = row[map.time.column]?.trim() ?? '';
  const factor = MICROS[map.time.format];
  const micros = factor === undefined ? isoMicros(text) : Math.round(Number(text) * factor);
  if (text === '' || !Number.isSafeInteger(micros) || micros <= 0)
    throw new RanloopError(
      'RL_INVALID',
      `column ${map.time.column}: "${text.slice(0, 50)}" is not a time (${map.time.format})`,
    );
  return micros;
}

/** Date.parse keeps milliseconds only; the digits below them are added back. */
function isoMicros(text: string): number {
  const iso = text.replace(' ', 'T');
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/.test(iso) ? iso : `${iso}Z`;
  const below = /\.\d{3}(\d{1,3})/.exec(zoned)?.[1] ?? '';
  return Date.parse(zoned) * 1_000 + Number(below.padEnd(3, '0'));
}
