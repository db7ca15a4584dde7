import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ORAN_SLICE_SLA_TARGET, type PolicyStatusObject, RANLOOP_SLICE_SLA_TARGET } from '@ranloop/contracts/a1';
import type { NodebState, NodeInfo, RicMessages, XappInfo } from '@ranloop/contracts/ric';
import { createBus } from '@ranloop/kit/bus';
import { parseConfig } from '@ranloop/kit/config';
import { createHttpHost } from '@ranloop/kit/http';
import { silentLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { createTestAuthenticator, createTestDatabase, TEST_BASIC } from '@ranloop/kit/testing';
import { a1Config, createA1 } from '@ranloop/near-rt-ric/a1';
import { createE2Termination, e2Config } from '@ranloop/near-rt-ric/e2';
import { createXapps, xappsConfig } from '@ranloop/near-rt-ric/xapps';
import { createE2Node, e2NodeConfig } from '@ranloop/ran/e2-node';
import { createPlant, parseScenario } from '@ranloop/ran/radio';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

/** The Near-RT RIC and a node over real sockets: A1-P in, E2 control out, status by what the RAN acknowledged. */

const EMBB = '01000001';
const URLLC = '02000001';
const MIOT = '03000001';
const SLICES = [
  { snssai: EMBB, name: 'eMBB' },
  { snssai: URLLC, name: 'URLLC' },
  { snssai: MIOT, name: 'mIoT' },
] as const;
const PLMN = { mcc: '001', mnc: '01' };

type Plant = Parameters<typeof createE2Node>[1]['plant'];
type PeriodReport = Parameters<ReturnType<typeof createE2Node>['report']>[0];
type Ratios = ReturnType<Plant['ratios']>;

/** Two cells that keep the ratios they are given, and nothing else. */
function fakePlant(): Plant & { applied: { cell: number; ratios: Ratios }[] } {
  const start = SLICES.map(({ snssai }) => ({ snssai, ratio: { min: 0, max: 100, dedicated: 0 } }));
  const now = new Map<number, Ratios>();
  const applied: { cell: number; ratios: Ratios }[] = [];
  return {
    applied,
    slices: SLICES,
    cells: [0, 1].map((index) => ({
      index,
      managedElement: 'gnb-1',
      dn: `ManagedElement=gnb-1,GNBDUFunction=1,NRCellDU=${index + 1}`,
      ncI: 16 + index,
      prbs: 273,
    })),
    ratios: (cell) => now.get(cell) ?? start,
    setRatios(cell, ratios) {
      now.set(cell, ratios);
      applied.push({ cell, ratios });
    },
  };
}

async function createRig() {
  const log = silentLog();
  const metrics = createMetrics();
  const faults: unknown[] = [];
  const bus = createBus<RicMessages>((type, error) => faults.push([type, error]));
  const auth = await createTestAuthenticator();
  const plant = fakePlant();

  const ric = (e2Port: number) => {
    const a1Host = createHttpHost({ name: 'a1', host: '127.0.0.1', port: 0 }, { log, metrics });
    const mgmt = createHttpHost({ name: 'mgmt', host: '127.0.0.1', port: 0 }, { log, metrics });
    const e2 = createE2Termination(parseConfig(e2Config, { port: e2Port, controlTimeoutMs: 500 }, 'e2'), {
      http: mgmt.app,
      auth,
      bus,
      log,
      metrics,
    });
    const xapps = createXapps(parseConfig(xappsConfig, { retryMs: 50 }, 'xapps'), {
      http: mgmt.app,
      auth,
      bus,
      log,
      metrics,
    });
    const a1 = createA1(parseConfig(a1Config, { notifyRetryMs: [10, 20] }, 'a1'), {
      http: a1Host.app,
      mgmt: { http: mgmt.app, auth },
      database,
      bus,
      log,
      metrics,
    });
    return {
      e2,
      xapps,
      a1,
      a1Host,
      mgmt,
      async start() {
        for (const service of [e2, xapps, a1, mgmt, a1Host]) await service.start();
      },
      async stop() {
        for (const service of [a1Host, mgmt, a1, xapps, e2]) await service.stop();
      },
    };
  };
  let current = ric(0);
  await current.start();
  const e2Port = current.e2.port;
  const node = (of: Plant) =>
    createE2Node(parseConfig(e2NodeConfig, { port: e2Port, reconnectMs: { least: 20, most: 100 } }, 'e2-node'), {
      plant: of,
      log,
      metrics,
    });
  const running: ReturnType<typeof node>[] = [];

  return {
    plant,
    faults,
    bus,
    get ric() {
      return current;
    },
    async restartRic() {
      await current.stop();
      current = ric(e2Port);
      await current.start();
    },
    async startNode(of: Plant = plant) {
      const made = node(of);
      running.push(made);
      await made.start();
      await made.connected();
      return made;
    },
    async put(id: string, body: unknown, options: { type?: string; notify?: string } = {}) {
      const query = options.notify ? `?notificationDestination=${encodeURIComponent(options.notify)}` : '';
      const url = `${current.a1Host.url}/A1-P/v2/policytypes/${options.type ?? RANLOOP_SLICE_SLA_TARGET}/policies/${id}${query}`;
      return fetch(url, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    },
    async status(id: string, type: string = RANLOOP_SLICE_SLA_TARGET): Promise<PolicyStatusObject> {
      await current.xapps.settled();
      await current.a1.settled();
      return (
        await fetch(`${current.a1Host.url}/A1-P/v2/policytypes/${type}/policies/${id}/status`)
      ).json() as Promise<PolicyStatusObject>;
    },
    remove: (id: string) =>
      fetch(`${current.a1Host.url}/A1-P/v2/policytypes/${RANLOOP_SLICE_SLA_TARGET}/policies/${id}`, {
        method: 'DELETE',
      }),
    async manage<T = unknown>(path: string): Promise<T> {
      return (
        await fetch(`${current.mgmt.url}${path}`, { headers: { authorization: TEST_BASIC } })
      ).json() as Promise<T>;
    },
    async stop() {
      for (const made of running) await made.stop();
      await current.stop();
      await database.pool.query('delete from near_rt_a1.policy');
    },
  };
}

let database: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.stop());

let rig: Awaited<ReturnType<typeof createRig>>;
const servers: Server[] = [];
beforeEach(async () => {
  rig = await createRig();
});
afterEach(async () => {
  await rig.stop();
  for (const server of servers.splice(0)) server.close();
  expect(rig.faults).toEqual([]);
});

function policy(sst: number, ratios: [min: number, max: number, dedicated: number], ncI = 16) {
  const [minPrbRatio, maxPrbRatio, dedicatedPrbRatio] = ratios;
  return {
    scope: { sliceId: { sst, sd: '000001', plmnId: PLMN }, cellId: { plmnId: PLMN, cId: { ncI } } },
    sliceSlaObjectives: { guaDlThptPerSlice: 1_000 },
    sliceSlaResources: { minPrbRatio, maxPrbRatio, dedicatedPrbRatio },
  };
}
const ratio = (snssai: string, min: number, max: number, dedicated: number) => ({
  snssai,
  ratio: { min, max, dedicated },
});
const by = (a: { snssai: string }, b: { snssai: string }) => (a.snssai < b.snssai ? -1 : 1);
const ratiosOf = (cell: number) => [...rig.plant.ratios(cell)].sort(by);
const UNMET = (enforceReason: string) => ({ enforceStatus: 'NOT_ENFORCED', enforceReason });
const until = async (condition: () => boolean | Promise<boolean>) => {
  for (let i = 0; i < 500 && !(await condition()); i++) await new Promise((resolve) => setTimeout(resolve, 10));
};

test('a policy reaches the scheduler and is ENFORCED by the acknowledgement of the RAN', async () => {
  await rig.startNode();
  const response = await rig.put('p1', policy(2, [30, 80, 10]));
  expect(response.status).toBe(201);
  expect(response.headers.get('location')).toBe(`/A1-P/v2/policytypes/${RANLOOP_SLICE_SLA_TARGET}/policies/p1`);
  expect(await rig.status('p1')).toEqual({ enforceStatus: 'ENFORCED' });
  expect(ratiosOf(0)).toEqual([ratio(EMBB, 0, 100, 0), ratio(URLLC, 30, 80, 10), ratio(MIOT, 0, 100, 0)]);
  expect(rig.plant.applied.map(({ cell }) => cell)).toEqual([0]);
});

test('policies of one cell that arrive together become one control', async () => {
  await rig.startNode();
  await Promise.all([
    rig.put('e', policy(1, [40, 90, 0])),
    rig.put('u', policy(2, [30, 80, 10])),
    rig.put('m', policy(3, [10, 50, 0])),
  ]);
  for (const id of ['e', 'u', 'm']) expect(await rig.status(id)).toEqual({ enforceStatus: 'ENFORCED' });
  expect(ratiosOf(0)).toEqual([ratio(EMBB, 40, 90, 0), ratio(URLLC, 30, 80, 10), ratio(MIOT, 10, 50, 0)]);
  expect(rig.plant.applied.length).toBeLessThanOrEqual(3);
});

test('a policy for a cell that no connected node has is NOT_ENFORCED for its scope', async () => {
  await rig.startNode();
  await rig.put('p1', policy(2, [30, 80, 10], 999));
  expect(await rig.status('p1')).toEqual(UNMET('SCOPE_NOT_APPLICABLE'));
  await rig.put('p2', policy(7, [30, 80, 10]));
  expect(await rig.status('p2')).toEqual(UNMET('SCOPE_NOT_APPLICABLE'));
});

test('minima over 100 percent are granted by priority, and the policy that does not fit says so', async () => {
  await rig.startNode();
  await rig.put('e', policy(1, [70, 90, 0]));
  expect(await rig.status('e')).toEqual({ enforceStatus: 'ENFORCED' });
  await rig.put('u', policy(2, [40, 80, 10]));
  expect(await rig.status('u')).toEqual({ enforceStatus: 'ENFORCED' });
  expect(await rig.status('e')).toEqual(UNMET('STATEMENT_NOT_APPLICABLE'));
  expect(ratiosOf(0)).toEqual([ratio(EMBB, 0, 100, 0), ratio(URLLC, 40, 80, 10), ratio(MIOT, 0, 100, 0)]);
});

test('a node that is lost leaves its policies NOT_ENFORCED, and enforces them again when it returns', async () => {
  const node = await rig.startNode();
  await rig.put('p1', policy(2, [30, 80, 10]));
  expect(await rig.status('p1')).toEqual({ enforceStatus: 'ENFORCED' });
  await node.stop();
  await until(async () => (await rig.status('p1')).enforceStatus === 'NOT_ENFORCED');
  expect(await rig.status('p1')).toEqual(UNMET('OTHER_REASON'));
  expect((await rig.manage<NodebState[]>('/v1/nodeb/states'))[0]?.connectionStatus).toBe('DISCONNECTED');
  const before = rig.plant.applied.length;
  await rig.startNode();
  await until(async () => (await rig.status('p1')).enforceStatus === 'ENFORCED');
  expect(await rig.status('p1')).toEqual({ enforceStatus: 'ENFORCED' });
  expect(rig.plant.applied.length).toBe(before + 1);
});

test('a deleted policy gives its slice back', async () => {
  await rig.startNode();
  await rig.put('p1', policy(2, [30, 80, 10]));
  await rig.status('p1');
  expect((await rig.remove('p1')).status).toBe(204);
  await rig.ric.xapps.settled();
  expect(ratiosOf(0)).toEqual([ratio(EMBB, 0, 100, 0), ratio(URLLC, 0, 100, 0), ratio(MIOT, 0, 100, 0)]);
});

test('policies outlive the RIC and are enforced again by the next one', async () => {
  const node = await rig.startNode();
  await rig.put('p1', policy(2, [30, 80, 10]));
  await rig.status('p1');
  await rig.restartRic();
  await node.connected();
  await until(async () => (await rig.status('p1')).enforceStatus === 'ENFORCED');
  expect(await rig.status('p1')).toEqual({ enforceStatus: 'ENFORCED' });
  expect(rig.plant.applied.length).toBe(2);
});

test('a status notification reaches its destination after the first tries fail', async () => {
  const bodies: unknown[] = [];
  let calls = 0;
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      calls++;
      if (calls < 3) return response.writeHead(503).end();
      bodies.push(JSON.parse(text));
      response.writeHead(204).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const notify = `http://127.0.0.1:${(server.address() as AddressInfo).port}/status`;
  await rig.startNode();
  await rig.put('p1', policy(2, [30, 80, 10]), { notify });
  await until(() => bodies.length > 0);
  expect(bodies.at(-1)).toEqual({ enforceStatus: 'ENFORCED' });
});

test('a guaranteed rate becomes PRB ratios by what KPM says a PRB carries', async () => {
  const node = await rig.startNode();
  const body = {
    scope: { sliceId: { sst: 1, sd: '000001', plmnId: PLMN } },
    sliceSlaObjectives: { guaDlThptPerSlice: 81_900 },
    sliceSlaResources: { cellIdList: [{ plmnId: PLMN, cId: { ncI: 16 } }] },
  };
  const type = ORAN_SLICE_SLA_TARGET;
  await rig.put('rate', body, { type });
  expect(await rig.status('rate', type)).toEqual(UNMET('OTHER_REASON'));
  await until(async () => (await rig.manage<XappInfo[]>('/ric/v1/xapps'))[0]?.counts['subscribedCells'] === 2);
  await node.report(measured(rig.plant));
  await until(async () => (await rig.status('rate', type)).enforceStatus === 'ENFORCED');
  // 6,000 Mbit in 60 s on 100 PRB: 1,000 kbit/s each. 81,900 of the cell's 273,000 kbit/s are 30 percent.
  expect(ratiosOf(0)[0]).toEqual(ratio(EMBB, 30, 100, 0));

  await rig.put('rate', { ...body, sliceSlaObjectives: { guaDlThptPerSlice: 300_000 } }, { type });
  expect(await rig.status('rate', type)).toEqual(UNMET('STATEMENT_NOT_APPLICABLE'));
  await rig.put('rate', { ...body, sliceSlaObjectives: { maxNumberOfUes: 3 } }, { type });
  expect(await rig.status('rate', type)).toEqual(UNMET('STATEMENT_NOT_APPLICABLE'));
});

function measured(plant: Plant): PeriodReport {
  return {
    start: 0,
    end: 60,
    cells: plant.cells.map((cell) => ({
      cell,
      counters: { 'RRU.PrbTotDl': 40 },
      slices: plant.slices.map((slice) => ({
        slice,
        counters: { 'RRU.PrbUsedDl': 100, 'DRB.PdcpSduVolumeDL': 6_000, 'DRB.UEThpDl': 20_000, 'RRC.ConnMean': 12 },
      })),
    })),
  };
}

test('on the simulated RAN a policy is in force from the next period on, and its KPM reports arrive', async () => {
  const plant = createPlant(parseScenario({ cells: 2 }));
  const node = await rig.startNode(plant);
  const cell = plant.cells[1];
  if (!cell) throw new Error('no cell');
  await rig.put('p1', policy(2, [30, 80, 10], cell.ncI));
  expect(await rig.status('p1')).toEqual({ enforceStatus: 'ENFORCED' });
  const urllc = (which: 'wanted' | 'in-force') =>
    plant.ratios(cell.index, which).find(({ snssai }) => snssai === URLLC)?.ratio;
  expect([urllc('wanted'), urllc('in-force')]).toEqual([
    { min: 30, max: 80, dedicated: 10 },
    { min: 0, max: 100, dedicated: 0 },
  ]);
  const count = async (name: string) => (await rig.manage<XappInfo[]>('/ric/v1/xapps'))[0]?.counts[name];
  await until(async () => (await count('subscribedCells')) === 2);
  await node.report(plant.advancePeriod());
  plant.advancePeriod();
  expect(urllc('in-force')).toEqual({ min: 30, max: 80, dedicated: 10 });
  await until(async () => (await count('indications')) === 2);
  expect(await count('indications')).toBe(2);
});

test('management shows nodes, subscriptions, xApps and policies, and asks who is there', async () => {
  await rig.startNode();
  await rig.put('p1', policy(2, [30, 80, 10]));
  await rig.status('p1');
  expect((await fetch(`${rig.ric.mgmt.url}/v1/nodeb/states`)).status).toBe(401);
  expect((await fetch(`${rig.ric.mgmt.url}/v1/policies`)).status).toBe(401);
  expect((await fetch(`${rig.ric.mgmt.url}/ric/v1/xapps`)).status).toBe(401);
  expect(await rig.manage('/v1/nodeb/states')).toEqual([
    {
      inventoryName: 'gnbd_001_001_000001_0',
      globalNbId: { plmnId: '00101', nbId: '000001' },
      connectionStatus: 'CONNECTED',
    },
  ]);
  const node = await rig.manage<NodeInfo>('/v1/nodeb/gnbd_001_001_000001_0');
  expect(node).toMatchObject({ managedElement: 'gnb-1', controls: 1, nodeType: 'GNB' });
  expect(node.gnb.servedNrCells.map((cell) => cell.ncI)).toEqual([16, 17]);
  expect(node.gnb.ranFunctions.map((item) => item.ranFunctionId)).toEqual([2, 3]);
  expect(await rig.manage('/ric/v1/subscriptions')).toMatchObject([
    { Meid: 'gnbd_001_001_000001_0', ClientEndpoint: ['slice-prb'], RANFunctionID: 2, actions: 2 },
  ]);
  expect((await rig.manage<XappInfo[]>('/ric/v1/xapps'))[0]).toMatchObject({
    name: 'slice-prb',
    status: 'deployed',
    counts: { policies: 1, connectedCells: 2, controls: 1, acknowledged: 1 },
  });
  const overview = await rig.manage('/v1/policies');
  expect(overview).toMatchObject({ total: 1, policies: [{ policyId: 'p1', status: { enforceStatus: 'ENFORCED' } }] });
});
