import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brokenRules, COUNTERS, flagNames, outOfRange, parseCounterName, ruleOf } from './index.ts';

test('an S-NSSAI with SD, an SST, a PLMN and a 5QI are told apart by their form', () => {
  expect(parseCounterName('DRB.AirIfDelayDl.010003E8')).toMatchObject({
    counter: 'DRB.AirIfDelayDl',
    snssai: '010003e8',
  });
  expect(parseCounterName('RRU.PrbUsedDl.01')).toMatchObject({ counter: 'RRU.PrbUsedDl', snssai: '01' });
  expect(parseCounterName('RRU.PrbUsedDl.226F04')).toMatchObject({ counter: 'RRU.PrbUsedDl', plmn: '226F04' });
  expect(parseCounterName('DRB.UEThpDl.9')).toMatchObject({ counter: 'DRB.UEThpDl', fiveQi: 9 });
  expect(parseCounterName('DRB.UEThpDl.226F04.010003e8.65')).toMatchObject({
    counter: 'DRB.UEThpDl',
    plmn: '226F04',
    snssai: '010003e8',
    fiveQi: 65,
  });
});

test('causes and bins stay in the name, with the table entry of the counter that they refine', () => {
  expect(parseCounterName('RRC.ConnEstabAtt.mo-Signalling')).toEqual({
    counter: 'RRC.ConnEstabAtt.mo-Signalling',
    known: COUNTERS.get('RRC.ConnEstabAtt'),
  });
  expect(parseCounterName('CARR.WBCQIDist.01')).toEqual({
    counter: 'CARR.WBCQIDist.01',
    known: COUNTERS.get('CARR.WBCQIDist'),
  });
  expect(parseCounterName('MM.HoExeInterReq.TimeMean').known?.unit).toBe('ms');
});

test('a vendor counter keeps its decimal index, and gives up a suffix that can only be a slice', () => {
  expect(parseCounterName('Acme.Fans.7')).toEqual({ counter: 'Acme.Fans.7' });
  expect(parseCounterName('Acme.Load.010003e8')).toEqual({ counter: 'Acme.Load', snssai: '010003e8' });
});

test('a name is never lost: name and subcounters give the text back', () => {
  const name = fc.constantFrom('RRU.PrbUsedDl', 'DRB.UEThpDl', 'Acme.Load');
  const sst = fc.constantFrom('', '.01', '.02', '.010003e8');
  fc.assert(
    fc.property(name, sst, (base, suffix) => {
      const { counter, snssai } = parseCounterName(base + suffix);
      expect(snssai === undefined ? counter : `${counter}.${snssai}`).toBe(base + suffix);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(text.startsWith(parseCounterName(text).counter)).toBe(true);
    }),
  );
});

test('ranges name the rule that a value breaks', () => {
  const usage = COUNTERS.get('RRU.PrbTotUl');
  expect(usage && outOfRange(usage, 100)).toBeUndefined();
  expect(usage && outOfRange(usage, 950)).toBe('RRU.PrbTotUl is at most 100 %');
  const temperature = COUNTERS.get('PEE.AvgTemperature');
  expect(temperature && outOfRange(temperature, -20)).toBeUndefined();
});

test('the rules that a value breaks are named one by one, and a mean named after a count need not be whole', () => {
  const attempts = COUNTERS.get('RRC.ConnEstabAtt');
  if (!attempts) throw new Error('not in the table');
  const flags = (value: number, counter?: string) => flagNames(brokenRules(attempts, value, counter));
  expect(flags(3)).toEqual([]);
  expect(flags(-1.5)).toEqual(['below-min', 'not-integer']);
  expect(flags(1.5, 'RRC.ConnEstabAtt.Mean')).toEqual([]);
  expect(flags(-2).map((flag) => ruleOf(flag, attempts))).toEqual(['RRC.ConnEstabAtt is at least 0 count']);
  expect(ruleOf('not-integer', attempts)).toBe('RRC.ConnEstabAtt is a whole number');
});

test('every counter has a unit, a class and a description, and its name is in the table once', () => {
  for (const [name, counter] of COUNTERS) {
    expect(name).toBe(counter.name);
    expect([counter.unit, counter.objectClass, counter.description].every((text) => text.length > 0)).toBe(true);
  }
});
