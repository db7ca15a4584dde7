import { createTestDatabase } from '@ranloop/kit/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createTestKafka, type TestKafka } from '../packages/non-rt-ric/src/telemetry/kafka/testing/broker.ts';
import { kafkaJars } from '../packages/non-rt-ric/src/telemetry/kafka/testing/jars.ts';
import { type Installation, remove, startInstallation, temporaryFolder } from './support/installation.ts';

const jars = await kafkaJars();
const why = 'missing' in jars ? ` (skipped: ${jars.missing})` : '';
const T0 = Date.UTC(2026, 0, 5) * 1_000;
const EVENTS = 1_500;
const KILLS = 2;

const event = (index: number) => ({
  event: {
    commonEventHeader: {
      domain: 'measurement',
      eventId: `event-${index}`,
      eventName: 'Measurement_Test-Test_Kafka',
      sourceName: `gnb-${index % 20}`,
      reportingEntityName: 'test',
      startEpochMicrosec: T0 + index * 1_000_000,
      lastEpochMicrosec: T0 + (index + 1) * 1_000_000,
      priority: 'Normal',
      sequence: 0,
      version: '4.1',
      vesEventListenerVersion: '7.2.1',
    },
    measurementFields: {
      measurementFieldsVersion: '4.0',
      measurementInterval: 1,
      additionalMeasurements: [
        { name: 'ManagedElement=gnb,GNBDUFunction=1,NRCellDU=1', hashMap: { 'RRU.PrbUsedDl': String(index) } },
      ],
    },
  },
});

describe.skipIf('missing' in jars)(`collector and writer as processes of their own, on a real Kafka${why}`, () => {
  let broker: TestKafka;
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  const folders: string[] = [];
  const running = new Set<Installation>();

  beforeAll(async () => {
    broker = await createTestKafka('classPath' in jars ? jars.classPath : '');
    await broker.start();
    database = await createTestDatabase();
    folders.push(await temporaryFolder(), await temporaryFolder());
  }, 180_000);
  afterAll(async () => {
    for (const one of running) await one.kill();
    await broker?.stop();
    await database?.stop();
    for (const folder of folders) await remove(folder);
  });

  async function start(role: string, folder = ''): Promise<Installation> {
    const bus = ['--kafka', broker.address, '--kafka-role', role];
    const made = await startInstallation(folder, ['--no-demo', '--database-url', database.url, ...bus]);
    running.add(made);
    return made;
  }

  test('a writer killed under load, again and again: each acknowledged event is stored once', async () => {
    const collector = await start('collector', folders[0]);
    let next = 0;
    const load = async () => {
      for (let index = next++; index < EVENTS; index = next++) {
        const send = () =>
          fetch(`${collector.run.urls.ves}/eventListener/v7`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(event(index)),
          });
        while ((await send()).status !== 202) await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    const loads = Promise.all(Array.from({ length: 4 }, load));
    const count = async () => {
      const { rows } = await database.pool.query<{ all: number; different: number }>(
        'select count(*) as all, count(distinct value) as different from telemetry.points',
      );
      return { all: Number(rows[0]?.all), different: Number(rows[0]?.different) };
    };
    for (let kills = 0; kills < KILLS; kills += 1) {
      const { all: before } = await count();
      const writer = await start('writer', folders[1]);
      await vi.waitFor(async () => expect((await count()).all).toBeGreaterThan(before), {
        timeout: 60_000,
        interval: 5,
      });
      await writer.kill();
      running.delete(writer);
    }
    await loads;
    await start('writer', folders[1]);
    await vi.waitFor(async () => expect(await count()).toEqual({ all: EVENTS, different: EVENTS }), {
      timeout: 90_000,
      interval: 200,
    });
  });
});
