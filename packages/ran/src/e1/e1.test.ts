import { connect } from 'node:net';
import { e1ap } from '@ranloop/codecs/e1ap';
import { createFrameReader, frame } from '@ranloop/codecs/frames';
import type { E1apPdu } from '@ranloop/contracts/e1';
import { parseConfig } from '@ranloop/kit/config';
import { silentLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PeriodReport } from '../plant.ts';
import { createE1, e1Config } from './index.ts';

const EMBB = { snssai: '01000001', name: 'eMBB' } as const;
const URLLC = { snssai: '02000001', name: 'URLLC' } as const;
const CELL = {
  index: 0,
  managedElement: 'gnb-1',
  dn: 'ManagedElement=gnb-1,GNBDUFunction=1,NRCellDU=1',
  ncI: 1,
  prbs: 273,
};

function period(users: number, mbit: number): PeriodReport {
  const counters = { 'RRC.ConnMean': users, 'DRB.PdcpSduVolumeDL': mbit };
  return {
    start: 0,
    end: 10,
    cells: [
      {
        cell: CELL,
        counters,
        slices: [
          { slice: EMBB, counters },
          { slice: URLLC, counters: { 'RRC.ConnMean': 1 } },
        ],
      },
    ],
  };
}

let e1: ReturnType<typeof createE1>;
beforeEach(async () => {
  const config = {
    port: 0,
    capacityMbps: 100,
    contextsPerSlice: 8,
    maxContexts: 7,
    reconnectMs: 10,
    requestTimeoutMs: 500,
  };
  e1 = createE1(parseConfig(e1Config, config, 'e1'), {
    slices: [EMBB, URLLC],
    log: silentLog(),
    metrics: createMetrics(),
  });
  await e1.start();
  await e1.connected();
});
afterEach(() => e1.stop());
const until = async (condition: () => boolean) => {
  for (let i = 0; i < 400 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
};

test('bearer contexts follow the connected UEs, and what the CU-UP has no room for is refused', async () => {
  await e1.report(period(3, 10));
  expect(e1.stats()).toMatchObject({ cuUps: 1, contexts: 4, refused: 0 });
  await e1.report(period(1, 10));
  expect(e1.stats()).toMatchObject({ contexts: 2, refused: 0 });
  // 8 is the most of a slice, 7 the room of the CU-UP, one of it taken by URLLC.
  await e1.report(period(50, 10));
  expect(e1.stats()).toMatchObject({ contexts: 7, refused: 2 });
  await e1.report(period(0, 0));
  expect(e1.stats()).toMatchObject({ contexts: 1 });
});

test('usage is reported in octets once there is a context to report on', async () => {
  await e1.report(period(2, 80));
  expect(e1.stats().usage).toEqual({});
  await e1.report(period(2, 80));
  await until(() => e1.stats().usage[EMBB.snssai] !== undefined);
  expect(e1.stats().usage[EMBB.snssai]).toBe(10_000_000);
});

test('the CU-UP is overloaded over 90 percent of its capacity and takes nobody until it is under 80', async () => {
  // 950 Mbit in 10 s are 95 of 100 Mbit/s.
  await e1.report(period(2, 950));
  await until(() => e1.stats().overloaded === 1);
  await e1.report(period(4, 850));
  expect(e1.stats().overloaded).toBe(1);
  const { contexts } = e1.stats();
  await e1.report(period(5, 850));
  expect(e1.stats().contexts).toBe(contexts);
  await e1.report(period(2, 100));
  await until(() => e1.stats().overloaded === 0);
  await e1.report(period(5, 100));
  expect(e1.stats().contexts).toBe(6);
});

test('a CU-UP of another PLMN is refused, and one that speaks first without setup is cut off', async () => {
  const received: E1apPdu[] = [];
  const socket = connect(e1.port, '127.0.0.1');
  const reader = createFrameReader();
  let closed = false;
  socket.on('data', (chunk) => reader.push(chunk, (payload) => received.push(e1ap.decode(payload))));
  socket.on('close', () => {
    closed = true;
  });
  socket.write(
    frame(
      e1ap.encode({
        message: 'GNBCUUPE1SetupRequest',
        value: {
          transactionID: 1,
          'gNB-CU-UP-ID': 2,
          cNSupport: 'c-5gc',
          supportedPLMNs: [{ pLMNIdentity: '00f120', sliceSupportList: [{ sST: '01' }] }],
          'gNB-CU-UP-Capacity': 1,
        },
      }),
    ),
  );
  await until(() => received.length > 0);
  expect(received[0]).toMatchObject({ message: 'GNBCUUPE1SetupFailure', value: { transactionID: 1 } });
  socket.write(frame(new TextEncoder().encode('{"message":"DataUsageReport","value":{}}')));
  socket.write(
    frame(
      e1ap.encode({
        message: 'GNBCUUPStatusIndication',
        value: { transactionID: 2, 'gNB-CU-UP-OverloadInformation': 'overloaded' },
      }),
    ),
  );
  await until(() => closed);
  expect(closed).toBe(true);
  expect(e1.stats()).toMatchObject({ cuUps: 1, overloaded: 0 });
});
