import type { Sample } from '@ranloop/contracts/r1';
import type { VesEvent } from '@ranloop/contracts/ves';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRig, measurement, type Rig, T0 } from '../testing/rig.ts';
import { elementDn, objectDn, reportedDn } from './dn.ts';
import { epochMicros } from './time.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
});
afterAll(() => rig.stop());

async function samplesOf(source: string): Promise<Sample[]> {
  return (await rig.get<{ samples: Sample[] }>(`/last?source=${source}`)).samples;
}

function perf3gpp(source: string, change: (report: Report) => void = () => undefined): VesEvent {
  const { measurementFields, ...event } = measurement({ eventId: source, source, objects: {} });
  const report: Report = {
    granularityPeriod: 900,
    measuredEntityDn: `SubNetwork=1,ManagedElement=${source}`,
    measInfoList: [
      {
        measInfoId: { sMeasInfoId: 'cells' },
        measTypes: { sMeasTypesList: ['RRU.PrbTotDl', 'RRU.PrbUsedDl.010003e8', 'RRC.ConnMean'] },
        measValuesList: [
          {
            measObjInstId: 'GNBDUFunction=1,NRCellDU=1',
            suspectFlag: 'false',
            measResults: [
              { p: 3, sValue: '12' },
              { p: 1, iValue: 40 },
              { p: 2, rValue: 33.5 },
            ],
          },
          {
            measObjInstId: 'GNBDUFunction=1,NRCellDU=2',
            suspectFlag: 'true',
            measResults: [
              { p: 1, sValue: '0.000000' },
              { p: 2, isNull: 'true' },
            ],
          },
        ],
      },
    ],
  };
  change(report);
  return {
    commonEventHeader: { ...event.commonEventHeader, domain: 'perf3gpp' },
    perf3gppFields: { perf3gppFieldsVersion: '1.0', measDataCollection: report },
  } as VesEvent;
}

interface Report {
  granularityPeriod: number;
  measuredEntityDn: string;
  measInfoList: {
    measInfoId: object;
    measTypes: object;
    measValuesList: { measObjInstId: string; suspectFlag: string; measResults: object[] }[];
  }[];
}

test('a perf3gpp report: names by position in any order, DN of entity and object, suspect values kept and marked', async () => {
  expect((await rig.post({ event: perf3gpp('pm') })).status).toBe(202);
  const cell = (number: number) => `SubNetwork=1,ManagedElement=pm,GNBDUFunction=1,NRCellDU=${number}`;
  const common = { source: 'pm', granularity: 900, time: T0, suspect: false };
  const marked = { suspect: true, flags: ['source'], reasons: ['its source marks it as suspect'] };
  expect(await samplesOf('pm')).toEqual([
    { ...common, counter: 'RRC.ConnMean', dn: cell(1), value: 12, unit: 'UE' },
    { ...common, counter: 'RRU.PrbTotDl', dn: cell(1), value: 40, unit: '%' },
    { ...common, counter: 'RRU.PrbTotDl', dn: cell(2), value: 0, unit: '%', ...marked },
    { ...common, counter: 'RRU.PrbUsedDl', dn: cell(1), snssai: '010003e8', value: 33.5, unit: 'PRB' },
  ]);
});

test('a position beyond the list of types is refused by name, and nothing of the report is stored', async () => {
  const event = perf3gpp('beyond', ({ measInfoList }) => {
    measInfoList[0]?.measValuesList[0]?.measResults.push({ p: 4, iValue: 1 });
  });
  const answer = await rig.post({ event });
  expect(answer.status).toBe(400);
  expect(answer.body).toContain('measValuesList/0/measResults/3/p');
  expect(await samplesOf('beyond')).toEqual([]);
});

test('a report with a distribution keeps its numbers as samples and the whole event as a document', async () => {
  const event = perf3gpp('bins', ({ measInfoList }) => {
    measInfoList[0]?.measValuesList[1]?.measResults.push({ p: 3, sValue: '86,87,2,6' });
  });
  expect((await rig.post({ event })).status).toBe(202);
  expect(await samplesOf('bins')).toHaveLength(4);
  const { rows } = await rig.database.pool.query(`select body from telemetry.events where source = 'bins'`);
  expect(rows).toEqual([{ body: event }]);
});

test('resource usage becomes counters of the object that its class and identifier name', async () => {
  const event = measurement({ eventId: 'usage', source: 'usage', objects: {} });
  const fields = {
    ...event.measurementFields,
    cpuUsageArray: [{ cpuIdentifier: 'cpu0', percentUsage: 12.5, cpuIdle: 80 }],
    nicPerformanceArray: [{ nicIdentifier: 'eth0,1', valuesAreSuspect: 'true', receivedOctetsDelta: 7 }],
    latencyDistribution: [{ countsInTheBucket: 4, lowEndOfLatencyBucket: 0, highEndOfLatencyBucket: 10 }],
    ipmi: {
      systemAirflow: 3,
      ipmiProcessorArray: [
        {
          processorIdentifier: 'p1',
          processorDimmAggregateThermalMarginArray: [
            { processorDimmAggregateThermalMarginIdentifier: 'd1', thermalMargin: 21 },
          ],
        },
      ],
    },
    requestRate: 23,
  };
  expect((await rig.post({ event: { ...event, measurementFields: fields } })).status).toBe(202);
  const found = (await samplesOf('usage')).map(({ counter, dn, value, suspect }) => [
    counter,
    dn.replace('ManagedElement=usage', ''),
    value,
    suspect,
  ]);
  expect(found.sort()).toEqual(
    [
      ['cpuIdle', ',cpuUsage=cpu0', 80, false],
      ['percentUsage', ',cpuUsage=cpu0', 12.5, false],
      ['receivedOctetsDelta', ',nicPerformance=eth0\\,1', 7, true],
      ['countsInTheBucket', ',latencyBucket=0-10', 4, false],
      ['highEndOfLatencyBucket', ',latencyBucket=0-10', 10, false],
      ['lowEndOfLatencyBucket', ',latencyBucket=0-10', 0, false],
      ['systemAirflow', ',ipmi=1', 3, false],
      ['thermalMargin', ',processorDimmAggregateThermalMargin=d1', 21, false],
      ['requestRate', '', 23, false],
    ].sort(),
  );
});

test('object names: absolute, relative to the managed element, or no DN at all', () => {
  expect(elementDn('gnb,1')).toBe('ManagedElement=gnb\\,1');
  expect(objectDn('gnb', 'ManagedElement=x,NRCellDU=1')).toBe('ManagedElement=x,NRCellDU=1');
  expect(objectDn('gnb', 'DC=org,SubNetwork=1')).toBe('DC=org,SubNetwork=1');
  expect(objectDn('gnb', 'GNBDUFunction=1,NRCellDU=1')).toBe('ManagedElement=gnb,GNBDUFunction=1,NRCellDU=1');
  expect(objectDn('gnb', '')).toBe('ManagedElement=gnb');
  expect(objectDn('gnb', 'MWPS-TTP-1')).toBe('ManagedElement=gnb,Object=MWPS-TTP-1');
  expect(reportedDn('ManagedElement=a', 'ManagedElement=a,Cell=1')).toBe('ManagedElement=a,Cell=1');
  // The standard form repeats the element inside the LDN of some vendors: kept, since that is its name.
  expect(reportedDn('ManagedElement=a', 'ManagedElement=ab')).toBe('ManagedElement=a,ManagedElement=ab');
});

test('one instant in four units is one time', () => {
  const seconds = 1_413_378_172;
  for (const [factor, unit] of [
    [1, 's'],
    [1e3, 'ms'],
    [1e6, 'us'],
    [1e9, 'ns'],
  ] as const)
    expect(epochMicros(seconds * factor)).toEqual({ micros: 1_413_378_172_000_000, unit });
});
