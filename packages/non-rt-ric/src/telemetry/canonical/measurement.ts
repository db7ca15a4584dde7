import type { MeasurementFields, MeasurementsForVfScalingFields } from '@ranloop/contracts/ves';
import { type Collector, numberOf } from './collect.ts';
import { elementDn, objectDn, partDn } from './dn.ts';

/** Where a version of the format keeps what: its block, its arrays, and its quantities of the whole source. */
interface Layout {
  readonly block: string;
  /** The class that names their objects in a DN, and the field that tells them apart. */
  readonly arrays: readonly (readonly [array: string, objectClass: string, id: string | undefined])[];
  readonly scalars: readonly string[];
}

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

const SCALARS = [
  'concurrentSessions',
  'configuredEntities',
  'meanRequestLatency',
  'numberOfMediaPortsInUse',
  'requestRate',
];

const LAYOUT: Layout = { block: 'measurementFields', arrays: ARRAYS, scalars: [...SCALARS, 'nfcScalingMetric'] };

/** VES 5: the interfaces and the scaling metric have other names, and features are an array like the others. */
const LAYOUT_5: Layout = {
  block: 'measurementsForVfScalingFields',
  arrays: [
    ...ARRAYS,
    ['vNicPerformanceArray', 'vNicPerformance', 'vNicIdentifier'],
    ['featureUsageArray', 'featuresInUse', 'featureIdentifier'],
  ],
  scalars: [...SCALARS, 'vnfcScalingMetric'],
};

export function collectMeasurement(fields: MeasurementFields, source: string, into: Collector): void {
  const list = fields.additionalMeasurements ?? [];
  for (const [index, { name, hashMap }] of list.entries()) {
    const at = `${LAYOUT.block}/additionalMeasurements/${index}/hashMap`;
    const reader = textReader({ source, name }, into);
    for (const counter of Object.keys(hashMap)) reader(counter, hashMap[counter] ?? '', () => `${at}/${counter}`);
  }
  quantities(fields, LAYOUT, source, into);
  for (const [name, value] of Object.entries(fields.ipmi ?? {})) ipmi(name, value, source, into);
  if (filled(fields.additionalFields) || filled(fields.featureUsageArray)) into.leave();
  if ((fields.additionalObjects?.length ?? 0) > 0) into.leave();
}

/** The same of VES 5, where each counter is an entry of a list. Its objects are open to keys that no layout knows. */
export function collectVfScaling(fields: MeasurementsForVfScalingFields, source: string, into: Collector): void {
  const list = fields.additionalMeasurements ?? [];
  for (const [index, { name, arrayOfFields }] of list.entries()) {
    const reader = textReader({ source, name }, into);
    for (const [place, { name: counter, value }] of arrayOfFields.entries())
      reader(counter, value, () => `${LAYOUT_5.block}/additionalMeasurements/${index}/arrayOfFields/${place}/value`);
  }
  quantities(fields, LAYOUT_5, source, into);
  const known = new Set<string>([
    'additionalMeasurements',
    'measurementInterval',
    'measurementsForVfScalingVersion',
    ...LAYOUT_5.scalars,
    ...LAYOUT_5.arrays.map(([array]) => array),
  ]);
  for (const [key, value] of Object.entries(fields))
    if (!known.has(key) && !(Array.isArray(value) && value.length === 0)) into.leave();
}

/** Where RAN counters travel: a named object and its counters as text. Text that is no number stays in the event. */
function textReader({ source, name }: { source: string; name: string }, into: Collector) {
  const dn = () => objectDn(source, name);
  return (counter: string, text: string, field: () => string) => {
    const value = numberOf(text);
    if (value === undefined) into.leave();
    else into.add({ scope: name, dn, counter, value, suspect: false, field });
  };
}

function quantities(fields: object, { block, arrays, scalars }: Layout, source: string, into: Collector): void {
  const values = fields as Readonly<Record<string, unknown>>;
  for (const [array, objectClass, id] of arrays) {
    const entries = values[array];
    if (Array.isArray(entries)) usage(entries, { array: `${block}/${array}`, objectClass, id, source }, into);
  }
  for (const counter of scalars) {
    const value = values[counter];
    if (typeof value !== 'number') continue;
    const dn = () => elementDn(source);
    into.add({ scope: '\u0001', dn, counter, value, suspect: false, field: () => `${block}/${counter}` });
  }
}

interface UsageOf {
  /** Its path in the event. */
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
      if (typeof value === 'number' && Number.isFinite(value))
        into.add({
          scope: `\u0001${objectClass}\u0001${label}`,
          dn: () => partDn(source, objectClass, label),
          counter,
          value,
          suspect,
          field: () => `${array}/${index}/${counter}`,
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
    usage([entry], { array: `measurementFields/ipmi/${name}`, objectClass, id, source }, into);
    for (const [inner, deeper] of Object.entries(entry)) if (Array.isArray(deeper)) ipmi(inner, deeper, source, into);
  }
}

function filled(map: Readonly<Record<string, string>> | undefined): boolean {
  return map !== undefined && Object.keys(map).length > 0;
}
