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
import { afterEach, beforeEach, expect, test } from 'vitest';

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
  const database = await createTestDatabase();
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
  const node = () =>
    createE2Node(parseConfig(e2NodeConfig, { port: e2Port, reconnectMs: { least: 20, most: 100 } }, 'e2-node'), {
      plant,
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
    async startNode() {
      const made = node();
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
      await database.stop();
    },
  };
}

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

test('bench', async () => {
  await rig.startNode();
  const lat: number[] = [];
  for (let round = 0; round < 100; round++) {
    const t = performance.now();
    await Promise.all(
      [0, 1].flatMap((c) =>
        [1, 2, 3].map((sst) => rig.put(`p-${c}-${sst}`, policy(sst, [10 + ((round + sst + c) % 20), 80, 5], 16 + c))),
      ),
    );
    await rig.ric.xapps.settled();
    await rig.ric.a1.settled();
    lat.push(performance.now() - t);
  }
  lat.sort((a, b) => a - b);
  console.log(
    '6 policies over 2 cells to ENFORCED: p50',
    lat[50],
    'p95',
    lat[95],
    'controls',
    rig.plant.applied.length,
  );
  const l2: number[] = [];
  for (let round = 0; round < 200; round++) {
    const t = performance.now();
    await rig.put('p-0-1', policy(1, [10 + (round % 20), 80, 5], 16));
    await rig.ric.xapps.settled();
    l2.push(performance.now() - t);
  }
  l2.sort((a, b) => a - b);
  console.log('1 policy to ack: p50', l2[100], 'p95', l2[190]);
  const ratio0 = rig.plant.ratios(0);
  void [ORAN_SLICE_SLA_TARGET, ratio, by, ratiosOf, UNMET, until, ratio0];
});
