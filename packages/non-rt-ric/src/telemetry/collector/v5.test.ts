import { VES5_BLOCKS, type VesRequestError } from '@ranloop/contracts/ves';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRig, measurement, type Rig, T0 } from '../testing/rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
});
afterAll(() => rig.stop());

const V5 = { path: '/eventListener/v5' };
type Fields = Readonly<Record<string, unknown>>;

function event(domain: keyof typeof VES5_BLOCKS, source: string, fields: Fields | undefined, header: Fields = {}) {
  return {
    commonEventHeader: {
      domain,
      eventId: `${domain}-1`,
      eventName: domain,
      priority: 'Normal',
      reportingEntityName: source,
      sequence: 0,
      sourceName: source,
      startEpochMicrosec: T0 - 60e6,
      lastEpochMicrosec: T0,
      version: 3,
      ...header,
    },
    ...(fields ? { [VES5_BLOCKS[domain]]: fields } : {}),
  };
}

const scaling = (fields: Fields = {}) => ({
  measurementsForVfScalingVersion: 2.1,
  measurementInterval: 60,
  ...fields,
});

const variablesOf = (body: string) => {
  const { serviceException } = (JSON.parse(body) as VesRequestError).requestError;
  return [serviceException?.messageId, ...(serviceException?.variables ?? [])];
};

const lastOf = async (source: string) =>
  (await rig.get<{ samples: { counter: string; dn: string; value: number }[] }>(`/last?source=${source}`)).samples;

const documents = async (source: string) =>
  (
    await rig.database.pool.query<{ domain: string }>(
      'select domain from telemetry.events where source = $1 order by id',
      [source],
    )
  ).rows.map(({ domain }) => domain);

/** The least that each block may hold, and one field that breaks it. */
const BLOCKS: readonly (readonly [domain: keyof typeof VES5_BLOCKS, fields: Fields, broken: string])[] = [
  [
    'fault',
    {
      faultFieldsVersion: 2,
      alarmCondition: 'down',
      eventSeverity: 'MAJOR',
      eventSourceType: 'card',
      specificProblem: 'x',
      vfStatus: 'Active',
      alarmAdditionalInformation: [{ name: 'a', value: 'b' }],
    },
    'eventSeverity',
  ],
  ['heartbeat', { heartbeatFieldsVersion: 1, heartbeatInterval: 20 }, 'heartbeatInterval'],
  ['other', { otherFieldsVersion: 1, nameValuePairs: [{ name: 'a', value: 'b' }] }, 'otherFieldsVersion'],
  [
    'sipSignaling',
    {
      sipSignalingFieldsVersion: 1,
      correlator: 'c',
      localIpAddress: '10.0.0.1',
      localPort: '1',
      remoteIpAddress: '10.0.0.2',
      remotePort: '2',
      vendorVnfNameFields: { vendorName: 'v' },
    },
    'correlator',
  ],
  [
    'stateChange',
    { stateChangeFieldsVersion: 1, newState: 'inService', oldState: 'maintenance', stateInterface: 'eth0' },
    'newState',
  ],
  [
    'syslog',
    { syslogFieldsVersion: 3, eventSourceType: 'host', syslogMsg: 'm', syslogTag: 't', additionalFields: 'a=b|c=d' },
    'syslogMsg',
  ],
  [
    'thresholdCrossingAlert',
    {
      thresholdCrossingFieldsVersion: 2,
      additionalParameters: [{ criticality: 'MAJ', name: 'n', thresholdCrossed: 't', value: '1' }],
      alertAction: 'SET',
      alertDescription: 'd',
      alertType: 'CARD-ANOMALY',
      collectionTimestamp: 'Mon, 05 Jan 2026 00:00:00 +0000',
      eventSeverity: 'MAJOR',
      eventStartTimestamp: 'Mon, 05 Jan 2026 00:00:00 +0000',
    },
    'alertAction',
  ],
  [
    'voiceQuality',
    {
      voiceQualityFieldsVersion: 1,
      calleeSideCodec: 'a',
      callerSideCodec: 'b',
      correlator: 'c',
      midCallRtcp: 'ZA==',
      vendorVnfNameFields: { vendorName: 'v' },
      endOfCallVqmSummaries: { adjacencyName: 'a', endpointDescription: 'Caller', mosCqe: 4.1 },
    },
    'midCallRtcp',
  ],
];

describe('VES 5', () => {
  test.each(BLOCKS)('a %s event is kept, and a wrong field in it is named', async (domain, fields, broken) => {
    const source = `five-${domain}`;
    const answer = await rig.post({ event: event(domain, source, fields) }, V5);
    expect([answer.status, answer.body]).toEqual([202, '']);
    expect(await documents(source)).toEqual([domain]);
    const wrong = await rig.post({ event: event(domain, source, { ...fields, [broken]: true }) }, V5);
    expect(wrong.status).toBe(400);
    expect(variablesOf(wrong.body)[2]).toBe(`event/${VES5_BLOCKS[domain]}/${broken}`);
  });

  test('the counters of a measurement are samples, whatever array they stand in', async () => {
    const fields = scaling({
      concurrentSessions: 4,
      requestRate: 2.5,
      additionalMeasurements: [
        {
          name: 'NRCellDU=1',
          arrayOfFields: [
            { name: 'RRU.PrbUsedDl', value: '17' },
            { name: 'RRU.PrbTotDl', value: '0.000000' },
          ],
        },
      ],
      vNicPerformanceArray: [{ vNicIdentifier: 'eth0', valuesAreSuspect: 'false', receivedOctetsDelta: 900 }],
      cpuUsageArray: [{ cpuIdentifier: '0', percentUsage: 12.5 }],
      featureUsageArray: [{ featureIdentifier: 'ca', featureUtilization: 3 }],
    });
    const answer = await rig.post({ event: event('measurementsForVfScaling', 'five-pm', fields) }, V5);
    expect(answer).toMatchObject({ status: 202, body: '' });
    const samples = await lastOf('five-pm');
    expect(Object.fromEntries(samples.map(({ counter, value }) => [counter, value]))).toEqual({
      concurrentSessions: 4,
      requestRate: 2.5,
      'RRU.PrbUsedDl': 17,
      'RRU.PrbTotDl': 0,
      receivedOctetsDelta: 900,
      percentUsage: 12.5,
      featureUtilization: 3,
    });
    expect(samples.find(({ counter }) => counter === 'RRU.PrbUsedDl')?.dn).toBe('ManagedElement=five-pm,NRCellDU=1');
    expect(await documents('five-pm')).toEqual([]);
  });

  test('what is no sample keeps the event whole: text, further fields, keys that the format does not know', async () => {
    for (const [index, extra] of [
      { additionalFields: [{ name: 'a', value: 'b' }] },
      { additionalMeasurements: [{ name: 'x', arrayOfFields: [{ name: 'state', value: 'up' }] }] },
      { vendorKey: { any: 1 } },
    ].entries()) {
      const source = `five-more-${index}`;
      const fields = scaling({ requestRate: 1, ...extra });
      expect((await rig.post({ event: event('measurementsForVfScaling', source, fields) }, V5)).status).toBe(202);
      expect(await documents(source)).toEqual(['measurementsForVfScaling']);
    }
  });

  test('two values under one name are refused by their place', async () => {
    const arrayOfFields = [
      { name: 'X', value: '1' },
      { name: 'X', value: '2' },
    ];
    const fields = scaling({ additionalMeasurements: [{ name: 'a', arrayOfFields }] });
    const answer = await rig.post({ event: event('measurementsForVfScaling', 'five-twice', fields) }, V5);
    expect(variablesOf(answer.body).slice(0, 3)).toEqual([
      'SVC2004',
      'attribute',
      'event/measurementsForVfScalingFields/additionalMeasurements/0/arrayOfFields/1/value',
    ]);
  });

  test('a batch is taken, and its bad event named', async () => {
    const beats = ['a', 'b'].map((eventId) => event('heartbeat', 'five-batch', undefined, { eventId }));
    const path = { path: '/eventListener/v5/eventBatch' };
    const bad = event('heartbeat', 'five-batch', undefined, { eventId: 'c', version: '3.0' });
    expect(variablesOf((await rig.post({ eventList: [...beats, bad] }, path)).body)[2]).toBe(
      'eventList/2/commonEventHeader/version',
    );
    expect((await rig.post({ eventList: beats }, path)).status).toBe(202);
    expect(await documents('five-batch')).toHaveLength(2);
  });

  test('an event of one version on the path of another is refused by a field', async () => {
    const seven = await rig.post({ event: measurement({ eventId: 'x', source: 'x', objects: {} }) }, V5);
    const five = await rig.post({ event: event('heartbeat', 'x', undefined) });
    expect([seven.status, five.status]).toEqual([400, 400]);
    expect(variablesOf(seven.body)[2]).toBe('event/commonEventHeader/domain');
    expect(variablesOf(five.body)[2]).toMatch(/^event\/commonEventHeader\/(?:version|vesEventListenerVersion)$/);
  });

  test('any list of counters is stored once with the right values, or refused naming a field', async () => {
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.constantFrom('1e400', '', 'NaN', ' 7 ', 'up'),
    );
    const name = fc.constantFrom('RRU.PrbUsedDl', 'A.b', 'C', '');
    const lists = fc.array(fc.array(fc.record({ name, value }), { maxLength: 4 }), { maxLength: 3 });
    let number = 0;
    await fc.assert(
      fc.asyncProperty(lists, async (given) => {
        number += 1;
        const source = `five-any-${number}`;
        const additionalMeasurements = given.map((arrayOfFields, index) => ({ name: `o=${index}`, arrayOfFields }));
        const sent = { event: event('measurementsForVfScaling', source, scaling({ additionalMeasurements })) };
        const answers = [await rig.post(sent, V5), await rig.post(sent, V5)];
        const stored = (await lastOf(source)).map((sample) => sample.value).sort((a, b) => a - b);
        const numbers = given.map((fields) => {
          const read = fields.filter(({ value: text }) => /^\s*-?[\d.]+(e[+-]?\d+)?\s*$/i.test(text));
          return new Map(
            read.flatMap(({ name: key, value: text }) => {
              const found = Number(text) + 0;
              return Number.isFinite(found) ? [[key, found] as const] : [];
            }),
          );
        });
        if (answers[0]?.status === 202) {
          const expected = numbers.flatMap((map) => [...map.values()]).sort((a, b) => a - b);
          expect(stored).toEqual(expected);
          expect(answers[1]?.status).toBe(202);
        } else {
          expect(variablesOf(answers[0]?.body ?? '')[2]).toMatch(/^event\/measurementsForVfScalingFields\//);
          expect(stored).toEqual([]);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('versions', () => {
  const beat = () => event('heartbeat', 'versions', undefined);

  test('every reply names the version of its path, also a refusal', async () => {
    for (const body of [{ event: beat() }, '{']) {
      const { headers } = await rig.post(body, V5);
      expect(['x-minorversion', 'x-patchversion', 'x-latestversion'].map((name) => headers.get(name))).toEqual([
        '4',
        '1',
        '5.4.1',
      ]);
    }
  });

  test('a minor version that is spoken is taken, another is refused by its header', async () => {
    const taken = { 'x-minorversion': '4', 'x-patchversion': '1', 'x-latestversion': '7.2.1' };
    expect((await rig.post({ event: beat() }, { ...V5, headers: taken })).status).toBe(202);
    for (const [name, value] of [
      ['X-MinorVersion', '9'],
      ['X-PatchVersion', 'one'],
      ['X-LatestVersion', 'newest'],
    ] as const) {
      const answer = await rig.post({ event: beat() }, { ...V5, headers: { [name]: value } });
      expect([answer.status, ...variablesOf(answer.body).slice(0, 3)]).toEqual([400, 'SVC0002', 'header', name]);
    }
    const seven = measurement({ eventId: 'minor', source: 'minor', objects: {} });
    for (const minor of ['0', '1', '2'])
      expect((await rig.post({ event: seven }, { headers: { 'x-minorversion': minor } })).status).toBe(202);
    expect((await rig.post({ event: seven }, { headers: { 'x-minorversion': '3' } })).status).toBe(400);
  });

  test('events of every release of 7 are taken', async () => {
    for (const release of ['7.0', '7.0.1', '7.1', '7.1.1', '7.2', '7.2.1'] as const) {
      const made = measurement({ eventId: release, source: `seven-${release}`, objects: { a: { b: '1' } } });
      made.commonEventHeader.vesEventListenerVersion = release;
      expect((await rig.post({ event: made })).status).toBe(202);
    }
  });
});
