import { createServer, type Server, type Socket } from 'node:net';
import { e2ap } from '@ranloop/codecs/e2ap';
import {
  kpmActionDefinition,
  kpmEventTrigger,
  kpmIndicationHeader,
  kpmIndicationMessage,
  rcControlHeader,
  rcControlMessage,
  rcControlOutcome,
  secondsFromNtp,
} from '@ranloop/codecs/e2sm';
import { createFrameReader, frame } from '@ranloop/codecs/frames';
import { type E2apPdu, type E2apValue, nrCgi } from '@ranloop/contracts/e2';
import { parseConfig } from '@ranloop/kit/config';
import { silentLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CellIdentity, PeriodReport, Plant, SliceRatio } from '../plant.ts';
import { createE2Node, e2NodeConfig } from './index.ts';

const EMBB = { snssai: '01000001', name: 'eMBB' } as const;
const URLLC = { snssai: '02000001', name: 'URLLC' } as const;
const cell = (index: number, managedElement = 'gnb-1'): CellIdentity => ({
  index,
  managedElement,
  dn: `ManagedElement=${managedElement},GNBDUFunction=1,NRCellDU=${index + 1}`,
  ncI: 100 + index,
  prbs: 273,
});

function fakePlant(): Pick<Plant, 'cells' | 'slices' | 'ratios' | 'setRatios'> & {
  now: Map<number, readonly SliceRatio[]>;
} {
  const now = new Map<number, readonly SliceRatio[]>();
  const start = [EMBB, URLLC].map(({ snssai }) => ({ snssai, ratio: { min: 0, max: 100, dedicated: 0 } }));
  return {
    now,
    cells: [cell(0), cell(1), cell(2, 'gnb-2')],
    slices: [EMBB, URLLC],
    ratios: (index) => now.get(index) ?? start,
    setRatios: (index, ratios) => void now.set(index, ratios),
  };
}

/** A RIC that is nothing but a socket. */
async function createRig() {
  const pdus: E2apPdu[] = [];
  const sockets: Socket[] = [];
  let current: Socket | undefined;
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    current = socket;
    const reader = createFrameReader();
    socket.on('data', (chunk) => reader.push(chunk, (payload) => pdus.push(e2ap.decode(payload))));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const plant = fakePlant();
  const node = createE2Node(
    parseConfig(
      e2NodeConfig,
      { port, reconnectMs: { least: 10, most: 40 }, epochMicros: 1_000_000_000_000_000 },
      'e2-node',
    ),
    { plant, log: silentLog(), metrics: createMetrics() },
  );
  await node.start();
  const send = (pdu: E2apPdu) => current?.write(frame(e2ap.encode(pdu)));
  const next = async (): Promise<E2apPdu | undefined> => {
    for (let i = 0; i < 400 && pdus.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    return pdus.shift();
  };
  return {
    plant,
    node,
    send,
    next,
    raw: (bytes: Uint8Array) => current?.write(bytes),
    cut: () => current?.destroy(),
    async accept() {
      const request = await next();
      if (request?.message !== 'E2setupRequest') throw new Error(`no setup but ${request?.message}`);
      send({
        message: 'E2setupResponse',
        value: {
          transactionID: request.value.transactionID,
          globalRicID: { 'pLMN-Identity': '00f110', 'ric-ID': { value: '000010', length: 20 } },
          ranFunctionsAccepted: [],
        },
      });
      await node.connected();
      return request.value;
    },
    async stop() {
      await node.stop();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
let rig: Awaited<ReturnType<typeof createRig>>;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.stop());

const ricRequestID = { ricRequestorID: 123, ricInstanceID: 1 };
const labels = [
  { measLabel: { sliceID: { sST: '01', sD: '000001' } } },
  { measLabel: { sliceID: { sST: '02', sD: '000001' } } },
];
function subscription(
  changes: { periodMs?: number; granulPeriod?: number; ncI?: number; name?: string } = {},
): E2apPdu {
  const { periodMs = 60_000, granulPeriod = 60_000, ncI = 100, name = 'DRB.PdcpSduVolumeDL' } = changes;
  return {
    message: 'RICsubscriptionRequest',
    value: {
      ricRequestID,
      ranFunctionID: 2,
      ricSubscriptionDetails: {
        ricEventTriggerDefinition: kpmEventTrigger.encode({
          'eventDefinition-formats': { 'eventDefinition-Format1': { reportingPeriod: periodMs } },
        }),
        'ricAction-ToBeSetup-List': [
          {
            ricActionID: 4,
            ricActionType: 'report',
            ricActionDefinition: kpmActionDefinition.encode({
              'ric-Style-Type': 1,
              'actionDefinition-formats': {
                'actionDefinition-Format1': {
                  measInfoList: [
                    { measType: { measName: 'RRU.PrbTotDl' }, labelInfoList: [{ measLabel: { noLabel: 'true' } }] },
                    { measType: { measName: name }, labelInfoList: labels },
                  ],
                  granulPeriod,
                  cellGlobalID: { 'nR-CGI': nrCgi('00f110', ncI) },
                },
              },
            }),
          },
        ],
      },
    },
  };
}
function period(start: number): PeriodReport {
  return {
    start,
    end: start + 60,
    cells: rig.plant.cells.map((of) => ({
      cell: of,
      counters: { 'RRU.PrbTotDl': 41 + of.index },
      slices: [{ slice: EMBB, counters: { 'DRB.PdcpSduVolumeDL': 1.25 } }],
    })),
  };
}

test('setup names the gNB by its ManagedElement, and offers KPM and RC', async () => {
  const setup = await rig.accept();
  expect(setup.globalE2nodeID.gNB['global-gNB-ID']).toEqual({
    'plmn-id': '00f110',
    'gnb-id': { 'gnb-ID': { value: '00000001', length: 32 } },
  });
  expect(setup.ranFunctionsAdded.map((item) => [item.ranFunctionID, item.ranFunctionOID])).toEqual([
    [2, '1.3.6.1.4.1.53148.1.2.2.2'],
    [3, '1.3.6.1.4.1.53148.1.1.2.3'],
  ]);
});

test('a subscription brings one indication per period, in kbit, with noValue for what is not measured', async () => {
  await rig.accept();
  rig.send(subscription());
  expect(await rig.next()).toMatchObject({
    message: 'RICsubscriptionResponse',
    value: { 'ricAction-Admitted-List': [{ ricActionID: 4 }] },
  });
  await rig.node.report(period(120));
  const indication = await rig.next();
  if (indication?.message !== 'RICindication') throw new Error('no indication');
  expect(indication.value).toMatchObject({
    ricRequestID,
    ricActionID: 4,
    ricIndicationSN: 0,
    ricIndicationType: 'report',
  });
  const header = kpmIndicationHeader.decode(indication.value.ricIndicationHeader)['indicationHeader-formats'];
  expect(secondsFromNtp(header['indicationHeader-Format1'].colletStartTime)).toBe(1_000_000_120);
  const message = kpmIndicationMessage.decode(indication.value.ricIndicationMessage)['indicationMessage-formats'];
  expect(message['indicationMessage-Format1'].measData).toEqual([
    { measRecord: [{ integer: 41 }, { integer: 1_250 }, { noValue: null }] },
  ]);
});

test('a longer reporting period gathers the records of its periods', async () => {
  await rig.accept();
  rig.send(subscription({ periodMs: 120_000 }));
  await rig.next();
  await rig.node.report(period(0));
  await rig.node.report(period(60));
  const indication = await rig.next();
  if (indication?.message !== 'RICindication') throw new Error('no indication');
  const message = kpmIndicationMessage.decode(indication.value.ricIndicationMessage)['indicationMessage-formats'];
  expect(message['indicationMessage-Format1'].measData).toHaveLength(2);
});

test('what cannot be reported is refused with its cause', async () => {
  await rig.accept();
  const refused = async (changes: Parameters<typeof subscription>[0]) => {
    rig.send(subscription(changes));
    const answer = await rig.next();
    return answer?.message === 'RICsubscriptionFailure' ? answer.value.cause : answer?.message;
  };
  expect(await refused({ periodMs: 90_000 })).toEqual({ ricRequest: 'eventTriggerNotSupported' });
  expect(await refused({ granulPeriod: 1_000 })).toEqual({ ricRequest: 'action-not-supported' });
  expect(await refused({ ncI: 102 })).toEqual({ ricRequest: 'requestedInformationUnavailable' });
  expect(await refused({ name: 'No.Such' })).toEqual({ ricRequest: 'requestedInformationUnavailable' });
  const good = subscription();
  if (good.message !== 'RICsubscriptionRequest') throw new Error('no subscription');
  rig.send({ ...good, value: { ...good.value, ranFunctionID: 3 } });
  expect(await rig.next()).toMatchObject({ value: { cause: { ricRequest: 'ran-function-id-invalid' } } });
  const details = { ...good.value.ricSubscriptionDetails, ricEventTriggerDefinition: 'ff' };
  rig.send({ ...good, value: { ...good.value, ricSubscriptionDetails: details } });
  expect(await rig.next()).toMatchObject({ value: { cause: { protocol: 'abstract-syntax-error-reject' } } });
});

interface Ask {
  ncI?: number;
  plmn?: string;
  action?: number;
  ratios?: [sst: string, min: number, max: number, dedicated: number][];
}
function control({
  ncI = 100,
  plmn = '00f110',
  action = 6,
  ratios = [['02', 30, 80, 10]],
}: Ask = {}): E2apValue<'RICcontrolRequest'> {
  return {
    ricRequestID,
    ranFunctionID: 3,
    ricControlAckRequest: 'ack',
    ricControlHeader: rcControlHeader.encode({
      'ric-controlHeader-formats': {
        'controlHeader-Format1': {
          ueID: { 'gNB-DU-UEID': { 'gNB-CU-UE-F1AP-ID': 0 } },
          'ric-Style-Type': 2,
          'ric-ControlAction-ID': action,
        },
      },
    }),
    ricControlMessage: rcControlMessage.encode({
      'ric-controlMessage-formats': {
        'controlMessage-Format1': {
          nrCgi: nrCgi(plmn, ncI),
          rrmPolicyRatioList: ratios.map(([sST, min, max, dedicated]) => ({
            rrmPolicy: { rrmPolicyMemberList: [{ plmnIdentity: plmn, sNSSAI: { sST, sD: '000001' } }] },
            minPrbPolicyRatio: min,
            maxPrbPolicyRatio: max,
            dedicatedPrbPolicyRatio: dedicated,
          })),
        },
      },
    }),
  };
}

test('a control changes the ratios of its cell, and its outcome says which', async () => {
  await rig.accept();
  rig.send({ message: 'RICcontrolRequest', value: control() });
  const answer = await rig.next();
  if (answer?.message !== 'RICcontrolAcknowledge') throw new Error('no acknowledgement');
  const outcome = rcControlOutcome.decode(answer.value.ricControlOutcome ?? '')['ric-controlOutcome-formats'];
  expect(outcome['controlOutcome-Format1']['ranP-List']).toEqual([
    { 'ranParameter-ID': 11, 'ranParameter-value': { valueInt: 30 } },
    { 'ranParameter-ID': 12, 'ranParameter-value': { valueInt: 80 } },
    { 'ranParameter-ID': 13, 'ranParameter-value': { valueInt: 10 } },
  ]);
  expect(rig.plant.now.get(0)).toEqual([
    { snssai: '01000001', ratio: { min: 0, max: 100, dedicated: 0 } },
    { snssai: '02000001', ratio: { min: 30, max: 80, dedicated: 10 } },
  ]);
});

test('a control that cannot be applied fails with a cause and changes nothing', async () => {
  await rig.accept();
  const refused = async (ask: Ask) => {
    rig.send({ message: 'RICcontrolRequest', value: control(ask) });
    const answer = await rig.next();
    return answer?.message === 'RICcontrolFailure' ? answer.value.cause : answer?.message;
  };
  const failed = { ricRequest: 'control-failed-to-execute' };
  const invalid = { ricRequest: 'control-message-invalid' };
  expect(await refused({ ncI: 102 })).toEqual(failed);
  expect(await refused({ plmn: '00f120' })).toEqual(failed);
  expect(await refused({ ratios: [['07', 1, 2, 0]] })).toEqual(failed);
  expect(await refused({ ratios: [['02', 50, 40, 0]] })).toEqual(invalid);
  expect(await refused({ ratios: [['02', 50, 60, 51]] })).toEqual(invalid);
  expect(
    await refused({
      ratios: [
        ['01', 60, 100, 0],
        ['02', 41, 100, 0],
      ],
    }),
  ).toEqual(invalid);
  expect(await refused({ action: 1 })).toEqual({ ricRequest: 'action-not-supported' });
  rig.send({ message: 'RICcontrolRequest', value: { ...control(), ricControlMessage: 'ff' } });
  expect(await rig.next()).toMatchObject({ message: 'RICcontrolFailure', value: { cause: invalid } });
  expect(rig.plant.now.size).toBe(0);
});

test('rubbish is answered with an error indication, and the node goes on', async () => {
  await rig.accept();
  rig.raw(frame(Uint8Array.of(0x7b)));
  expect(await rig.next()).toMatchObject({ message: 'ErrorIndication' });
  rig.send({ message: 'RICcontrolRequest', value: control() });
  expect(await rig.next()).toMatchObject({ message: 'RICcontrolAcknowledge' });
});

test('a node that lost its RIC comes back with a new setup and without its subscriptions', async () => {
  await rig.accept();
  rig.send(subscription());
  await rig.next();
  rig.cut();
  await rig.accept();
  await rig.node.report(period(0));
  rig.send(subscription());
  expect(await rig.next()).toMatchObject({ message: 'RICsubscriptionResponse' });
});

test('a node that is told to wait does so, and then sets up again', async () => {
  const first = await rig.next();
  if (first?.message !== 'E2setupRequest') throw new Error('no setup');
  const began = performance.now();
  rig.send({
    message: 'E2setupFailure',
    value: { transactionID: first.value.transactionID, cause: { misc: 'unspecified' }, timeToWait: 'v1s' },
  });
  await rig.accept();
  expect(performance.now() - began).toBeGreaterThan(950);
});

test('a reset ends the subscriptions', async () => {
  await rig.accept();
  rig.send(subscription());
  await rig.next();
  rig.send({ message: 'ResetRequest', value: { transactionID: 5, cause: { misc: 'om-intervention' } } });
  expect(await rig.next()).toEqual({ message: 'ResetResponse', value: { transactionID: 5 } });
  rig.send({ message: 'RICsubscriptionDeleteRequest', value: { ricRequestID, ranFunctionID: 2 } });
  expect(await rig.next()).toMatchObject({ message: 'RICsubscriptionDeleteFailure' });
});

test('a node without cells is a mistake of the configuration', () => {
  const config = parseConfig(e2NodeConfig, { managedElement: 'gnb-9' }, 'e2-node');
  const make = () => createE2Node(config, { plant: fakePlant(), log: silentLog(), metrics: createMetrics() });
  expect(make).toThrow(expect.objectContaining({ code: 'RL_CONFIG' }));
});
