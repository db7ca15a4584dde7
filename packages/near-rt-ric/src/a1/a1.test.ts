import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ORAN_SLICE_SLA_TARGET, RANLOOP_SLICE_SLA_TARGET } from '@ranloop/contracts/a1';
import type { ProblemDetails } from '@ranloop/contracts/errors';
import type { RicMessages } from '@ranloop/contracts/ric';
import { createBus } from '@ranloop/kit/bus';
import { parseConfig } from '@ranloop/kit/config';
import { createHttpHost } from '@ranloop/kit/http';
import { silentLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { createTestDatabase } from '@ranloop/kit/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { a1Config, createA1 } from './index.ts';

const log = silentLog();
const metrics = createMetrics();
const POLICIES = `/A1-P/v2/policytypes/${RANLOOP_SLICE_SLA_TARGET}/policies`;
const plmnId = { mcc: '001', mnc: '01' };

function policy(ncI = 16, sst = 2) {
  return {
    scope: { sliceId: { sst, sd: '000001', plmnId }, cellId: { plmnId, cId: { ncI } } },
    sliceSlaObjectives: { guaDlThptPerSlice: 1_000 },
    sliceSlaResources: { minPrbRatio: 30.5, maxPrbRatio: 80, dedicatedPrbRatio: 10 },
  };
}

async function createRig() {
  const faults: unknown[] = [];
  const bus = createBus<RicMessages>((_type, error) => faults.push(error));
  const requests: RicMessages['A1_POLICY_REQ'][] = [];
  bus.on('A1_POLICY_REQ', (message) => requests.push(message));
  const make = async (config: object = {}) => {
    const host = createHttpHost({ name: 'a1', host: '127.0.0.1', port: 0 }, { log, metrics });
    const a1 = createA1(parseConfig(a1Config, { notifyRetryMs: [1], ...config }, 'a1'), {
      http: host.app,
      database,
      bus,
      log,
      metrics,
    });
    await a1.start();
    await host.start();
    return { a1, host };
  };
  let now = await make();
  return {
    bus,
    requests,
    get url() {
      return now.host.url;
    },
    settled: () => now.a1.settled(),
    async restart(config: object = {}) {
      await now.host.stop();
      await now.a1.stop();
      now = await make(config);
    },
    call: async <T>(method: string, path: string, body?: unknown, type = 'application/json') => {
      const response = await fetch(now.host.url + path, {
        method,
        ...(body === undefined
          ? {}
          : { body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': type } }),
      });
      const text = await response.text();
      return {
        status: response.status,
        type: response.headers.get('content-type') ?? '',
        location: response.headers.get('location'),
        body: (text ? JSON.parse(text) : undefined) as T,
      };
    },
    answer(id: string, status: RicMessages['A1_POLICY_RESP']['status'], revision = requests.at(-1)?.revision ?? 0) {
      bus.send('A1_POLICY_RESP', {
        policy_type_id: RANLOOP_SLICE_SLA_TARGET,
        policy_instance_id: id,
        revision,
        handler_id: 'test',
        status,
        detail: '',
      });
    },
    async stop() {
      await now.host.stop();
      await now.a1.stop();
      await database.pool.query('delete from near_rt_a1.policy');
      expect(faults).toEqual([]);
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
});
async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const until = async (condition: () => boolean) => {
  for (let i = 0; i < 400 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
};

test('a policy lives by the book: 201 with its place, 200 when it changes, 204 when it goes, 404 after that', async () => {
  expect((await rig.call('GET', '/A1-P/v2/policytypes')).body).toEqual([
    ORAN_SLICE_SLA_TARGET,
    RANLOOP_SLICE_SLA_TARGET,
  ]);
  const created = await rig.call('PUT', `${POLICIES}/p 1`, policy());
  expect(created).toMatchObject({ status: 201, location: `${POLICIES}/p%201`, body: policy() });
  expect(await rig.call('PUT', `${POLICIES}/p 1`, policy(17))).toMatchObject({ status: 200, body: policy(17) });
  expect((await rig.call('GET', POLICIES)).body).toEqual(['p 1']);
  expect((await rig.call('GET', `${POLICIES}/p 1`)).body).toEqual(policy(17));
  expect((await rig.call('GET', `${POLICIES}/p 1/status`)).body).toEqual({
    enforceStatus: 'NOT_ENFORCED',
    enforceReason: 'OTHER_REASON',
  });
  expect((await rig.call('DELETE', `${POLICIES}/p 1`, '')).status).toBe(204);
  for (const path of ['', '/status']) expect((await rig.call('GET', `${POLICIES}/p 1${path}`)).status).toBe(404);
  expect((await rig.call('DELETE', `${POLICIES}/p 1`)).status).toBe(404);
  expect(rig.requests.map(({ operation }) => operation)).toEqual(['CREATE', 'UPDATE', 'DELETE']);
});

test('an unknown type is 404 everywhere, as problem details', async () => {
  for (const path of ['', '/policies', '/policies/p', '/policies/p/status']) {
    const { status, type } = await rig.call('GET', `/A1-P/v2/policytypes/Other_1.0.0${path}`);
    expect([status, type]).toEqual([404, 'application/problem+json; charset=utf-8']);
  }
  expect((await rig.call('PUT', '/A1-P/v2/policytypes/Other_1.0.0/policies/p', policy())).status).toBe(404);
});

test('the schema of a type is the one that policies are checked by', async () => {
  const { body } = await rig.call<{ policySchema: { properties: object }; statusSchema: object }>(
    'GET',
    `/A1-P/v2/policytypes/${RANLOOP_SLICE_SLA_TARGET}`,
  );
  expect(Object.keys(body.policySchema.properties)).toEqual(['scope', 'sliceSlaObjectives', 'sliceSlaResources']);
  expect(body.statusSchema).toMatchObject({ properties: { enforceStatus: {} } });
});

test('a refusal names each field', async () => {
  const bad = { ...policy(), sliceSlaObjectives: {}, more: 1 };
  const refused = await rig.call<ProblemDetails>('PUT', `${POLICIES}/p`, bad);
  expect([refused.status, refused.type]).toEqual([400, 'application/problem+json; charset=utf-8']);
  expect(refused.body.fields?.map(({ path }) => path).sort()).toEqual(['/more', '/sliceSlaObjectives']);
  const path = async (body: unknown) =>
    (await rig.call<ProblemDetails>('PUT', `${POLICIES}/p`, body)).body.fields?.map((field) => field.path);
  const ratios = (minPrbRatio: number, maxPrbRatio: number, dedicatedPrbRatio: number) => ({
    ...policy(),
    sliceSlaResources: { minPrbRatio, maxPrbRatio, dedicatedPrbRatio },
  });
  expect(await path(ratios(50, 40, 0))).toEqual(['/sliceSlaResources/minPrbRatio']);
  expect(await path(ratios(50, 60, 51))).toEqual(['/sliceSlaResources/dedicatedPrbRatio']);
  expect(await path(ratios(101, 101, 0))).toEqual(['/sliceSlaResources/minPrbRatio', '/sliceSlaResources/maxPrbRatio']);
  expect(await path({ ...policy(), scope: {} })).toEqual(['/scope/sliceId', '/scope/cellId']);
  expect((await rig.call('PUT', `${POLICIES}/p`, [])).status).toBe(400);
  expect((await rig.call('PUT', `${POLICIES}/p`, '{"a":')).status).toBe(400);
  expect((await rig.call('PUT', `${POLICIES}/p`, 'x', 'text/plain')).status).toBe(415);
  expect((await rig.call('PUT', `${POLICIES}/p`)).status).toBe(400);
  expect((await rig.call('PUT', `${POLICIES}/p`, '')).status).toBe(400);
  expect((await rig.call('PUT', `${POLICIES}/${'p'.repeat(257)}`, policy())).status).toBeGreaterThanOrEqual(400);
  expect(rig.requests).toEqual([]);
});

test('only http and https callbacks are taken', async () => {
  for (const target of ['file:///etc/passwd', 'ftp://x/', 'x', 'http://user:secret@host/']) {
    const { status, body } = await rig.call<ProblemDetails>(
      'PUT',
      `${POLICIES}/p?notificationDestination=${encodeURIComponent(target)}`,
      policy(),
    );
    expect([status, body.fields?.[0]?.path]).toEqual([400, '/notificationDestination']);
  }
  expect((await rig.call('PUT', `${POLICIES}/p?other=1`, policy())).status).toBe(400);
});

test('a second policy for the same scope, and an id that is taken under another type, conflict', async () => {
  await rig.call('PUT', `${POLICIES}/p1`, policy());
  const twin = policy();
  twin.scope.sliceId.sd = '000001';
  const { sst, sd } = twin.scope.sliceId;
  // The same scope with its members in another order.
  const again = { ...twin, scope: { cellId: twin.scope.cellId, sliceId: { plmnId, sd, sst } } };
  expect((await rig.call('PUT', `${POLICIES}/p2`, again)).status).toBe(409);
  expect((await rig.call('PUT', `${POLICIES}/p2`, policy(17))).status).toBe(201);
  expect((await rig.call('PUT', `${POLICIES}/p2`, policy(16))).status).toBe(409);
  const oran = { scope: { sliceId: policy().scope.sliceId }, sliceSlaObjectives: { guaDlThptPerSlice: 5 } };
  expect((await rig.call('PUT', `/A1-P/v2/policytypes/${ORAN_SLICE_SLA_TARGET}/policies/p1`, oran)).status).toBe(409);
  expect((await rig.call('DELETE', `${POLICIES}/p1`)).status).toBe(204);
  expect((await rig.call('PUT', `${POLICIES}/p3`, again)).status).toBe(201);
});

test('the status is the newest answer about the newest content', async () => {
  await rig.call('PUT', `${POLICIES}/p`, policy());
  const first = rig.requests.at(-1)?.revision ?? 0;
  rig.answer('p', { enforceStatus: 'ENFORCED' });
  await rig.settled();
  const status = async () => (await rig.call('GET', `${POLICIES}/p/status`)).body;
  expect(await status()).toEqual({ enforceStatus: 'ENFORCED' });
  await rig.call('PUT', `${POLICIES}/p`, policy(17));
  expect(await status()).toEqual({ enforceStatus: 'NOT_ENFORCED', enforceReason: 'OTHER_REASON' });
  rig.answer('p', { enforceStatus: 'ENFORCED' }, first);
  await rig.settled();
  expect(await status()).toEqual({ enforceStatus: 'NOT_ENFORCED', enforceReason: 'OTHER_REASON' });
  rig.answer('p', { enforceStatus: 'NOT_ENFORCED', enforceReason: 'SCOPE_NOT_APPLICABLE' });
  await rig.settled();
  expect(await status()).toEqual({ enforceStatus: 'NOT_ENFORCED', enforceReason: 'SCOPE_NOT_APPLICABLE' });
});

test('a policy that is made again under its old id does not take the answer to the old one', async () => {
  await rig.call('PUT', `${POLICIES}/p`, policy());
  const old = rig.requests.at(-1)?.revision ?? 0;
  await rig.call('DELETE', `${POLICIES}/p`);
  await rig.call('PUT', `${POLICIES}/p`, policy(17));
  rig.answer('p', { enforceStatus: 'ENFORCED' }, old);
  await rig.settled();
  expect((await rig.call('GET', `${POLICIES}/p/status`)).body).toMatchObject({ enforceStatus: 'NOT_ENFORCED' });
});

test('policies and their status outlive a restart, and are handed to the xApps again', async () => {
  await rig.call('PUT', `${POLICIES}/p`, policy());
  rig.answer('p', { enforceStatus: 'ENFORCED' });
  await rig.settled();
  const before = rig.requests.length;
  await rig.restart();
  expect(rig.requests.slice(before)).toEqual([
    expect.objectContaining({ operation: 'CREATE', policy_instance_id: 'p', payload: policy() }),
  ]);
  expect((await rig.call('GET', `${POLICIES}/p/status`)).body).toEqual({ enforceStatus: 'ENFORCED' });
  rig.bus.send('A1_POLICY_QUERY', { policy_type_id: RANLOOP_SLICE_SLA_TARGET });
  await until(() => rig.requests.length === before + 2);
  expect(rig.requests.at(-1)).toMatchObject({ operation: 'CREATE', policy_instance_id: 'p' });
});

test('twenty requests for one policy at once leave the xApps with what the store has', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, i) => rig.call('PUT', `${POLICIES}/p`, policy(i))));
  const stored = (await rig.call('GET', `${POLICIES}/p`)).body;
  const revisions = rig.requests.map(({ revision }) => revision);
  expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
  expect(rig.requests.at(-1)?.payload).toEqual(stored);
});

test('a full store answers 507 and takes the next policy after one is gone', async () => {
  await rig.restart({ maxPolicies: 1 });
  await rig.call('PUT', `${POLICIES}/p1`, policy());
  expect(await rig.call('PUT', `${POLICIES}/p2`, policy(17))).toMatchObject({ status: 507, body: { status: 507 } });
  expect((await rig.call('PUT', `${POLICIES}/p1`, policy(18))).status).toBe(200);
  await rig.call('DELETE', `${POLICIES}/p1`);
  expect((await rig.call('PUT', `${POLICIES}/p2`, policy(17))).status).toBe(201);
});

test('the forecast job is put at the Non-RT RIC, put again when it is lost, and its results reach the bus', async () => {
  const jobs = new Map<string, { jobResultUri: string; eiTypeId: string; jobOwner: string }>();
  let puts = 0;
  const base = await listen(
    createServer((request, response) => {
      const id = request.url?.split('/').at(-1) ?? '';
      if (request.method === 'GET') {
        const job = jobs.get(id);
        return response.writeHead(job ? 200 : 404).end(JSON.stringify(job ?? {}));
      }
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        puts++;
        jobs.set(id, JSON.parse(text));
        response.writeHead(201).end();
      });
    }),
  );
  await rig.restart({ ricId: 'ric-7', eiBaseUrl: `${base}/`, eiCheckMs: 50 });
  await until(() => jobs.size > 0);
  const job = jobs.get('ric-7-demand-forecast');
  expect(job).toMatchObject({ eiTypeId: 'Ranloop_DemandForecast_1.0.0', jobOwner: 'ric-7' });
  expect(job?.jobResultUri.startsWith(rig.url)).toBe(true);

  const delivered: RicMessages['A1_EI_DATA_DELIVERY'][] = [];
  rig.bus.on('A1_EI_DATA_DELIVERY', (message) => delivered.push(message));
  const path = job?.jobResultUri.slice(rig.url.length) ?? '';
  expect((await rig.call('POST', path, { results: [{ p50: 1 }, { p50: 2 }] })).status).toBe(204);
  expect((await rig.call('POST', path, [{ p50: 3 }])).status).toBe(204);
  expect((await rig.call('POST', path, { p50: 4 })).status).toBe(204);
  expect(delivered.map(({ results }) => results)).toEqual([[{ p50: 1 }, { p50: 2 }], [{ p50: 3 }], [{ p50: 4 }]]);
  expect((await rig.call('POST', path, ['x'])).status).toBe(400);
  expect((await rig.call('POST', `${path}x`, {})).status).toBe(404);

  jobs.clear();
  await until(() => jobs.size > 0);
  expect(puts).toBe(2);
});
