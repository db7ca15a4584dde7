import type { RefusedEvent } from '@ranloop/contracts/r1';
import type { VesEvent, VesRequestError } from '@ranloop/contracts/ves';
import { TEST_BASIC } from '@ranloop/kit/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRig, measurement, type Rig, T0 } from '../testing/rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
});
afterAll(() => rig.stop());

const BATCH = { path: '/eventListener/v7/eventBatch' };
const PRB = { 'NRCellDU=1': { 'RRU.PrbUsedDl': '5' } };

function exceptionOf(body: string) {
  const { requestError } = JSON.parse(body) as VesRequestError;
  const exception = requestError.serviceException ?? requestError.policyException;
  return { id: exception?.messageId, variables: exception?.variables ?? [] };
}

async function pointsOf(source: string, counter = 'RRU.PrbUsedDl') {
  const { series } = await rig.query({ counters: [counter], sources: [source], from: 0, to: T0 * 2 });
  return series.flatMap(({ points }) => points);
}

function heartbeat(eventId: string, source: string, time = T0): VesEvent {
  const { measurementFields, ...event } = measurement({ eventId, source, time, objects: {} });
  return { ...event, commonEventHeader: { ...event.commonEventHeader, domain: 'heartbeat' } };
}

function fault(source: string, change: { time: number; severity: 'CRITICAL' | 'NORMAL'; sequence: number }): VesEvent {
  const event = heartbeat('alarm-1', source, change.time);
  return {
    commonEventHeader: { ...event.commonEventHeader, domain: 'fault', sequence: change.sequence },
    faultFields: {
      faultFieldsVersion: '4.0',
      alarmCondition: 'cellDown',
      eventSeverity: change.severity,
      eventSourceType: 'other',
      specificProblem: 'cell down',
      vfStatus: 'Active',
    },
  };
}

async function documents(source: string) {
  const { rows } = await rig.database.pool.query<{ domain: string; body: VesEvent }>(
    'select domain, body from telemetry.events where source = $1 order by id',
    [source],
  );
  return rows;
}

describe('requests', () => {
  test('the version headers are on every reply, also on refusals', async () => {
    const bad = await rig.post('{');
    const gone = await rig.post({}, { path: '/eventListener/v6' });
    const verb = await rig.post('', { method: 'GET' });
    for (const { headers } of [bad, gone, verb])
      expect([headers.get('x-minorversion'), headers.get('x-patchversion'), headers.get('x-latestversion')]).toEqual([
        '2',
        '1',
        '7.2.1',
      ]);
    expect(gone.status).toBe(404);
    expect(exceptionOf(gone.body).variables[0]).toContain('v7');
  });

  test('verbs other than POST get 405', async () => {
    for (const path of ['/eventListener/v7', '/eventListener/v7/eventBatch', '/eventListener/v7/topic']) {
      const answer = await rig.post('', { method: 'GET', path });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('POST');
      expect((await rig.post({}, { method: 'PUT', path })).status).toBe(405);
    }
  });

  test('a topic may stand behind the version', async () => {
    const event = measurement({ eventId: 'topic', source: 'topic', objects: PRB });
    expect((await rig.post({ event }, { path: '/eventListener/v7/pm' })).status).toBe(202);
    expect(await pointsOf('topic')).toEqual([[T0, 5]]);
  });

  test('a body that is not JSON, not UTF-8, not application/json or not there is refused with the reason', async () => {
    const broken = await rig.post('{"event":');
    expect([broken.status, exceptionOf(broken.body).id]).toEqual([400, 'SVC0001']);
    const latin = await rig.post(new Uint8Array([0x7b, 0x22, 0xe9, 0x22, 0x3a, 0x31, 0x7d]));
    expect(exceptionOf(latin.body).variables).toEqual(['the body is not UTF-8']);
    const text = await rig.post('{}', { headers: { 'content-type': 'text/plain' } });
    expect([text.status, exceptionOf(text.body).id]).toEqual([415, 'SVC0001']);
    const empty = await rig.post('');
    expect(empty.status).toBe(400);
  });

  test('more than 2 MB is refused with POL9003', async () => {
    const event = measurement({ eventId: 'large', source: 'large', objects: { a: { b: 'x'.repeat(2_100_000) } } });
    const answer = await rig.post({ event });
    expect([answer.status, exceptionOf(answer.body).id]).toEqual([400, 'POL9003']);
  });

  test('an event on the batch path, and a batch on the event path, name the member that is missing', async () => {
    const event = measurement({ eventId: 'swap', source: 'swap', objects: PRB });
    const first = await rig.post({ event }, BATCH);
    expect([first.status, exceptionOf(first.body)]).toEqual([
      400,
      { id: 'SVC2006', variables: ['attribute', 'eventList'] },
    ]);
    const second = await rig.post({ eventList: [event] });
    expect(exceptionOf(second.body)).toEqual({ id: 'SVC2006', variables: ['attribute', 'event'] });
    expect(exceptionOf((await rig.post({ eventList: [] }, BATCH)).body).id).toBe('SVC2006');
  });

  test('deep nesting is refused, not a crash', async () => {
    const deep = `{"event":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect((await rig.post(deep)).status).toBe(400);
    const instance = '{"objectInstances":[{"jsonObject":'.repeat(20_000);
    const event = JSON.stringify(measurement({ eventId: 'deep', source: 'deep', objects: {} }));
    const nested = event.replace(
      '"measurementInterval"',
      `"additionalObjects":[${instance}1${'}]}'.repeat(20_000)}],$&`,
    );
    expect((await rig.post(`{"event":${nested}}`)).status).toBe(400);
  });
});

describe('authentication', () => {
  test('comes before the body is looked at, and before its size', async () => {
    const base = rig.guarded;
    for (const body of ['{', JSON.stringify({ event: {} }), 'x'.repeat(3_000_000)]) {
      const answer = await rig.post(body, { base }).catch(() => ({ status: 401, body: '' }));
      expect(answer.status).toBe(401);
      if (answer.body) expect(exceptionOf(answer.body).id).toBe('POL0001');
    }
    const wrong = `Basic ${Buffer.from('TESTKEY:wrong').toString('base64')}`;
    expect((await rig.post('{', { base, headers: { authorization: wrong } })).status).toBe(401);
  });

  test('with the right secret the event is stored', async () => {
    const event = measurement({ eventId: 'guarded', source: 'guarded', objects: PRB });
    const answer = await rig.post({ event }, { base: rig.guarded, headers: { authorization: TEST_BASIC } });
    expect(answer.status).toBe(202);
    expect(await pointsOf('guarded')).toEqual([[T0, 5]]);
  });

  test('the query API asks for credentials on every route', async () => {
    for (const route of ['sources', 'objects', 'counters', 'last', 'refused', 'stats', 'stream'])
      expect((await fetch(`${rig.r1}/r1/telemetry/v1/${route}`)).status).toBe(401);
  });
});

describe('fields', () => {
  test('each rule beyond the schema names the event and the field', async () => {
    const good = measurement({ eventId: 'field', source: 'field', objects: PRB });
    const header = good.commonEventHeader;
    const cases: readonly [change: object, id: string, field: string][] = [
      [{ commonEventHeader: { ...header, domain: 'fault' } }, 'SVC2006', 'event/faultFields'],
      [
        { heartbeatFields: { heartbeatFieldsVersion: '3.0', heartbeatInterval: 1 } },
        'SVC2004',
        'event/heartbeatFields',
      ],
      [
        { commonEventHeader: { ...header, lastEpochMicrosec: -1 } },
        'SVC2004',
        'event/commonEventHeader/lastEpochMicrosec',
      ],
      [
        { commonEventHeader: { ...header, lastEpochMicrosec: 1 } },
        'SVC2004',
        'event/commonEventHeader/lastEpochMicrosec',
      ],
      [
        { commonEventHeader: { ...header, lastEpochMicrosec: 9e15 } },
        'SVC2004',
        'event/commonEventHeader/lastEpochMicrosec',
      ],
      [{ commonEventHeader: { ...header, sourceName: '' } }, 'SVC2004', 'event/commonEventHeader/sourceName'],
      [{ commonEventHeader: { ...header, priority: 'Urgent' } }, 'SVC0002', 'event/commonEventHeader/priority'],
      [
        { measurementFields: { ...good.measurementFields, measurementInterval: -5 } },
        'SVC2004',
        'event/measurementFields/measurementInterval',
      ],
      [{ unknownBlock: {} }, 'SVC0002', 'event/unknownBlock'],
    ];
    for (const [change, id, field] of cases) {
      const answer = await rig.post({ event: { ...good, ...change } });
      const exception = exceptionOf(answer.body);
      expect([answer.status, exception.id, exception.variables[1]]).toEqual([400, id, field]);
      expect(exception.variables.at(-1)).toBe('eventId field');
    }
    expect(await pointsOf('field')).toEqual([]);
  });

  test('a NUL or half a surrogate pair, which cannot be stored, is refused by name', async () => {
    for (const text of ['\\u0000', '\\ud800']) {
      const event = JSON.stringify(measurement({ eventId: 'nul', source: 'nulX', objects: PRB })).replace('nulX', text);
      const { id, variables } = exceptionOf((await rig.post(`{"event":${event}}`)).body);
      expect([id, variables[1]]).toEqual(['SVC0002', 'event/commonEventHeader/reportingEntityName']);
    }
  });

  test('two values for one measurement in one event are refused, the same value twice is not', async () => {
    const twice = (first: string, second: string) =>
      measurement({
        eventId: `twice${second}`,
        source: 'twice',
        objects: { 'NRCellDU=1': { X: first }, 'ManagedElement=twice,NRCellDU=1': { X: second } },
      });
    const refused = exceptionOf((await rig.post({ event: twice('1', '2') })).body);
    expect([refused.id, refused.variables[1]]).toEqual([
      'SVC2004',
      'event/measurementFields/additionalMeasurements/1/hashMap/X',
    ]);
    expect((await rig.post({ event: twice('1', '1') })).status).toBe(202);
    expect(await pointsOf('twice', 'X')).toEqual([[T0, 1]]);
  });
});

describe('times', () => {
  test('seconds, milliseconds, microseconds and nanoseconds are told apart, and the unit is on record', async () => {
    // 2026-01-05T00:00:00Z is 1767571200 s.
    const epochs = {
      s: 1_767_571_200,
      ms: 1_767_571_200_000,
      us: 1_767_571_200_000_000,
      ns: 1_767_571_200_000_000_000,
    };
    for (const [unit, time] of Object.entries(epochs)) {
      const event = measurement({ eventId: unit, source: `unit-${unit}`, time, objects: PRB });
      expect((await rig.post({ event })).status).toBe(202);
      expect(await pointsOf(`unit-${unit}`)).toEqual([[T0, 5]]);
    }
    const { timeUnits } = await rig.get<{ timeUnits: { source: string; unit: string }[] }>('/stats');
    for (const unit of Object.keys(epochs)) expect(timeUnits).toContainEqual({ source: `unit-${unit}`, unit });
  });
});

describe('repetitions', () => {
  test('an event sent again is stored once, and answered 202 again', async () => {
    const event = heartbeat('beat', 'repeat');
    for (let time = 0; time < 3; time += 1) expect((await rig.post({ event })).status).toBe(202);
    const both = [event, measurement({ eventId: 'pm', source: 'repeat', objects: PRB })];
    expect((await rig.post({ eventList: [...both, ...both] }, BATCH)).status).toBe(202);
    expect(await documents('repeat')).toHaveLength(1);
    expect(await pointsOf('repeat')).toEqual([[T0, 5]]);
  });

  test('an eventId used for another time is refused by name, and what came with it is not stored', async () => {
    await rig.post({ event: measurement({ eventId: 'reused', source: 'reuse', objects: PRB }) });
    const other = measurement({ eventId: 'reused', source: 'reuse', time: T0 + 1e6, objects: PRB });
    const beside = measurement({ eventId: 'beside', source: 'reuse', time: T0 + 2e6, objects: PRB });
    const { id, variables } = exceptionOf((await rig.post({ eventList: [beside, other] }, BATCH)).body);
    expect([id, variables[1]]).toEqual(['SVC2004', 'eventList/1/commonEventHeader/eventId']);
    expect(await pointsOf('reuse')).toEqual([[T0, 5]]);
    expect((await rig.post({ event: beside })).status).toBe(202);
    expect((await pointsOf('reuse')).length).toBe(2);
  });

  test('the same eventId at two sources is two events', async () => {
    for (const source of ['one', 'two']) await rig.post({ event: heartbeat('shared', source) });
    expect([await documents('one'), await documents('two')].map(({ length }) => length)).toEqual([1, 1]);
  });

  test('raise and clear of a fault share their eventId and are both kept; a repeated raise is not', async () => {
    const raise = fault('alarms', { time: T0, severity: 'CRITICAL', sequence: 1 });
    const clear = fault('alarms', { time: T0 + 1e6, severity: 'NORMAL', sequence: 2 });
    for (const event of [raise, raise, clear]) expect((await rig.post({ event })).status).toBe(202);
    expect((await documents('alarms')).map(({ body }) => body.faultFields?.eventSeverity)).toEqual([
      'CRITICAL',
      'NORMAL',
    ]);
  });
});

describe('batches', () => {
  test('one bad event refuses the whole batch, and is named', async () => {
    const events = ['a', 'b', 'c'].map((eventId, index) =>
      measurement({ eventId, source: 'batch', time: T0 + index * 1e6, objects: PRB }),
    );
    const [first, second, third] = events;
    const bad = { ...second, commonEventHeader: { ...second?.commonEventHeader, sequence: 'one' } };
    const answer = await rig.post({ eventList: [first, bad, third] }, BATCH);
    expect([answer.status, exceptionOf(answer.body)]).toMatchObject([
      400,
      {
        id: 'SVC0002',
        variables: ['attribute', 'eventList/1/commonEventHeader/sequence', 'must be integer', 'eventId b'],
      },
    ]);
    expect(await pointsOf('batch')).toEqual([]);
    expect((await rig.post({ eventList: events }, BATCH)).status).toBe(202);
    expect(await pointsOf('batch')).toHaveLength(3);
  });
});

test('refused requests are listed with reason, source and body, the newest first', async () => {
  const event = measurement({ eventId: 'bad-1', source: 'refusals', objects: PRB });
  await rig.post({ event: { ...event, measurementFields: undefined } });
  const { refused } = await rig.get<{ refused: RefusedEvent[] }>('/refused?limit=1');
  expect(refused).toHaveLength(1);
  expect(refused[0]).toMatchObject({ source: 'refusals', domain: 'measurement', eventId: 'bad-1' });
  expect(refused[0]?.reason).toBe(
    'SVC2006: Mandatory input attribute event/measurementFields is missing from the request (eventId bad-1)',
  );
  expect(JSON.parse(refused[0]?.body ?? '')).toHaveProperty('event.commonEventHeader');
});

test('any event is stored exactly once with the right values, or refused naming a field', async () => {
  const text = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.constantFrom('0.000000', '1e400', '', 'NaN', '0x10', ' 7 ', '+3', 'up', '1,2'),
  );
  const counter = fc.constantFrom('RRU.PrbUsedDl', 'RRU.PrbUsedDl.01', 'PEE.AvgPower', 'Acme.x', '');
  const object = fc.constantFrom('NRCellDU=1', 'ManagedElement=p,NRCellDU=2', 'plain', '');
  const objects = fc.dictionary(object, fc.dictionary(counter, text, { maxKeys: 4 }), { maxKeys: 3 });
  const time = fc.oneof(fc.constant(T0), fc.double({ min: -1e18, max: 1e19, noNaN: true }));
  let number = 0;
  await fc.assert(
    fc.asyncProperty(objects, time, async (measured, at) => {
      number += 1;
      const source = `property-${number}`;
      const event = measurement({ eventId: 'p', source, time: at, objects: measured });
      const answer = await rig.post({ event });
      const { samples } = await rig.get<{ samples: { value: number }[] }>(`/last?source=${source}`);
      if (answer.status === 202) {
        // The independent reading: JSON numbers, allowing a sign, blanks around, and nothing that is not finite.
        const numeric = Object.values(measured)
          .flatMap((map) => Object.values(map))
          .filter((value) => /^\s*[+-]?[\d.]+(e[+-]?\d+)?\s*$/i.test(value) && Number.isFinite(Number(value)));
        const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
        expect(sorted(samples.map(({ value }) => value))).toEqual(sorted(numeric.map((value) => Number(value) + 0)));
      } else {
        expect(answer.status).toBe(400);
        expect(exceptionOf(answer.body).variables[1]).toMatch(/^event\//);
        expect(samples).toEqual([]);
      }
    }),
    { numRuns: 60 },
  );
});
