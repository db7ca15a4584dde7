import { parseConfig } from '@ranloop/kit/config';
import { silentLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { TEST_BASIC } from '@ranloop/kit/testing';
import { Kafka, logLevel } from 'kafkajs';
import Type from 'typebox';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRig, measurement, type Rig, T0 } from '../testing/rig.ts';
import { kafkaConfig } from './config.ts';
import { createLagMeter } from './lag.ts';
import { decodeEvent } from './message.ts';
import { createTestKafka, type TestKafka } from './testing/broker.ts';
import { kafkaJars } from './testing/jars.ts';

const jars = await kafkaJars();
const why = 'missing' in jars ? `: skipped, ${jars.missing}` : '';
const SECOND = 1_000_000;
const CELL = 'ManagedElement=gnb,GNBDUFunction=1,NRCellDU=1';

/** The event `index` of a source: its value is the index, its time so many seconds after T0. */
const event = (index: number, source = 'gnb-1') =>
  measurement({
    eventId: `${source}-${index}`,
    source,
    time: T0 + index * SECOND,
    objects: { [CELL]: { 'RRU.PrbUsedDl': String(index) } },
  });

const eventually = <T>(check: () => Promise<T>) => vi.waitFor(check, { timeout: 90_000, interval: 100 });

describe.skipIf('missing' in jars)(`the Kafka bus, on a real broker${why}`, { timeout: 400_000 }, () => {
  let broker: TestKafka;
  let prefix = '';
  let rigs: Rig[] = [];
  let tests = 0;

  beforeAll(async () => {
    broker = await createTestKafka('classPath' in jars ? jars.classPath : '');
    await broker.start();
  }, 240_000);
  afterAll(() => broker?.stop());
  beforeEach(() => {
    tests += 1;
    prefix = `t${tests}`;
  });
  afterEach(async () => {
    // The first one made the database.
    for (const rig of rigs.reverse()) await rig.stop();
    rigs = [];
  });

  async function rig(
    role: 'collector' | 'writer' | 'both',
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<Rig> {
    const kafka = {
      brokers: [broker.address],
      role,
      prefix,
      group: `${prefix}-writers`,
      partitions: 4,
      sessionMs: 6_000,
      ...more,
    };
    const made = await createRig({ kafka }, rigs[0]?.database.url);
    rigs.push(made);
    return made;
  }

  const client = () => new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING });

  async function accepted(collector: Rig, body: unknown): Promise<void> {
    await eventually(async () => expect((await collector.post(body)).status).toBe(202));
  }

  /** Values that are stored, each as often as it is. */
  async function stored({ database }: Rig): Promise<number[]> {
    const { rows } = await database.pool.query<{ value: number }>('select value from telemetry.points order by value');
    return rows.map(({ value }) => Number(value));
  }

  const events = async ({ database }: Rig, where = 'true') =>
    (await database.pool.query<{ count: number }>(`select count(*) from telemetry.events where ${where}`)).rows[0]
      ?.count;

  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

  test('what a collector accepts, a writer stores: samples, documents and lines', async () => {
    const collector = await rig('collector');
    await rig('writer');
    await accepted(collector, { event: event(1) });
    const fault = structuredClone(event(2)) as unknown as Record<string, unknown> & {
      commonEventHeader: { domain: string };
    };
    delete fault['measurementFields'];
    fault.commonEventHeader.domain = 'fault';
    fault['faultFields'] = {
      faultFieldsVersion: '4.0',
      alarmCondition: 'link down',
      eventSeverity: 'MAJOR',
      eventSourceType: 'other',
      specificProblem: 'cut',
      vfStatus: 'Active',
    };
    await accepted(collector, { event: fault });
    const lines = await fetch(`${collector.r1}/write?precision=s`, {
      method: 'POST',
      headers: { authorization: TEST_BASIC },
      body: 'cpu,host=h used=3 1767571200',
    });
    expect(lines.status).toBe(204);
    await eventually(async () => {
      expect(await stored(collector)).toEqual([1, 3]);
      expect(await events(collector, `body->'faultFields'->>'alarmCondition' = 'link down'`)).toBe(1);
    });
  });

  test('an event stands on the topic of its domain under the key of its source, readable by others', async () => {
    const collector = await rig('collector');
    await accepted(collector, { event: event(7, 'gnb-ä') });
    const consumer = client().consumer({ groupId: `${prefix}-other` });
    const read = new Promise<{ key: string; text: string }>((resolve, reject) => {
      const begin = async () => {
        await consumer.connect();
        await consumer.subscribe({ topics: [`${prefix}.measurement`], fromBeginning: true });
        await consumer.run({
          eachMessage: async ({ message }) => resolve({ key: String(message.key), text: String(message.value) }),
        });
      };
      begin().catch(reject);
    });
    const { key, text } = await read;
    await consumer.disconnect();
    expect(key).toBe('gnb-ä');
    expect(JSON.parse(text)).toEqual({
      format: 'ranloop.telemetry.event/1',
      source: 'gnb-ä',
      eventId: 'gnb-ä-7',
      domain: 'measurement',
      time: T0 + 7 * SECOND,
      timeUnit: 'us',
      identity: expect.stringMatching(/^[0-9a-f]{32}$/),
      objects: [
        {
          dn: CELL,
          time: T0 + 7 * SECOND,
          granularity: 60,
          values: [{ counter: 'RRU.PrbUsedDl', value: 7, unit: expect.any(String) }],
        },
      ],
    });
    expect(decodeEvent(Buffer.from(text)).points[0]?.value).toBe(7);
  });

  test('a broker that is away at the start is 503, and waited for', async () => {
    await broker.kill();
    const both = await rig('both');
    const answer = await both.post({ event: event(1) });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    await broker.start();
    await accepted(both, { event: event(1) });
    await eventually(async () => expect(await stored(both)).toEqual([1]));
  });

  test('the broker killed under load: what was acknowledged is stored, once, and in order of its source', async () => {
    const collector = await rig('collector');
    await rig('writer');
    await accepted(collector, { event: event(0) });
    const owed = new Set([0]);
    let refused = 0;
    let index = 0;
    let loading = true;
    const load = async () => {
      while (loading) {
        index += 1;
        const mine = index;
        // Until it is taken, as an event source does; what was answered 503 may be on the bus already.
        while (loading) {
          const { status } = await collector.post({ event: event(mine) });
          if (status === 202) {
            owed.add(mine);
            break;
          }
          expect(status).toBe(503);
          refused += 1;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    };
    const loads = Promise.all(numbers(8).map(load));
    for (let kills = 0; kills < 2; kills += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await broker.kill();
      await new Promise((resolve) => setTimeout(resolve, 500));
      await broker.start();
      const before = owed.size;
      await eventually(async () => expect(owed.size).toBeGreaterThan(before + 50));
    }
    loading = false;
    await loads;
    expect(refused).toBeGreaterThan(0);
    await eventually(async () => {
      const values = await stored(collector);
      const present = new Set(values);
      expect([...owed].filter((one) => !present.has(one))).toEqual([]);
      expect(values.length).toBe(present.size);
    });
  });

  test('a writer that died between the commits of store and offset stores nothing twice', async () => {
    const collector = await rig('collector');
    await rig('writer');
    for (const index of numbers(20)) await accepted(collector, { event: event(index, `gnb-${index % 5}`) });
    await eventually(async () => expect(await stored(collector)).toHaveLength(20));
    await rigs.pop()?.stop();
    // As after such a death: all stored, no offset committed.
    const admin = client().admin();
    await admin.connect();
    const of = { groupId: `${prefix}-writers`, topic: `${prefix}.measurement` };
    await admin.setOffsets({ ...of, partitions: numbers(4).map((partition) => ({ partition, offset: '0' })) });
    await rig('writer');
    await eventually(async () => {
      const [found] = await admin.fetchOffsets({ groupId: of.groupId, topics: [of.topic] });
      const ends = await admin.fetchTopicOffsets(of.topic);
      const places = (list: readonly { partition: number; offset: string }[] = []) =>
        list.map(({ partition, offset }) => `${partition}:${Math.max(0, Number(offset))}`).sort();
      expect(places(found?.partitions)).toEqual(places(ends));
    });
    await admin.disconnect();
    expect(await stored(collector)).toEqual(numbers(20));
  });

  test('events of one source come to the store in the order of their acceptance', async () => {
    const collector = await rig('collector');
    for (const index of numbers(60)) await accepted(collector, { event: event(index, `gnb-${index % 3}`) });
    const orders = new Map<string, number[]>();
    const consumer = client().consumer({ groupId: `${prefix}-order` });
    await consumer.connect();
    await consumer.subscribe({ topics: [`${prefix}.measurement`], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        const { source, points } = decodeEvent(message.value);
        // What was answered 503 and sent again may stand there twice; the first one is stored.
        orders.set(source, [...new Set([...(orders.get(source) ?? []), points[0]?.value ?? -1])]);
      },
    });
    await eventually(async () => expect([...orders.values()].flat()).toHaveLength(60));
    await consumer.disconnect();
    for (const [source, order] of orders)
      expect(order).toEqual(numbers(60).filter((index) => `gnb-${index % 3}` === source));
  });

  test('what cannot be stored is refused with its place, and what stands behind it is stored', async () => {
    const both = await rig('both', { partitions: 1 });
    await accepted(both, { event: event(1) });
    const producer = client().producer();
    await producer.connect();
    const good = {
      format: 'ranloop.telemetry.event/1',
      source: 's',
      eventId: 'e',
      domain: 'other',
      time: 1,
      objects: [],
    };
    const identity = '0123456789abcdef0123456789abcdef';
    const bad = [
      'no JSON',
      JSON.stringify({ ...good, identity: 'x' }),
      JSON.stringify({ ...good, format: 'ranloop.telemetry.event/9', identity }),
      JSON.stringify({ ...good, identity, event: { text: 'NUL \u0000' } }),
    ];
    const topic = `${prefix}.measurement`;
    await producer.send({ topic, messages: [...bad.map((value) => ({ key: 's', value })), { key: 's', value: null }] });
    await producer.disconnect();
    // The eventId of an earlier event with another time.
    const again = structuredClone(event(1)) as unknown as { commonEventHeader: { lastEpochMicrosec: number } };
    again.commonEventHeader.lastEpochMicrosec += SECOND;
    await accepted(both, { event: again });
    await accepted(both, { event: event(2) });
    await eventually(async () => expect(await stored(both)).toEqual([1, 2]));
    const refused = await both.get<{ refused?: { reason: string }[] } | { reason: string }[]>('/refused');
    const list = Array.isArray(refused) ? refused : (refused.refused ?? []);
    const reasons = list.map(({ reason }) => reason).reverse();
    expect(reasons).toHaveLength(6);
    expect(reasons[0]).toBe(`the message is not JSON (Kafka ${topic}/0 at offset 1)`);
    expect(reasons[1]).toMatch(/\/identity/);
    expect(reasons[2]).toMatch(/\/format/);
    expect(reasons.join('\n')).toMatch(/the message is empty .*offset 5/);
    expect(reasons.join('\n')).toMatch(/SVC2004.*eventId.*offset 6/);
  });

  test('two writers share the partitions, and one that leaves hands its own over', async () => {
    const collector = await rig('collector');
    await rig('writer');
    await rig('writer');
    await accepted(collector, { event: event(0) });
    const admin = client().admin();
    await admin.connect();
    await eventually(async () => {
      const { groups } = await admin.describeGroups([`${prefix}-writers`]);
      expect(groups[0]?.members).toHaveLength(2);
      expect(groups[0]?.state).toBe('Stable');
    });
    const send = async (from: number) => {
      for (const index of numbers(40)) await accepted(collector, { event: event(from + index, `gnb-${index % 10}`) });
    };
    await send(1);
    await rigs.pop()?.stop();
    await send(41);
    await eventually(async () => expect(await stored(collector)).toEqual(numbers(81)));
    await admin.disconnect();
  });

  test('an event too large for the bus is refused with both sizes, and alone', async () => {
    const both = await rig('both', { mostMessageBytes: 65_536 });
    await accepted(both, { event: event(1) });
    const hashMap = Object.fromEntries(numbers(3_000).map((index) => [`X.counter${index}`, '1']));
    const large = measurement({ eventId: 'large', objects: { [CELL]: hashMap } });
    const answer = await both.post({ event: large });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatch(/makes \d+ bytes on the Kafka bus, which takes 65536/);
    await accepted(both, { event: event(2) });
    await eventually(async () => expect(await stored(both)).toEqual([1, 2]));
  });

  test('the lag is what no writer stored yet', async () => {
    const collector = await rig('collector');
    for (const index of numbers(5)) await accepted(collector, { event: event(index) });
    const metrics = createMetrics();
    const given = { brokers: [broker.address], prefix, group: `${prefix}-writers` };
    const config = parseConfig(Type.Object(kafkaConfig.properties), given, 'kafka');
    const meter = createLagMeter(config, metrics, silentLog());
    await meter.start();
    const lag = () => metrics.total('kafka_consumer_lag', { topic: `${prefix}.measurement` });
    await eventually(async () => expect(await lag()).toBeGreaterThanOrEqual(5));
    await rig('writer');
    await eventually(async () => expect(await lag()).toBe(0));
    await meter.stop();
  });
});
