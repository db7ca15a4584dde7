import type { MeasurementFields } from '@ranloop/contracts/ves';
import { type Collector, numberOf } from './collect.ts';
import { elementDn, objectDn, partDn } from './dn.ts';

/** The arrays of a measurement: the class that names their objects in a DN, and the field that tells them apart. */
const ARRAYS = [
  ['codecUsageArray', 'codecsInUse', 'codecIdentifier'],
  ['cpuUsageArray', 'cpuUsage', 'cpuIdentifier'],
  ['diskUsageArray', 'diskUsage', 'diskIdentifier'],
  ['filesystemUsageArray', 'filesystemUsage', 'filesystemName'],
  ['hugePagesArray', 'hugePages', 'hugePagesIdentifier'],
  ['latencyDistribution', 'latencyBucket', undefined],
  ['loadArray', 'load', undefined],
  ['machineCheckExceptionArray', 'machineCheckException', 'vmIdentifier'],
  ['memoryUsageArray', 'memoryUsage', 'vmIdentifier'],
  ['nicPerformanceArray', 'nicPerformance', 'nicIdentifier'],
  ['processStatsArray', 'processStats', 'processIdentifier'],
] as const;

/** Quantities of the whole source. */
const SCALARS = [
  'concurrentSessions',
  'configuredEntities',
  'meanRequestLatency',
  'nfcScalingMetric',
  'numberOfMediaPortsInUse',
  'requestRate',
] as const;

export function collectMeasurement(fields: MeasurementFields, source: string, into: Collector): void {
  additionalMeasurements(fields, source, into);
  for (const [array, objectClass, id] of ARRAYS) {
    const entries = fields[array];
    if (entries) usage(entries, { array, objectClass, id, source }, into);
  }
  for (const counter of SCALARS) {
    const value = fields[counter];
    if (value !== undefined)
      into.add({
        scope: '\u0001',
        dn: () => elementDn(source),
        counter,
        value,
        suspect: false,
        field: () => `measurementFields/${counter}`,
      });
  }
  for (const [name, value] of Object.entries(fields.ipmi ?? {})) ipmi(name, value, source, into);
  if (filled(fields.additionalFields) || filled(fields.featureUsageArray)) into.leave();
  if ((fields.additionalObjects?.length ?? 0) > 0) into.leave();
}

/** Where RAN counters travel: a named object and its counters as text. Text that is no number stays in the event. */
function additionalMeasurements(fields: MeasurementFields, source: string, into: Collector): void {
  const list = fields.additionalMeasurements ?? [];
  for (const [index, { name, hashMap }] of list.entries()) {
    const dn = () => objectDn(source, name);
    for (const counter of Object.keys(hashMap)) {
      const value = numberOf(hashMap[counter] ?? '');
      const field = () => `measurementFields/additionalMeasurements/${index}/hashMap/${counter}`;
      if (value === undefined) into.leave();
      else into.add({ scope: name, dn, counter, value, suspect: false, field });
    }
  }
}

interface UsageOf {
  readonly array: string;
  readonly objectClass: string;
  readonly id: string | undefined;
  readonly source: string;
}

/** Entries without a name of their own are told apart by their bounds, or by their place. */
function usage(entries: readonly object[], { array, objectClass, id, source }: UsageOf, into: Collector): void {
  for (const [index, entry] of entries.entries()) {
    const values = entry as Readonly<Record<string, unknown>>;
    const bounds = [values['lowEndOfLatencyBucket'], values['highEndOfLatencyBucket']];
    const fallback = bounds.some((bound) => bound !== undefined) ? bounds.map((bound) => bound ?? '').join('-') : index;
    const label = String((id && values[id]) ?? fallback);
    const suspect = values['valuesAreSuspect'] === 'true';
    for (const [counter, value] of Object.entries(values)) {
      if (typeof value === 'number')
        into.add({
          scope: `\u0001${objectClass}\u0001${label}`,
          dn: () => partDn(source, objectClass, label),
          counter,
          value,
          suspect,
          field: () => `measurementFields/${array}/${index}/${counter}`,
        });
      else if (counter !== id && counter !== 'valuesAreSuspect') into.leave();
    }
  }
}

function ipmi(name: string, value: unknown, source: string, into: Collector): void {
  if (typeof value === 'number') {
    const dn = () => partDn(source, 'ipmi', '1');
    const field = () => `measurementFields/ipmi/${name}`;
    into.add({ scope: '\u0001ipmi', dn, counter: name, value, suspect: false, field });
    return;
  }
  if (!Array.isArray(value)) return;
  const objectClass = name.replace(/Array$/, '');
  for (const entry of value as readonly Readonly<Record<string, unknown>>[]) {
    const id = Object.keys(entry).find((key) => key.endsWith('Identifier'));
    usage([entry], { array: `ipmi/${name}`, objectClass, id, source }, into);
    for (const [inner, deeper] of Object.entries(entry)) if (Array.isArray(deeper)) ipmi(inner, deeper, source, into);
  }
}

function filled(map: Readonly<Record<string, string>> | undefined): boolean {
  return map !== undefined && Object.keys(map).length > 0;
}
