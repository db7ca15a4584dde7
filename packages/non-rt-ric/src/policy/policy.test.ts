import { EI_DEMAND_FORECAST } from '@ranloop/contracts/a1';
import type { PolicyHistory, RicInfo } from '@ranloop/contracts/r1';
import type { Authenticator } from '@ranloop/kit/auth';
import { createHttpHost } from '@ranloop/kit/http';
import { silentLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import type { Database } from '@ranloop/kit/postgres';
import { createTestAuthenticator, createTestDatabase, TEST_BASIC } from '@ranloop/kit/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPolicy } from './index.ts';
import { type FakeRic, startFakeRic } from './testing/fake-ric.ts';

const TYPE = 'Example_1.0.0';
const V1 = '/a1-policy-management/v1';
let database: Database;
let auth: Authenticator;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  auth = await createTestAuthenticator();
});
afterAll(() => database.stop());
afterEach(async () => {
  for (let work = cleanups.pop(); work; work = cleanups.pop()) await work();
  await database.pool.query('truncate policy.policies, policy.events, policy.services, policy.ei_jobs');
});

interface Answer {
  status: number;
  body: unknown;
  headers: Headers;
}

/** The room on a port of its own, with the RICs given. */
async function startRoom(rics: readonly FakeRic[], more: Record<string, unknown> = {}) {
  const parts = { log: silentLog(), metrics: createMetrics() };
  const config = {
    rics: rics.map((ric, at) => ({
      ricId: `ric${at + 1}`,
      baseUrl: `${ric.url}/`,
      managedElementIds: [`gnb-${at + 1}`],
    })),
    supervisionSeconds: 0.1,
    requestTimeoutSeconds: 1,
    delivery: { attempts: 3, firstDelaySeconds: 0.02 },
    ...more,
  };
  // The room must be told its callback address before it starts, so a free port is found first.
  const probe = createHttpHost({ name: 'probe', host: '127.0.0.1', port: 0 }, parts);
  await probe.start();
  const port = Number(new URL(probe.url).port);
  await probe.stop();
  const real = createHttpHost({ name: 'r1', host: '127.0.0.1', port }, parts);
  const policy = createPolicy(
    { ...config, callbackBaseUrl: `http://127.0.0.1:${port}` },
    { r1: real.app, database, auth, ...parts },
  );
  await policy.start();
  await real.start();
  const stop = async () => {
    await policy.stop();
    await real.stop();
  };
  cleanups.push(stop);
  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${real.url}${path}`, {
      method,
      headers: { authorization: TEST_BASIC, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text), headers: response.headers };
  };
  const state = async (ricId = 'ric1') => ((await call('GET', `${V1}/rics/${ricId}`)).body as RicInfo).state;
  return { url: real.url, call, state, stop };
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 250; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`did not come about: ${what}`);
}

const request = (policyId: string, value = 1, more: object = {}) => ({
  nearRtRicId: 'ric1',
  policyTypeId: TYPE,
  policyId,
  policyObject: { value },
  ...more,
});

let ric: FakeRic;
beforeEach(async () => {
  ric = await startFakeRic({ [TYPE]: { policySchema: SCHEMA } });
  cleanups.push(() => ric.stop());
});

const SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: { value: { type: 'number', minimum: 0 } },
  required: ['value'],
  additionalProperties: false,
};

async function room(more: Record<string, unknown> = {}) {
  const started = await startRoom([ric], more);
  await until('the RIC is available', async () => (await started.state()) === 'AVAILABLE');
  return started;
}
const kinds = ({ body }: Answer) => (body as PolicyHistory).events.map(({ kind }) => kind);

describe('policies', () => {
  test('live from creation to deletion at the RIC and in the history', async () => {
    const { call } = await room();
    const created = await call('POST', `${V1}/policies`, request('p1', 1, { serviceId: 's' }));
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(`${V1}/policies/p1`);
    expect(created.body).toEqual(request('p1', 1, { serviceId: 's' }));
    expect(ric.policies.get('p1')?.body).toEqual({ value: 1 });

    await ric.report('p1', { enforceStatus: 'ENFORCED' });
    expect((await call('PUT', `${V1}/policies/p1`, { value: 2 })).status).toBe(200);
    expect(ric.policies.get('p1')?.body).toEqual({ value: 2 });
    expect((await call('GET', `${V1}/policies/p1`)).body).toEqual({ value: 2 });
    expect((await call('GET', `${V1}/policies?serviceId=s`)).body).toEqual([{ policyId: 'p1', nearRtRicId: 'ric1' }]);
    expect((await call('DELETE', `${V1}/policies/p1`)).status).toBe(204);
    expect(ric.policies.size).toBe(0);
    expect((await call('GET', `${V1}/policies/p1`)).status).toBe(404);

    const history = await call('GET', `${V1}/policies/p1/history`);
    expect(history.body).toMatchObject({ policyId: 'p1', nearRtRicId: 'ric1', policyTypeId: TYPE, serviceId: 's' });
    expect(kinds(history)).toEqual(['CREATED', 'STATUS', 'UPDATED', 'DELETED']);
    const events = (history.body as PolicyHistory).events;
    expect(events.map(({ httpStatus }) => httpStatus)).toEqual([201, undefined, 200, 204]);
    expect(events[2]?.policyObject).toEqual({ value: 2 });
  });

  test('get an id when none is given, and may come again after they were deleted', async () => {
    const { call } = await room();
    const { policyId: _none, ...anonymous } = request('x');
    const made = (await call('POST', `${V1}/policies`, anonymous)).body as { policyId: string };
    expect(ric.policies.has(made.policyId)).toBe(true);
    await call('DELETE', `${V1}/policies/${made.policyId}`);
    expect((await call('POST', `${V1}/policies`, request(made.policyId))).status).toBe(201);
    expect((await call('POST', `${V1}/policies`, request(made.policyId))).status).toBe(409);
  });

  test('are refused with the field that is wrong, before they reach the RIC', async () => {
    const { call } = await room();
    const bad = await call('POST', `${V1}/policies`, request('p1', -1));
    expect(bad.status).toBe(400);
    expect(bad.headers.get('content-type')).toContain('application/problem+json');
    expect(bad.body).toMatchObject({ code: 'RL_INVALID', fields: [{ path: '/policyObject/value' }] });
    const extra = await call('POST', `${V1}/policies`, { ...request('p1'), colour: 'red' });
    expect(extra.body).toMatchObject({ status: 400, fields: [{ path: '/colour', problem: 'is not a known field' }] });
    const type = await call('POST', `${V1}/policies`, request('p1', 1, { policyTypeId: 'Other_1.0.0' }));
    expect(type.body).toMatchObject({ status: 400, fields: [{ path: '/policyTypeId' }] });
    expect((await call('POST', `${V1}/policies`, request('p1', 1, { nearRtRicId: 'ric9' }))).status).toBe(404);
    expect((await call('PUT', `${V1}/policies/none`, { value: 1 })).status).toBe(404);
    expect((await call('GET', `${V1}/policies?colour=red`)).body).toMatchObject({ fields: [{ path: '/colour' }] });
    expect(ric.policies.size).toBe(0);
  });

  test('need credentials', async () => {
    const { url } = await room();
    expect((await fetch(`${url}${V1}/policies`)).status).toBe(401);
  });

  test('that the RIC refuses are told in its own words, also when it says nothing', async () => {
    const { call } = await room();
    ric.answerNext({
      status: 400,
      body: { title: 'Bad Request', detail: 'no such slice', fields: [{ path: '/scope', problem: 'unknown' }] },
    });
    const refused = await call('POST', `${V1}/policies`, request('p1'));
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({
      detail: expect.stringContaining('no such slice'),
      fields: [{ path: '/scope' }],
    });
    ric.answerNext({ status: 400 });
    expect((await call('POST', `${V1}/policies`, request('p1'))).status).toBe(400);
    ric.answerNext({ status: 507 });
    expect((await call('POST', `${V1}/policies`, request('p1'))).status).toBe(502);
    expect((await call('POST', `${V1}/policies`, request('p1'))).status).toBe(201);
    expect(kinds(await call('GET', `${V1}/policies/p1/history`))).toEqual(['FAILED', 'FAILED', 'FAILED', 'CREATED']);
  });
});

describe('the status of a policy', () => {
  test('is waited for, and the answer comes with the report', async () => {
    const { call } = await room();
    await call('POST', `${V1}/policies`, request('p1'));
    const waiting = call('GET', `${V1}/policies/p1/status?waitSeconds=10`);
    const before = performance.now();
    await ric.report('p1', { enforceStatus: 'ENFORCED' });
    expect((await waiting).body).toMatchObject({ enforceStatus: 'ENFORCED', status: { enforceStatus: 'ENFORCED' } });
    expect(performance.now() - before).toBeLessThan(900);
  });

  test('is read from reports that are written badly', async () => {
    const { call } = await room();
    await call('POST', `${V1}/policies`, request('p1'));
    const at = ric.policies.get('p1')?.callback ?? '';
    const send = (body: string, headers: Record<string, string> = {}) =>
      fetch(at, { method: 'POST', body: new TextEncoder().encode(body), headers }).then(({ status }) => status);
    const status = async () => (await call('GET', `${V1}/policies/p1/status`)).body;

    expect(await send('{"enforceStatus":"NOT ENFORCED","enforceReason":"SCOPE_NOT_APPLICABLE"}')).toBe(204);
    expect(await status()).toMatchObject({ enforceStatus: 'NOT_ENFORCED', enforceReason: 'SCOPE_NOT_APPLICABLE' });
    const twice = JSON.stringify(JSON.stringify({ enforceStatus: 'ENFORCED' }));
    expect(await send(twice, { 'content-type': 'application/json' })).toBe(204);
    expect(await status()).toMatchObject({ enforceStatus: 'ENFORCED' });
    expect(await send('{"enforceStatus":"PERHAPS"}')).toBe(400);
    expect(await send('not json')).toBe(400);
    expect((await fetch(`${at}x`, { method: 'POST', body: '{"enforceStatus":"ENFORCED"}' })).status).toBe(404);
    expect(await status()).toMatchObject({ enforceStatus: 'ENFORCED' });
  });

  test('is pending after a change until the RIC reports again, and asked for when the RIC does not call back', async () => {
    const { call } = await room({ supervisionSeconds: 60 });
    await call('POST', `${V1}/policies`, request('p1'));
    await ric.report('p1', { enforceStatus: 'ENFORCED' });
    await call('PUT', `${V1}/policies/p1`, { value: 5 });
    const pending = await call('GET', `${V1}/policies/p1/status?waitSeconds=0.2`);
    expect(pending.body).toMatchObject({ enforceStatus: 'NOT_ENFORCED', enforceReason: 'OTHER_REASON' });
    ric.setStatus('p1', { enforceStatus: 'ENFORCED' });
    expect((await call('GET', `${V1}/policies/p1/status?waitSeconds=5`)).body).toMatchObject({
      enforceStatus: 'ENFORCED',
    });
    expect((await call('GET', `${V1}/policies/p1/status?waitSeconds=forever`)).status).toBe(400);
  });

  test('that a quick RIC reports before it has answered the request is not lost', async () => {
    const { call } = await room();
    ric.reportWithin({ enforceStatus: 'ENFORCED' });
    await call('POST', `${V1}/policies`, request('p1'));
    expect((await call('GET', `${V1}/policies/p1/status`)).body).toMatchObject({ enforceStatus: 'ENFORCED' });
    expect(kinds(await call('GET', `${V1}/policies/p1/history`))).toEqual(['CREATED', 'STATUS']);
  });
});

describe('supervision', () => {
  test('brings everything back to a RIC that restarted empty, even what it refuses at first', async () => {
    const { call } = await room();
    for (const id of ['p1', 'p2', 'p3']) await call('POST', `${V1}/policies`, request(id, 7));
    await call('POST', `${V1}/policies`, request('t1', 7, { transient: true }));
    ric.refuse('p2');
    ric.policies.clear();
    await until('p1 and p3 are back', () => ric.policies.has('p1') && ric.policies.has('p3'));
    expect(ric.policies.get('p1')?.body).toEqual({ value: 7 });
    await until('the refusal is told', async () =>
      kinds(await call('GET', `${V1}/policies/p2/history`)).includes('FAILED'),
    );
    expect((await call('GET', `${V1}/policies/p2`)).status).toBe(200);
    await until('t1 has ended', async () => (await call('GET', `${V1}/policies/t1`)).status === 404);
    ric.refuse(undefined);
    await until('p2 is back', () => ric.policies.has('p2'));
    expect(kinds(await call('GET', `${V1}/policies/p2/history`))).toEqual(['CREATED', 'FAILED', 'UPDATED']);
  });

  test('mends content that changed at the RIC and takes off what was not made here', async () => {
    const { call } = await room();
    await call('POST', `${V1}/policies`, request('p1', 7));
    const there = ric.policies.get('p1');
    if (there) there.body = { value: 8 };
    ric.policies.set('stranger', { typeId: TYPE, body: { value: 1 }, callback: '' });
    await until('p1 is mended', () => JSON.stringify(ric.policies.get('p1')?.body) === '{"value":7}');
    await until('the stranger is gone', () => !ric.policies.has('stranger'));
  });

  test('says 423 while a RIC is away, and finds it again', async () => {
    const { call, state } = await room();
    await call('POST', `${V1}/policies`, request('p1'));
    ric.hangUp(true);
    expect((await call('PUT', `${V1}/policies/p1`, { value: 9 })).status).toBeGreaterThanOrEqual(423);
    await until('it is seen to be away', async () => (await state()) === 'UNAVAILABLE');
    const refused = await call('PUT', `${V1}/policies/p1`, { value: 9 });
    expect([refused.status, (refused.body as { status: number }).status]).toEqual([423, 423]);
    ric.hangUp(false);
    await until('it is back', async () => (await state()) === 'AVAILABLE');
    expect((await call('PUT', `${V1}/policies/p1`, { value: 9 })).status).toBe(200);
    expect(ric.policies.get('p1')?.body).toEqual({ value: 9 });
  });

  test('knows the policies and their callback addresses after a restart of this host', async () => {
    const first = await room();
    await first.call('POST', `${V1}/policies`, request('p1', 3));
    await first.stop();
    ric.policies.clear();
    const second = await room();
    await until('p1 is back', () => ric.policies.has('p1'));
    await ric.report('p1', { enforceStatus: 'ENFORCED' });
    expect((await second.call('GET', `${V1}/policies/p1/status`)).body).toMatchObject({ enforceStatus: 'ENFORCED' });
  });

  test('lists RICs and types as the RICs say', async () => {
    const { call } = await room();
    expect((await call('GET', `${V1}/rics`)).body).toEqual({
      rics: [{ ricId: 'ric1', managedElementIds: ['gnb-1'], state: expect.any(String), policyTypeIds: [TYPE] }],
    });
    expect((await call('GET', `${V1}/policy-types/${TYPE}`)).body).toEqual({ policySchema: SCHEMA });
    const compatible = (version: string) =>
      call('GET', `${V1}/policy-types?typeName=Example&compatibleWithVersion=${version}`).then(({ body }) => body);
    expect(await compatible('1.0.0')).toEqual([{ policyTypeId: TYPE, nearRtRicId: 'ric1' }]);
    expect(await compatible('1.1.0')).toEqual([]);
    expect((await call('GET', `${V1}/policy-types?compatibleWithVersion=1.0.0`)).status).toBe(400);
  });
});

describe('services', () => {
  test('that fall silent lose their policies', async () => {
    const { call } = await room();
    await call('PUT', `${V1}/services`, { serviceId: 's', keepAliveIntervalSeconds: 0.2 });
    await call('PUT', `${V1}/services`, { serviceId: 'always' });
    await call('POST', `${V1}/policies`, request('p1', 1, { serviceId: 's' }));
    await call('POST', `${V1}/policies`, request('p2', 1, { serviceId: 'always' }));
    await until('p1 is gone', () => !ric.policies.has('p1'));
    expect(ric.policies.has('p2')).toBe(true);
    const names = async () =>
      ((await call('GET', `${V1}/services`)).body as { serviceList: { serviceId: string }[] }).serviceList;
    await until('s is gone', async () => (await names()).length === 1);
    expect((await names())[0]?.serviceId).toBe('always');
    expect((await call('PUT', `${V1}/services/s/keepalive`)).status).toBe(404);
    expect((await call('PUT', `${V1}/services/always/keepalive`)).status).toBe(200);
  });
});

describe('enrichment information', () => {
  const job = (jobResultUri: string, more: object = {}) => ({
    eiTypeId: EI_DEMAND_FORECAST,
    jobOwner: 'ric1',
    jobDefinition: { cells: [] },
    jobResultUri,
    ...more,
  });

  test('goes to every job of its type, with bounded retries, and says who did not take it', async () => {
    const { url, call } = await room();
    const put = (id: string, body: object) =>
      fetch(`${url}/A1-EI/v1/eijobs/${id}`, {
        method: 'PUT',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
    expect((await put('j1', job(`${ric.url}/results/j1`))).status).toBe(201);
    expect((await put('j1', job(`${ric.url}/results/j1`))).status).toBe(200);
    expect((await put('j2', job('http://127.0.0.1:9/results'))).status).toBe(201);
    ric.failResults(2);
    const results = [{ cell: 'c', p90: 3 }];
    const answer = await call('POST', `/r1/ei/v1/${EI_DEMAND_FORECAST}`, { results });
    expect(answer.body).toEqual({ jobs: 2, delivered: 1, failed: [{ jobId: 'j2', reason: 'cannot be reached' }] });
    expect(ric.results).toEqual([{ jobId: 'j1', body: { results } }]);
    expect(ric.resultAttempts).toBe(3);
  });

  test('has types and jobs as A1-EI names them', async () => {
    const { url, call } = await room();
    const ei = async (path: string) => (await fetch(`${url}/A1-EI/v1${path}`)).json();
    expect(await ei('/eitypes')).toEqual([EI_DEMAND_FORECAST]);
    await call('PUT', '/A1-EI/v1/eijobs/j1', job('http://127.0.0.1:9/'));
    expect(await ei('/eijobs?owner=ric1')).toEqual(['j1']);
    expect(await ei('/eijobs?owner=other')).toEqual([]);
    expect(await ei('/eijobs/j1')).toEqual(job('http://127.0.0.1:9/'));
    expect(await ei('/eijobs/j1/status')).toEqual({ eiJobStatus: 'ENABLED' });
    expect((await call('PUT', '/A1-EI/v1/eijobs/j2', job('ftp://x/'))).body).toMatchObject({
      fields: [{ path: '/jobResultUri' }],
    });
    expect((await call('PUT', '/A1-EI/v1/eijobs/j2', job('http://x/', { eiTypeId: 'Other' }))).status).toBe(404);
    expect((await call('DELETE', '/A1-EI/v1/eijobs/j1')).status).toBe(204);
    expect((await call('GET', '/A1-EI/v1/eijobs/j1')).status).toBe(404);
  });

  test('is delivered only by those who show credentials', async () => {
    const { url } = await room();
    const response = await fetch(`${url}/r1/ei/v1/${EI_DEMAND_FORECAST}`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(401);
  });
});
