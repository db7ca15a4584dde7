import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '@ranloop/kit/config';
import { createHttpHost, type HttpHost } from '@ranloop/kit/http';
import { composeServices, named, type Service } from '@ranloop/kit/lifecycle';
import { silentLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { createTestAuthenticator, createTestDatabase, TEST_BASIC } from '@ranloop/kit/testing';
import { createTelemetry, telemetryConfig } from '@ranloop/non-rt-ric/telemetry';
import { createTelemetryClient } from '@ranloop/sdk/r1';
import { createVesClient, type VesClient } from '@ranloop/sdk/ves';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMap } from './map.ts';
import { locateMap, shippedMaps } from './maps.ts';
import { replay } from './replay.ts';

const CAPTURES = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));
const log = silentLog();

let folder: string;
let all: Service;
let ves: VesClient;
let hosts: { ves: HttpHost; r1: HttpHost };

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ranloop-replay-'));
  const metrics = createMetrics();
  const database = await createTestDatabase();
  const host = (name: string) =>
    createHttpHost({ name, host: '127.0.0.1', port: 0, bodyLimit: 2_097_152 }, { log, metrics });
  hosts = { ves: host('ves'), r1: host('r1') };
  const telemetry = createTelemetry(parseConfig(telemetryConfig, {}, 'telemetry'), {
    ves: [{ app: hosts.ves.app, open: true }],
    r1: hosts.r1.app,
    database,
    auth: await createTestAuthenticator(),
    log,
    metrics,
    stateFolder: folder,
  });
  const closing = { start: async () => undefined, stop: () => database.stop() };
  all = composeServices(
    [named('database', closing), named('telemetry', telemetry), named('ves', hosts.ves), named('r1', hosts.r1)],
    { log },
  );
  await all.start();
  ves = createVesClient({ url: hosts.ves.url });
});
afterAll(async () => {
  await all.stop();
  await rm(folder, { recursive: true, force: true });
});

const telemetry = () => createTelemetryClient({ baseUrl: hosts.r1.url, authorization: () => TEST_BASIC });

async function capture(name: string, text: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return file;
}

const HEADER =
  'Register,UE.Id,Latency,RRU.PrbTotDl,RRU.PrbTotUl,DRB.PdcpSduVolumeDL,DRB.PdcpSduVolumeUL,DRB.RlcSduDelayDl,DRB.UEThpDl,DRB.UEThpUl';

describe('a replayed capture', () => {
  test('arrives with its own times, units of TS 28.552, and under the names that its columns deserve', async () => {
    const file = await capture(
      'a.csv',
      `${HEADER}\n1,7,1742549397862580,87,6048,3,1185,3.89,0,1206.49\n2,7,1742549398862360,157,7605,8,1569,,0,x\n`,
    );
    const map = await readMap(locateMap('oai-kpm'));
    const result = await replay({ file, map: { ...map, source: 'test-a' }, ves });
    expect(result).toMatchObject({
      rows: 2,
      events: 2,
      first: 1742549397862580,
      last: 1742549398862360,
      refusedRows: 0,
    });
    const series = await telemetry().query({
      counters: ['DRB.UEThpUl', 'DRB.PdcpSduVolumeUL', 'OAI.PrbCountUl', 'OAI.RlcSduDelayDl', 'RRU.PrbTotUl'],
      sources: ['test-a'],
      from: 1742549390000000,
      to: 1742549400000000,
    });
    const points = Object.fromEntries(series.map((one) => [one.counter, one.points]));
    expect(points).toEqual({
      'DRB.UEThpUl': [[1742549397862580, 1206.49]],
      'DRB.PdcpSduVolumeUL': [
        [1742549397862580, 1.185],
        [1742549398862360, 1.569],
      ],
      'OAI.PrbCountUl': [
        [1742549397862580, 6048],
        [1742549398862360, 7605],
      ],
      'OAI.RlcSduDelayDl': [[1742549397862580, 3.89]],
    });
    expect(series[0]?.dn).toBe('ManagedElement=test-a,GNBDUFunction=1,NRCellDU=1,UE=7');
  });

  test('that is replayed twice is stored once', async () => {
    const file = await capture('b.csv', `${HEADER}\n1,1,1742549397862580,1,2,3,4,5,6,7\n`);
    const map = { ...(await readMap(locateMap('oai-kpm'))), source: 'test-b' };
    await replay({ file, map, ves });
    await replay({ file, map, ves });
    const query = { counters: ['DRB.UEThpUl'], sources: ['test-b'], from: 0, to: 1842549397862580 };
    expect((await telemetry().query(query)).flatMap(({ points }) => points)).toEqual([[1742549397862580, 7]]);
  });

  test('names the rows whose time cannot be read, and sends the others', async () => {
    const file = await capture('c.csv', `${HEADER}\n1,1,yesterday,1,2,3,4,5,6,7\n2,1,1742549398862360,1,2,3,4,5,6,7\n`);
    const map = { ...(await readMap(locateMap('oai-kpm'))), source: 'test-c' };
    const result = await replay({ file, map, ves });
    expect(result.rows).toBe(1);
    expect(result.refused).toEqual([{ line: 2, reason: 'column Latency: "yesterday" is not a time (epoch-us)' }]);
  });

  test('whose columns are not those of the map is refused with the names of both', async () => {
    const file = await capture('d.csv', 'time,value\n1,2\n');
    const map = await readMap(locateMap('oai-kpm'));
    await expect(replay({ file, map, ves })).rejects.toThrow(/no column Latency, .*its columns are time, value/);
  });

  test('keeps to the speed that was asked for: ten recorded seconds take at least a tenth of a second at 100', async () => {
    const rows = [0, 10].map((second) => `1,1,${1742549390000000 + second * 1_000_000},1,2,3,4,5,6,7`);
    const file = await capture('e.csv', `${HEADER}\n${rows.join('\n')}\n`);
    const map = { ...(await readMap(locateMap('oai-kpm'))), source: 'test-e' };
    const began = performance.now();
    await replay({ file, map, ves, speed: 100 });
    expect(performance.now() - began).toBeGreaterThanOrEqual(99);
  });
});

test('a map with a wrong field is refused by the name of the field', async () => {
  const file = await capture('map.json', '{"description":"x","time":{"column":"t","format":"epoch"}}');
  await expect(readMap(file)).rejects.toMatchObject({ code: 'RL_CONFIG', message: expect.stringContaining('/') });
});

/** Rows counted with `wc -l`; the counter is one that every row has. */
const PUBLIC = [
  { map: 'oai-kpm', file: 'oai-kpm/kpm_metrics.csv', rows: 1138, counter: 'OAI.PrbCountUl', objects: 1 },
  { map: 'ric-app-qp', file: 'ric-app-qp/cells.csv', rows: 5000, counter: 'RRU.PrbAvailDl', objects: 39 },
  { map: 'ric-app-ad', file: 'ric-app-ad/ue_12345.csv', rows: 2792, counter: 'RF.serving.RSRP', objects: 1 },
];

test('there is a map for each of them', () =>
  expect(shippedMaps().sort()).toEqual(PUBLIC.map(({ map }) => map).sort()));

for (const { map: name, file, rows, counter, objects } of PUBLIC) {
  const full = path.join(CAPTURES, file);
  test.skipIf(!existsSync(full))(`${file} arrives whole (left out where ../shared is absent)`, async () => {
    const map = await readMap(locateMap(name));
    const result = await replay({ file: full, map: { ...map, source: `public-${map.source}` }, ves });
    expect(result).toMatchObject({ rows, refusedRows: 0 });
    const query = { counters: [counter], from: result.first, to: result.last + 1 };
    const series = (await telemetry().query(query)).filter(({ source }) => source.startsWith('public-'));
    expect(series.length).toBe(objects);
    expect(series.reduce((sum, { points }) => sum + points.length, 0)).toBe(rows);
  });
}
