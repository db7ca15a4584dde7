import { rcControlMessage } from '@ranloop/codecs/e2sm';
import { RANLOOP_SLICE_SLA_TARGET } from '@ranloop/contracts/a1';
import { KPM_FUNCTION, ncIOf, RC_FUNCTION, snssaiText } from '@ranloop/contracts/e2';
import type { NodeInfo, RicMessages } from '@ranloop/contracts/ric';
import { createBus } from '@ranloop/kit/bus';
import { parseConfig } from '@ranloop/kit/config';
import { createHttpHost } from '@ranloop/kit/http';
import { silentLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { createTestAuthenticator } from '@ranloop/kit/testing';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createXapps, xappsConfig } from './index.ts';

const PLMN = { mcc: '001', mnc: '01' };
const SD = '000001';

function nodeInfo(meid: string, cells: readonly number[]): NodeInfo {
  const fn = (of: { id: number; revision: number; oid: string }) => ({
    ranFunctionId: of.id,
    ranFunctionDefinition: '',
    ranFunctionRevision: of.revision,
    ranFunctionOid: of.oid,
  });
  return {
    ranName: meid,
    ip: '',
    port: 0,
    connectionStatus: 'CONNECTED',
    globalNbId: { plmnId: '00101', nbId: '000001' },
    nodeType: 'GNB',
    gnb: {
      gnbType: 'GNB',
      ranFunctions: [fn(KPM_FUNCTION), fn(RC_FUNCTION)],
      servedNrCells: cells.map((ncI) => ({
        plmn: PLMN,
        ncI,
        prbs: 273,
        slices: ['01', '02', '03'].map((sST) => ({ sST, sD: SD })),
      })),
    },
    managedElement: meid,
    setupFromNetwork: true,
    statusUpdated: '',
    indications: 0,
    controls: 0,
  };
}

/** A RAN on the bus: nodes with the ratios that they were given, and controls that wait for the test's answer. */
async function createRig() {
  const faults: unknown[] = [];
  const bus = createBus<RicMessages>((_type, error) => faults.push(error));
  const metrics = createMetrics();
  const http = createHttpHost({ name: 'm', host: '127.0.0.1', port: 0 }, { log: silentLog(), metrics });
  const xapps = createXapps(parseConfig(xappsConfig, { coalesceMs: 5, retryMs: 100 }, 'xapps'), {
    http: http.app,
    auth,
    bus,
    log: silentLog(),
    metrics,
  });
  const controls: RicMessages['RIC_CONTROL_REQ'][] = [];
  const answers = new Map<string, RicMessages['A1_POLICY_RESP']>();
  const applied = new Map<number, Record<string, [number, number, number]>>();
  bus.on('RIC_CONTROL_REQ', (message) => controls.push(message));
  bus.on('A1_POLICY_RESP', (message) => answers.set(message.policy_instance_id, message));
  await xapps.start();
  let revision = 0;
  return {
    xapps,
    controls,
    applied,
    connect: (meid: string, cells: readonly number[]) => {
      bus.send('RIC_E2_SETUP_RESP', { meid, node: nodeInfo(meid, cells) });
    },
    lose: (meid: string) => {
      for (let i = controls.length - 1; i >= 0; i--) if (controls[i]?.meid === meid) controls.splice(i, 1);
      bus.send('RIC_SCTP_CONNECTION_FAILURE', { meid, reason: 'test' });
    },
    put(
      id: string,
      ncI: number,
      sst: number,
      [minPrbRatio, maxPrbRatio, dedicatedPrbRatio]: readonly [number, number, number],
    ) {
      revision++;
      bus.send('A1_POLICY_REQ', {
        operation: 'CREATE',
        policy_type_id: RANLOOP_SLICE_SLA_TARGET,
        policy_instance_id: id,
        revision,
        payload: {
          scope: { sliceId: { sst, sd: SD, plmnId: PLMN }, cellId: { plmnId: PLMN, cId: { ncI } } },
          sliceSlaObjectives: { guaDlThptPerSlice: 1 },
          sliceSlaResources: { minPrbRatio, maxPrbRatio, dedicatedPrbRatio },
        },
      });
      return revision;
    },
    remove(id: string) {
      answers.delete(id);
      bus.send('A1_POLICY_REQ', {
        operation: 'DELETE',
        policy_type_id: RANLOOP_SLICE_SLA_TARGET,
        policy_instance_id: id,
        revision: 0,
        payload: {},
      });
    },
    status: (id: string) => answers.get(id)?.status,
    answer: (id: string) => answers.get(id),
    /** Answers the oldest control; an acknowledged one is applied. */
    answerControl(how: 'ack' | 'refuse' | 'late'): boolean {
      const control = controls.shift();
      if (!control) return false;
      const { meid, xid, controlMessage } = control;
      if (how === 'ack') {
        const format = rcControlMessage.decode(controlMessage)['ric-controlMessage-formats']['controlMessage-Format1'];
        applied.set(
          ncIOf(format.nrCgi),
          Object.fromEntries(
            format.rrmPolicyRatioList.map((item) => [
              item.rrmPolicy.rrmPolicyMemberList.map(({ sNSSAI }) => snssaiText(sNSSAI))[0] ?? '',
              [item.minPrbPolicyRatio, item.maxPrbPolicyRatio, item.dedicatedPrbPolicyRatio],
            ]),
          ),
        );
        bus.send('RIC_CONTROL_ACK', { meid, xid });
      } else {
        const cause = how === 'late' ? 'control-timer-expired' : 'control-failed-to-execute';
        bus.send('RIC_CONTROL_FAILURE', { meid, xid, cause: { ricRequest: cause } });
      }
      return true;
    },
    async stop() {
      await xapps.stop();
      expect(faults).toEqual([]);
    },
  };
}

let auth: Awaited<ReturnType<typeof createTestAuthenticator>>;
beforeAll(async () => {
  auth = await createTestAuthenticator();
});
let rig: Awaited<ReturnType<typeof createRig>>;
beforeEach(async () => {
  vi.useFakeTimers();
  rig = await createRig();
});
afterEach(async () => {
  await rig.stop();
  vi.useRealTimers();
});
const ENFORCED = { enforceStatus: 'ENFORCED' };
const unmet = (enforceReason: string) => ({ enforceStatus: 'NOT_ENFORCED', enforceReason });

test('three policies within five milliseconds are one control; one that comes during it is the next', () => {
  rig.connect('n1', [1]);
  rig.put('e', 1, 1, [40, 100, 0]);
  rig.put('u', 1, 2, [20, 100, 10]);
  rig.put('m', 1, 3, [10, 100, 0]);
  expect(rig.controls).toHaveLength(0);
  vi.advanceTimersByTime(5);
  expect(rig.controls).toHaveLength(1);
  rig.put('u', 1, 2, [30, 100, 10]);
  vi.advanceTimersByTime(50);
  expect(rig.controls).toHaveLength(1);
  rig.answerControl('ack');
  // The acknowledged list held the older content of u: only the others are enforced.
  expect([rig.status('e'), rig.status('m'), rig.status('u')]).toEqual([ENFORCED, ENFORCED, undefined]);
  vi.advanceTimersByTime(5);
  rig.answerControl('ack');
  expect(rig.status('u')).toEqual(ENFORCED);
  expect(rig.applied.get(1)).toEqual({ '01000001': [40, 100, 0], '02000001': [30, 100, 10], '03000001': [10, 100, 0] });
});

test('a stream of changes does not hold a control back', () => {
  rig.connect('n1', [1]);
  for (let i = 0; i < 4; i++) {
    rig.put('e', 1, 1, [i, 100, 0]);
    vi.advanceTimersByTime(2);
  }
  expect(rig.controls).toHaveLength(1);
});

test('a refused control is not repeated, a late one is', () => {
  rig.connect('n1', [1]);
  rig.put('e', 1, 1, [40, 100, 0]);
  vi.advanceTimersByTime(5);
  rig.answerControl('refuse');
  expect(rig.answer('e')).toMatchObject({
    status: unmet('OTHER_REASON'),
    detail: 'ricRequest/control-failed-to-execute',
  });
  vi.advanceTimersByTime(1_000);
  expect(rig.controls).toHaveLength(0);
  rig.put('e', 1, 1, [41, 100, 0]);
  vi.advanceTimersByTime(5);
  rig.answerControl('late');
  expect(rig.status('e')).toEqual(unmet('OTHER_REASON'));
  vi.advanceTimersByTime(100);
  rig.answerControl('ack');
  expect(rig.status('e')).toEqual(ENFORCED);
});

test('a policy of unchanged content is answered without another control', () => {
  rig.connect('n1', [1]);
  rig.put('e', 1, 1, [40, 100, 0]);
  vi.advanceTimersByTime(5);
  rig.answerControl('ack');
  const revision = rig.put('e', 1, 1, [40, 100, 0]);
  vi.advanceTimersByTime(5);
  expect(rig.controls).toHaveLength(0);
  expect(rig.answer('e')).toMatchObject({ revision, status: ENFORCED });
});

test('a policy that moves to another cell gives the first one back', () => {
  rig.connect('n1', [1, 2]);
  rig.put('e', 1, 1, [40, 100, 0]);
  vi.advanceTimersByTime(5);
  rig.answerControl('ack');
  rig.put('e', 2, 1, [40, 100, 0]);
  vi.advanceTimersByTime(5);
  while (rig.answerControl('ack'));
  expect(rig.applied.get(1)?.['01000001']).toEqual([0, 100, 0]);
  expect(rig.applied.get(2)?.['01000001']).toEqual([40, 100, 0]);
});

test('a cell that a node no longer has when it returns is out of scope', () => {
  rig.connect('n1', [1, 2]);
  rig.put('e', 2, 1, [40, 100, 0]);
  vi.advanceTimersByTime(5);
  rig.answerControl('ack');
  rig.lose('n1');
  expect(rig.status('e')).toEqual(unmet('OTHER_REASON'));
  rig.connect('n1', [1]);
  expect(rig.status('e')).toEqual(unmet('SCOPE_NOT_APPLICABLE'));
});

/** What happens to a RIC, in any order; time runs on between the steps. */
type Step =
  | { do: 'put'; id: string; cell: number; sst: number; ratios: [number, number, number] }
  | { do: 'remove'; id: string }
  | { do: 'connect' | 'lose'; node: number }
  | { do: 'answer'; how: 'ack' | 'refuse' | 'late' }
  | { do: 'wait'; ms: number };
const CELLS = [[1, 2], [3]] as const;
const scopes = [1, 2, 3, 4].flatMap((cell) => [1, 2, 3].map((sst) => ({ cell, sst })));
const ratios = fc
  .tuple(fc.nat(100), fc.nat(100), fc.nat(100))
  .map((three) => three.sort((a, b) => a - b) as [number, number, number])
  .map(([dedicated, min, max]): [number, number, number] => [min, max, dedicated]);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      cell: fc.constantFrom(1, 2, 3, 4),
      sst: fc.constantFrom(1, 2, 3),
      ratios,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('remove' as const), id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('connect' as const, 'lose' as const), node: fc.constantFrom(0, 1) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      how: fc.constantFrom('ack' as const, 'ack' as const, 'refuse' as const, 'late' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 5, 100) }) },
);

test('whatever happens, ENFORCED is only said of ratios that the cell has, and all is told once the RAN is calm', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const run = await createRig();
      const policies = new Map<
        string,
        { cell: number; sst: number; ratios: [number, number, number]; revision: number }
      >();
      const up = [false, false];
      const truthful = () => {
        for (const [id, { cell, sst, ratios: asked, revision }] of policies) {
          const answer = run.answer(id);
          if (answer?.revision === revision && answer.status.enforceStatus === 'ENFORCED')
            expect(run.applied.get(cell)?.[`0${sst}${SD}`]).toEqual(asked);
        }
      };
      for (const next of steps) {
        if (next.do === 'put') {
          // The A1 server lets no second policy have a scope.
          const taken = [...policies].some(
            ([id, of]) => id !== next.id && of.cell === next.cell && of.sst === next.sst,
          );
          if (taken) continue;
          policies.set(next.id, { ...next, revision: run.put(next.id, next.cell, next.sst, next.ratios) });
        } else if (next.do === 'remove') {
          policies.delete(next.id);
          run.remove(next.id);
        } else if (next.do === 'connect' && !up[next.node]) {
          up[next.node] = true;
          run.connect(`n${next.node}`, CELLS[next.node as 0 | 1]);
        } else if (next.do === 'lose' && up[next.node]) {
          up[next.node] = false;
          run.lose(`n${next.node}`);
        } else if (next.do === 'answer') run.answerControl(next.how);
        else if (next.do === 'wait') vi.advanceTimersByTime(next.ms);
        truthful();
      }
      // The calm: both nodes come back, nothing fails any more.
      for (const node of [0, 1] as const) {
        run.lose(`n${node}`);
        run.connect(`n${node}`, CELLS[node]);
      }
      for (let i = 0; i < 20; i++) {
        vi.advanceTimersByTime(200);
        while (run.answerControl('ack'));
        truthful();
      }
      await run.xapps.settled();
      for (const { cell, sst } of scopes) {
        const [id, policy] = [...policies].find(([, of]) => of.cell === cell && of.sst === sst) ?? [];
        const now = run.applied.get(cell)?.[`0${sst}${SD}`];
        if (id === undefined || policy === undefined) {
          // What was never touched was never set; all else has been given back.
          expect(now ?? [0, 100, 0]).toEqual([0, 100, 0]);
        } else if (cell === 4) expect(run.status(id)).toEqual(unmet('SCOPE_NOT_APPLICABLE'));
        else {
          // URLLC is first: what it asks for is all that can keep eMBB out, and both what can keep mIoT out.
          const before = { 2: [], 1: [2], 3: [2, 1] }[sst] ?? [];
          const held = before.reduce((sum, other) => sum + (run.applied.get(cell)?.[`0${other}${SD}`]?.[0] ?? 0), 0);
          const fits = held + policy.ratios[0] <= 100;
          expect(run.status(id)).toEqual(fits ? ENFORCED : unmet('STATEMENT_NOT_APPLICABLE'));
          expect(now).toEqual(fits ? policy.ratios : [0, 100, 0]);
        }
      }
      await run.stop();
    }),
    { numRuns: 200 },
  );
});
