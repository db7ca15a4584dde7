import type { E2apPdu } from '@ranloop/contracts/e2';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { e2ap, f1SetupRequest } from './index.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const refusal = (text: string) => {
  try {
    e2ap.decode(bytes(text));
  } catch (error) {
    return error as { code: string; message: string; fields: { path: string }[] };
  }
  throw new Error('was not refused');
};

test('a control request has these octets on the JSON carrier', () => {
  const pdu: E2apPdu = {
    message: 'RICcontrolRequest',
    value: {
      ricRequestID: { ricRequestorID: 123, ricInstanceID: 7 },
      ranFunctionID: 3,
      ricControlHeader: '0a',
      ricControlMessage: '',
      ricControlAckRequest: 'ack',
    },
  };
  const text =
    '{"message":"RICcontrolRequest","value":{"ricRequestID":{"ricRequestorID":123,"ricInstanceID":7},' +
    '"ranFunctionID":3,"ricControlHeader":"0a","ricControlMessage":"","ricControlAckRequest":"ack"}}';
  expect(new TextDecoder().decode(e2ap.encode(pdu))).toBe(text);
  expect(e2ap.decode(bytes(text))).toEqual(pdu);
});

test('what is no JSON, no UTF-8, or no object is malformed', () => {
  expect(refusal('{"message":')).toMatchObject({ code: 'RL_MALFORMED' });
  expect(refusal('[]')).toMatchObject({ code: 'RL_MALFORMED' });
  expect(() => e2ap.decode(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(expect.objectContaining({ code: 'RL_MALFORMED' }));
});

test('a wrong field is named', () => {
  expect(refusal('{"message":"ResetResponse","value":{"transactionID":256}}').fields[0]?.path).toBe('/transactionID');
  expect(refusal('{"message":"ResetResponse","value":{}}').fields[0]?.path).toBe('/transactionID');
  expect(refusal('{"message":"ResetResponse","value":{"transactionID":1,"more":2}}').fields[0]?.path).toBe('/more');
  expect(refusal('{"message":"Nonsense","value":{}}').fields[0]?.path).toBe('/message');
  expect(refusal('{"message":"ResetResponse","value":{"transactionID":1},"x":1}').fields[0]?.path).toBe('/x');
});

test('octets must be whole and lower-case', () => {
  const control = (header: string) =>
    `{"message":"RICcontrolRequest","value":{"ricRequestID":{"ricRequestorID":1,"ricInstanceID":1},"ranFunctionID":3,"ricControlHeader":"${header}","ricControlMessage":""}}`;
  for (const header of ['0', '0A', 'zz', '0a\\n'])
    expect(refusal(control(header)).fields[0]?.path).toBe('/ricControlHeader');
});

test('any JSON value either decodes or is refused with a coded error', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        e2ap.decode(bytes(text));
      } catch (error) {
        expect(['RL_MALFORMED', 'RL_INVALID']).toContain((error as { code: string }).code);
      }
    }),
  );
});

test('a served cell survives as an octet string', () => {
  const setup = {
    'gNB-DU-ID': 0,
    'gNB-DU-Served-Cells-List': [
      {
        nRCGI: { pLMNIdentity: '00f110', nRCellIdentity: { value: '0000000100', length: 36 } },
        servedPLMNs: [{ pLMNIdentity: '00f110', tAISliceSupportList: [{ sNSSAI: { sST: '01', sD: '000001' } }] }],
        'nR-Mode-Info': { tDD: { nRNRB: 273 } },
      },
    ],
  };
  const hex = f1SetupRequest.encode(setup);
  expect(hex).toMatch(/^7b22/);
  expect(f1SetupRequest.decode(hex)).toEqual(setup);
  expect(() => f1SetupRequest.decode('7b2')).toThrow(expect.objectContaining({ code: 'RL_MALFORMED' }));
});
