import { ncIOf, nrCgi, plmnFromOctets, plmnToOctets, snssaiFromText, snssaiText } from '@ranloop/contracts/e2';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kpmEventTrigger, kpmIndicationMessage, ntpFromSeconds, rcControlMessage, secondsFromNtp } from './index.ts';

test('an event trigger is the hex of its JSON', () => {
  const trigger = { 'eventDefinition-formats': { 'eventDefinition-Format1': { reportingPeriod: 60_000 } } };
  const hex = kpmEventTrigger.encode(trigger);
  expect(Buffer.from(hex, 'hex').toString()).toBe(
    '{"eventDefinition-formats":{"eventDefinition-Format1":{"reportingPeriod":60000}}}',
  );
  expect(kpmEventTrigger.decode(hex)).toEqual(trigger);
});

test('a ratio beyond 100 percent and a record with a negative integer do not decode', () => {
  const ratio = (max: number) => ({
    'ric-controlMessage-formats': {
      'controlMessage-Format1': {
        nrCgi: nrCgi('00f110', 16),
        rrmPolicyRatioList: [
          {
            rrmPolicy: { rrmPolicyMemberList: [{ plmnIdentity: '00f110', sNSSAI: { sST: '02' } }] },
            minPrbPolicyRatio: 0,
            maxPrbPolicyRatio: max,
            dedicatedPrbPolicyRatio: 0,
          },
        ],
      },
    },
  });
  expect(rcControlMessage.decode(rcControlMessage.encode(ratio(100)))).toEqual(ratio(100));
  expect(() => rcControlMessage.decode(rcControlMessage.encode(ratio(101)))).toThrow(
    expect.objectContaining({ code: 'RL_INVALID' }),
  );
  const message = (integer: number) => ({
    'indicationMessage-formats': {
      'indicationMessage-Format1': {
        measData: [{ measRecord: [{ integer }] }],
        measInfoList: [
          { measType: { measName: 'RRC.ConnMean' }, labelInfoList: [{ measLabel: { noLabel: 'true' as const } }] },
        ],
        granulPeriod: 1_000,
      },
    },
  });
  expect(() => kpmIndicationMessage.decode(kpmIndicationMessage.encode(message(-1)))).toThrow(
    expect.objectContaining({ code: 'RL_INVALID' }),
  );
});

test('PLMN identities are swapped digits with a filler for a short MNC', () => {
  // TS 38.413: octet 1 is MCC digits 2 and 1, octet 2 MNC digit 3 (or f) and MCC digit 3, octet 3 MNC digits 2 and 1.
  expect(plmnToOctets({ mcc: '001', mnc: '01' })).toBe('00f110');
  expect(plmnToOctets({ mcc: '310', mnc: '260' })).toBe('130062');
  expect(plmnFromOctets('00f110')).toEqual({ mcc: '001', mnc: '01' });
  expect(plmnFromOctets('130062')).toEqual({ mcc: '310', mnc: '260' });
  expect(() => plmnFromOctets('abcdef')).toThrow(expect.objectContaining({ code: 'RL_INVALID' }));
});

test('PLMN and cell identities survive their octets', () => {
  const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));
  fc.assert(
    fc.property(digits(3), fc.oneof(digits(2), digits(3)), fc.nat(68_719_476_735), (mcc, mnc, ncI) => {
      const octets = plmnToOctets({ mcc, mnc });
      expect(octets).toMatch(/^[0-9a-f]{6}$/);
      expect(plmnFromOctets(octets)).toEqual({ mcc, mnc });
      const cgi = nrCgi(octets, ncI);
      expect(cgi.nRCellIdentity.value).toMatch(/^[0-9a-f]{9}0$/);
      expect(ncIOf(cgi)).toBe(ncI);
    }),
  );
  expect(snssaiText(snssaiFromText('01000001'))).toBe('01000001');
  expect(snssaiFromText('03')).toEqual({ sST: '03' });
});

test('an NTP timestamp counts from 1900 and keeps the fraction', () => {
  expect(ntpFromSeconds(0)).toBe('83aa7e8000000000');
  expect(ntpFromSeconds(0.5)).toBe('83aa7e8080000000');
  expect(secondsFromNtp(ntpFromSeconds(1_700_000_000.25))).toBeCloseTo(1_700_000_000.25, 6);
});
