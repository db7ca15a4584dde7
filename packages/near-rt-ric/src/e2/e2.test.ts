import { connect, type Socket } from 'node:net';
import { e2ap, f1SetupRequest } from '@ranloop/codecs/e2ap';
import { kpmFunctionDefinition } from '@ranloop/codecs/e2sm';
import { createFrameReader, frame } from '@ranloop/codecs/frames';
import { type E2apPdu, type E2apValue, nrCgi } from '@ranloop/contracts/e2';
import type { NodebState, NodeInfo, RicMessages } from '@ranloop/contracts/ric';
import { createBus } from '@ranloop/kit/bus';
import { parseConfig } from '@ranloop/kit/config';
import { createHttpHost } from '@ranloop/kit/http';
import { silentLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { createTestAuthenticator, TEST_BASIC } from '@ranloop/kit/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createE2Termination, e2Config } from './index.ts';

/** The RIC against a peer that is nothing but a socket: it can send anything. */
async function createRig() {
  const log = silentLog();
  const metrics = createMetrics();
  const faults: unknown[] = [];
  const bus = createBus<RicMessages>((_type, error) => faults.push(error));
  const http = createHttpHost({ name: 'mgmt', host: '127.0.0.1', port: 0 }, { log, metrics });
  const config = { port: 0, controlTimeoutMs: 60, subscriptionTimeoutMs: 60, setupTimeoutMs: 150, maxNodes: 2 };
  const e2 = createE2Termination(parseConfig(e2Config, config, 'e2'), {
    http: http.app,
    auth: await createTestAuthenticator(),
    bus,
    log,
    metrics,
  });
  await e2.start();
  await http.start();
  const seen: [keyof RicMessages, unknown][] = [];
  const kinds = [
    'RIC_E2_SETUP_RESP',
    'RIC_SCTP_CONNECTION_FAILURE',
    'RIC_SUB_RESP',
    'RIC_SUB_FAILURE',
    'RIC_INDICATION',
    'RIC_CONTROL_ACK',
    'RIC_CONTROL_FAILURE',
  ] as const;
  for (const kind of kinds) bus.on(kind, (message) => seen.push([kind, message]));
  const peers: Socket[] = [];
  return {
    bus,
    seen,
    async peer() {
      const socket = connect(e2.port, '127.0.0.1');
      peers.push(socket);
      const reader = createFrameReader();
      const received: E2apPdu[] = [];
      let closed = false;
      socket.on('data', (chunk) => reader.push(chunk, (payload) => received.push(e2ap.decode(payload))));
      socket.on('close', () => {
        closed = true;
      });
      socket.on('error', () => undefined);
      await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
      return {
        raw: (bytes: Uint8Array) => socket.write(bytes),
        send: (pdu: E2apPdu) => socket.write(frame(e2ap.encode(pdu))),
        close: () => socket.destroy(),
        async next(): Promise<E2apPdu | undefined> {
          await until(() => received.length > 0 || closed);
          return received.shift();
        },
        closed: () => until(() => closed).then(() => closed),
      };
    },
    async bused(kind: keyof RicMessages) {
      await until(() => seen.some(([name]) => name === kind));
      const index = seen.findIndex(([name]) => name === kind);
      return index < 0 ? undefined : seen.splice(index, 1)[0]?.[1];
    },
    manage: async <T>(path: string, method = 'GET') => {
      const response = await fetch(http.url + path, { method, headers: { authorization: TEST_BASIC } });
      const text = await response.text();
      return { status: response.status, body: (text ? JSON.parse(text) : undefined) as T };
    },
    async stop() {
      for (const socket of peers) socket.destroy();
      await http.stop();
      await e2.stop();
      expect(faults).toEqual([]);
    },
  };
}
const until = async (condition: () => boolean) => {
  for (let i = 0; i < 400 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
};

let rig: Awaited<ReturnType<typeof createRig>>;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.stop());

const KPM = {
  ranFunctionID: 2,
  ranFunctionRevision: 1,
  ranFunctionOID: '1.3.6.1.4.1.53148.1.2.2.2',
  ranFunctionDefinition: kpmFunctionDefinition.encode({
    'ranFunction-Name': {
      'ranFunction-ShortName': 'ORAN-E2SM-KPM',
      'ranFunction-E2SM-OID': '1.3.6.1.4.1.53148.1.2.2.2',
      'ranFunction-Description': 'KPM',
    },
    'ric-EventTriggerStyle-List': [],
    'ric-ReportStyle-List': [],
  }),
};

/** gNB 0x19b, 22 bits: `0000_0001_1001_1011` behind six zeros, that is 0x19b << 2 in 24 bits. */
function setup(changes: Partial<E2apValue<'E2setupRequest'>> = {}, gnbId = '00066c'): E2apPdu {
  return {
    message: 'E2setupRequest',
    value: {
      transactionID: 9,
      globalE2nodeID: {
        gNB: {
          'global-gNB-ID': { 'plmn-id': '00f110', 'gnb-id': { 'gnb-ID': { value: gnbId, length: 22 } } },
          'gNB-DU-ID': 0,
        },
      },
      ranFunctionsAdded: [KPM],
      e2nodeComponentConfigAddition: [
        {
          e2nodeComponentInterfaceType: 'f1',
          e2nodeComponentID: { e2nodeComponentInterfaceTypeF1: { 'gNB-DU-ID': 0 } },
          e2nodeComponentConfiguration: {
            e2nodeComponentRequestPart: f1SetupRequest.encode({
              'gNB-DU-ID': 0,
              'gNB-DU-Name': 'gnb-411',
              'gNB-DU-Served-Cells-List': [
                {
                  nRCGI: nrCgi('00f110', 5),
                  servedPLMNs: [{ pLMNIdentity: '00f110', tAISliceSupportList: [{ sNSSAI: { sST: '01' } }] }],
                  'nR-Mode-Info': { tDD: { nRNRB: 106 } },
                },
              ],
            }),
            e2nodeComponentResponsePart: '',
          },
        },
      ],
      ...changes,
    },
  };
}
const NAME = 'gnbd_001_001_00019b_0';

async function connected() {
  const peer = await rig.peer();
  peer.send(setup());
  expect((await peer.next())?.message).toBe('E2setupResponse');
  await rig.bused('RIC_E2_SETUP_RESP');
  return peer;
}
const control = (xid: string) =>
  rig.bus.send('RIC_CONTROL_REQ', { meid: NAME, xid, ranFunctionID: 3, controlHeader: '01', controlMessage: '02' });

test('a node is named as e2mgr names it, with its cells and the functions that are understood', async () => {
  const peer = await rig.peer();
  const odd = { ...KPM, ranFunctionID: 200, ranFunctionOID: 'OID123' };
  const broken = { ...KPM, ranFunctionID: 5, ranFunctionDefinition: 'ff' };
  peer.send(setup({ ranFunctionsAdded: [KPM, odd, broken] }));
  expect(await peer.next()).toEqual({
    message: 'E2setupResponse',
    value: {
      transactionID: 9,
      globalRicID: { 'pLMN-Identity': '00f110', 'ric-ID': { value: '000010', length: 20 } },
      ranFunctionsAccepted: [{ ranFunctionID: 2, ranFunctionRevision: 1 }],
      ranFunctionsRejected: [
        { ranFunctionID: 200, cause: { ricService: 'ran-function-not-supported' } },
        { ranFunctionID: 5, cause: { ricService: 'ran-function-not-supported' } },
      ],
    },
  });
  const { body } = await rig.manage<NodeInfo>(`/v1/nodeb/${NAME}`);
  expect(body.globalNbId).toEqual({ plmnId: '00101', nbId: '00019b' });
  expect(body.managedElement).toBe('gnb-411');
  expect(body.gnb.servedNrCells).toEqual([
    { plmn: { mcc: '001', mnc: '01' }, ncI: 5, prbs: 106, slices: [{ sST: '01' }] },
  ]);
  expect((await rig.manage('/v1/nodeb/nobody')).status).toBe(404);
});

test('a setup without F1 configuration, or with one that cannot be read, fails with a cause', async () => {
  const peer = await rig.peer();
  const component = (setup().value as E2apValue<'E2setupRequest'>).e2nodeComponentConfigAddition[0];
  if (!component) throw new Error('no component');
  for (const e2nodeComponentConfigAddition of [
    [{ ...component, e2nodeComponentInterfaceType: 'ng' as const }],
    [
      {
        ...component,
        e2nodeComponentConfiguration: { e2nodeComponentRequestPart: '7b', e2nodeComponentResponsePart: '' },
      },
    ],
  ]) {
    peer.send(setup({ e2nodeComponentConfigAddition }));
    expect(await peer.next()).toMatchObject({ message: 'E2setupFailure', value: { transactionID: 9 } });
  }
  expect((await rig.manage<NodebState[]>('/v1/nodeb/states')).body).toEqual([]);
});

test('messages before setup, malformed messages and broken frames are answered, and the RIC goes on', async () => {
  const peer = await rig.peer();
  peer.send({ message: 'ResetResponse', value: { transactionID: 1 } });
  expect(await peer.next()).toEqual({
    message: 'ErrorIndication',
    value: { cause: { protocol: 'message-not-compatible-with-receiver-state' } },
  });
  peer.raw(frame(new TextEncoder().encode('{"message":')));
  expect(await peer.next()).toMatchObject({ value: { cause: { protocol: 'transfer-syntax-error' } } });
  peer.raw(frame(new TextEncoder().encode('{"message":"ResetRequest","value":{}}')));
  expect(await peer.next()).toMatchObject({ value: { cause: { protocol: 'abstract-syntax-error-reject' } } });
  peer.send(setup());
  expect((await peer.next())?.message).toBe('E2setupResponse');
  // 16 MiB announced: the stream cannot be read on.
  peer.raw(Uint8Array.of(1, 0, 0, 0));
  expect(await peer.next()).toMatchObject({ message: 'ErrorIndication' });
  expect(await peer.closed()).toBe(true);
  expect(await rig.bused('RIC_SCTP_CONNECTION_FAILURE')).toMatchObject({ meid: NAME });
});

test('a connection without setup, and one that sends only rubbish, are closed', async () => {
  const silent = await rig.peer();
  const noisy = await rig.peer();
  for (let i = 0; i < 100; i++) noisy.raw(frame(Uint8Array.of(1)));
  expect(await noisy.closed()).toBe(true);
  expect(await silent.closed()).toBe(true);
});

test('one byte at a time is read as well', async () => {
  const peer = await rig.peer();
  for (const byte of frame(e2ap.encode(setup()))) peer.raw(Uint8Array.of(byte));
  expect((await peer.next())?.message).toBe('E2setupResponse');
});

test('a control is answered by the acknowledgement of its own request, by its failure, or by the clock', async () => {
  const peer = await connected();
  control('a');
  control('b');
  const [first, second] = [await peer.next(), await peer.next()];
  if (first?.message !== 'RICcontrolRequest' || second?.message !== 'RICcontrolRequest') throw new Error('no control');
  expect(first.value).toMatchObject({ ricControlHeader: '01', ricControlMessage: '02', ricControlAckRequest: 'ack' });
  const of = ({ ricRequestID, ranFunctionID }: E2apValue<'RICcontrolRequest'>) => ({ ricRequestID, ranFunctionID });
  peer.send({
    message: 'RICcontrolFailure',
    value: { ...of(second.value), cause: { ricRequest: 'control-failed-to-execute' } },
  });
  expect(await rig.bused('RIC_CONTROL_FAILURE')).toMatchObject({
    xid: 'b',
    cause: { ricRequest: 'control-failed-to-execute' },
  });
  peer.send({ message: 'RICcontrolAcknowledge', value: of(first.value) });
  expect(await rig.bused('RIC_CONTROL_ACK')).toMatchObject({ xid: 'a' });
  // The same answer again belongs to nothing.
  peer.send({ message: 'RICcontrolAcknowledge', value: of(first.value) });
  expect(await peer.next()).toMatchObject({
    message: 'ErrorIndication',
    value: { cause: { ricRequest: 'request-id-unknown' } },
  });
  control('c');
  expect(await rig.bused('RIC_CONTROL_FAILURE')).toMatchObject({
    xid: 'c',
    cause: { ricRequest: 'control-timer-expired' },
  });
});

test('a control to a node that is not there, or is lost meanwhile, fails', async () => {
  control('early');
  expect(await rig.bused('RIC_CONTROL_FAILURE')).toMatchObject({
    xid: 'early',
    cause: { ricRequest: 'system-not-ready' },
  });
  const peer = await connected();
  control('lost');
  await peer.next();
  peer.close();
  expect(await rig.bused('RIC_CONTROL_FAILURE')).toMatchObject({ xid: 'lost', cause: { transport: 'unspecified' } });
});

test('only indications of a subscription that stands reach the bus; a late answer is undone', async () => {
  const peer = await connected();
  const subscribe = (xid: string) =>
    rig.bus.send('RIC_SUB_REQ', {
      meid: NAME,
      xid,
      client: 'test',
      ranFunctionID: 2,
      eventTriggerDefinition: '00',
      actions: [{ ricActionID: 1, ricActionType: 'report' }],
    });
  subscribe('s');
  const request = await peer.next();
  if (request?.message !== 'RICsubscriptionRequest') throw new Error('no subscription');
  const { ricRequestID, ranFunctionID } = request.value;
  const indication = (id: typeof ricRequestID): E2apPdu => ({
    message: 'RICindication',
    value: {
      ricRequestID: id,
      ranFunctionID,
      ricActionID: 1,
      ricIndicationType: 'report',
      ricIndicationHeader: '',
      ricIndicationMessage: 'ab',
    },
  });
  const response = { ricRequestID, ranFunctionID, 'ricAction-Admitted-List': [{ ricActionID: 1 }] };
  peer.send({ message: 'RICsubscriptionResponse', value: response });
  expect(await rig.bused('RIC_SUB_RESP')).toMatchObject({ xid: 's', admitted: [1] });
  peer.send(indication(ricRequestID));
  expect(await rig.bused('RIC_INDICATION')).toMatchObject({ meid: NAME, indication: { ricIndicationMessage: 'ab' } });
  peer.send(indication({ ...ricRequestID, ricInstanceID: 60_000 }));
  expect(await peer.next()).toMatchObject({ message: 'ErrorIndication' });

  subscribe('late');
  const second = await peer.next();
  if (second?.message !== 'RICsubscriptionRequest') throw new Error('no subscription');
  expect(await rig.bused('RIC_SUB_FAILURE')).toMatchObject({ xid: 'late' });
  peer.send({ message: 'RICsubscriptionResponse', value: { ...response, ricRequestID: second.value.ricRequestID } });
  expect(await peer.next()).toMatchObject({
    message: 'RICsubscriptionDeleteRequest',
    value: { ricRequestID: second.value.ricRequestID },
  });
});

test('the newest setup of a name takes the place of the older connection', async () => {
  const older = await connected();
  const newer = await rig.peer();
  newer.send(setup());
  expect((await newer.next())?.message).toBe('E2setupResponse');
  expect(await older.closed()).toBe(true);
  const states = (await rig.manage<NodebState[]>('/v1/nodeb/states')).body;
  expect(states.map(({ connectionStatus }) => connectionStatus)).toEqual(['CONNECTED']);
});

test('a RIC that is full tells a node to wait', async () => {
  for (const gnbId of ['000004', '000008']) {
    const peer = await rig.peer();
    peer.send(setup({}, gnbId));
    expect((await peer.next())?.message).toBe('E2setupResponse');
  }
  const third = await rig.peer();
  third.send(setup({}, '00000c'));
  expect(await third.next()).toMatchObject({ message: 'E2setupFailure', value: { timeToWait: 'v60s' } });
});

test('a reset, by the node or by the operator, is a loss and a new setup for the bus', async () => {
  const peer = await connected();
  peer.send({ message: 'ResetRequest', value: { transactionID: 3, cause: { misc: 'om-intervention' } } });
  expect(await peer.next()).toEqual({ message: 'ResetResponse', value: { transactionID: 3 } });
  expect(await rig.bused('RIC_SCTP_CONNECTION_FAILURE')).toMatchObject({ meid: NAME });
  expect(await rig.bused('RIC_E2_SETUP_RESP')).toMatchObject({ meid: NAME });

  expect((await rig.manage(`/v1/nodeb/${NAME}/reset`, 'PUT')).status).toBe(204);
  const request = await peer.next();
  if (request?.message !== 'ResetRequest') throw new Error('no reset');
  expect((await rig.manage<NodebState>(`/v1/nodeb/states/${NAME}`)).body.connectionStatus).toBe('UNDER_RESET');
  peer.send({ message: 'ResetResponse', value: { transactionID: request.value.transactionID } });
  expect(await rig.bused('RIC_E2_SETUP_RESP')).toMatchObject({ node: { connectionStatus: 'CONNECTED' } });
});
