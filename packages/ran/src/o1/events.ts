import type { VesEvent } from '@ranloop/contracts/ves';
import type { CellReport, Counters, PeriodReport } from '../plant.ts';

const VENDOR = 'Ranloop-Sim';

/** One VES 7.2 `measurement` event per ManagedElement: a named hash map for each cell, values as text as VES asks. */
export function measurementEvents(
  report: PeriodReport,
  { sourcePrefix, epochMicros }: { sourcePrefix: string; epochMicros: number },
): VesEvent[] {
  const elements = new Map<string, CellReport[]>();
  for (const cell of report.cells) {
    const of = elements.get(cell.cell.managedElement) ?? [];
    elements.set(cell.cell.managedElement, of);
    of.push(cell);
  }
  const micros = (seconds: number) => epochMicros + Math.round(seconds * 1e6);
  return [...elements].map(([managedElement, cells]) => {
    const sourceName = sourcePrefix + managedElement;
    const last = micros(report.end);
    return {
      commonEventHeader: {
        domain: 'measurement',
        // The same period of the same source is the same event: a repeated delivery can be known by its id.
        eventId: `measurement-${sourceName}-${last}`,
        eventName: `Measurement_${VENDOR}_NRCellDU`,
        eventType: 'PM',
        startEpochMicrosec: micros(report.start),
        lastEpochMicrosec: last,
        priority: 'Normal',
        reportingEntityName: sourceName,
        sourceName,
        nfVendorName: VENDOR,
        sequence: 0,
        timeZoneOffset: 'UTC+00:00',
        version: '4.1',
        vesEventListenerVersion: '7.2.1',
      },
      measurementFields: {
        measurementFieldsVersion: '4.0',
        measurementInterval: report.end - report.start,
        additionalMeasurements: cells.map((cell) => ({
          name: cell.cell.dn.replace(`ManagedElement=${managedElement}`, `ManagedElement=${sourceName}`),
          hashMap: hashMapOf(cell),
        })),
      },
    };
  });
}

/** A counter of a slice has the S-NSSAI as its subcounter: `RRU.PrbUsedDl.01000001` (TS 28.552). */
function hashMapOf({ counters, slices }: CellReport): Record<string, string> {
  const map: Record<string, string> = {};
  const add = (measured: Counters, subcounter: string) => {
    for (const [name, value] of Object.entries(measured))
      if (Number.isFinite(value)) map[`${name}${subcounter}`] = decimal(value);
  };
  add(counters, '');
  for (const { slice, counters: ofSlice } of slices) add(ofSlice, `.${slice.snssai}`);
  return map;
}

/** Plain decimals: many readers of VES values do not know exponents. */
function decimal(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(12).replace(/\.?0+$/, '') : text;
}
