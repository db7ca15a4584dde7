const COUNTERS = 20;
/** A Monday; the events of one source are ten seconds apart. */
export const START = Date.UTC(2025, 0, 6) * 1_000;
const PERIOD = 10_000_000;
const SOURCES = 100;

export interface Events {
  /** The next event as JSON, about 2 KB with 20 counters. */
  next(): string;
}

export function createEvents(run: string): Events {
  let count = 0;
  return {
    next() {
      const index = count++;
      const time = START + Math.floor(index / SOURCES) * PERIOD;
      const values = Array.from(
        { length: COUNTERS },
        (_, counter) => `"BENCH.${run}.DRB.MeanOfSomeLongCounterName${counter}.Sum":"${(index + counter) % 1_000}.25"`,
      );
      return measurement(`${run}-${index}`, `gnb-${index % SOURCES}`, { time, objects: [cell(1, values.join(','))] });
    },
  };
}

/** One period of many cells, one counter each. */
export function periodOf(cells: number, period: number): string {
  const objects = Array.from({ length: cells }, (_, index) => cell(index, `"BENCH.Load":"${(index + period) % 100}"`));
  return measurement(`day-${period}`, 'gnb-day', { time: START + period * PERIOD, objects });
}

const cell = (id: number, values: string) => `{"name":"GNBDUFunction=1,NRCellDU=${id}","hashMap":{${values}}}`;

function measurement(
  id: string,
  source: string,
  { time, objects }: { time: number; objects: readonly string[] },
): string {
  const header = {
    domain: 'measurement',
    eventId: `bench-${id}`,
    eventName: 'Measurement_Bench-Bench_Cell',
    sourceName: source,
    reportingEntityName: source,
    nfVendorName: 'Ranloop',
    timeZoneOffset: 'UTC+00:00',
    startEpochMicrosec: time - PERIOD,
    lastEpochMicrosec: time,
    priority: 'Normal',
    sequence: 0,
    version: '4.1',
    vesEventListenerVersion: '7.2.1',
  };
  return `{"commonEventHeader":${JSON.stringify(header)},"measurementFields":{"measurementFieldsVersion":"4.0","measurementInterval":10,"additionalMeasurements":[${objects.join(',')}]}}`;
}

/** A PM file of TS 28.532 of about 150 KB: 60 cells, 25 counters, the values of each cell in one list. */
export function pmFile(number: number): string {
  const types = Array.from({ length: 25 }, (_, index) => `DRB.UEThpDl.Bench${index}`).join(' ');
  const values = Array.from({ length: 60 }, (_, id) => {
    const results = Array.from(
      { length: 25 },
      (_, index) =>
        `${(id * index + number) % 997}.123456789012345678901234567890123456789012345678901234567890123456789012345678901234567`,
    );
    return `<measValue measObjLdn="GNBDUFunction=1,NRCellDU=${id}"><measResults>${results.join(' ')}</measResults></measValue>`;
  });
  const end = new Date(Date.UTC(2025, 1, 1) + number * 900_000).toISOString();
  return `<?xml version="1.0" encoding="UTF-8"?><measDataFile xmlns="http://www.3gpp.org/ftp/specs/archive/28_series/28.532#measData"><fileHeader fileFormatVersion="28.532 V16" vendorName="Ranloop"><fileSender senderName="ManagedElement=pm"/><measData beginTime="${end}"/></fileHeader><measData><measEntity localDn="ManagedElement=pm" swVersion="1"/><measInfo measInfoId="bench"><granPeriod duration="PT900S" endTime="${end}"/><measTypes>${types}</measTypes>${values.join('')}</measInfo></measData><fileFooter><measData endTime="${end}"/></fileFooter></measDataFile>`;
}
