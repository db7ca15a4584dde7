import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Params, readParams, toHyperParams } from './params.ts';

const stored = (params: Params) =>
  Object.fromEntries(toHyperParams('General', params).map((item) => [item.name, item]));
const text = (name: string, value: string) => ({ [name]: { section: 'General', name, value } });

describe('parameters', () => {
  it('come back as they were written, whatever their type', () => {
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
      fc.boolean(),
      fc.string(),
      fc.array(fc.integer(), { minLength: 1 }),
      fc.array(fc.string(), { minLength: 1 }),
      fc.array(fc.boolean(), { minLength: 1 }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), value), (params) => {
        expect(readParams(params, stored(params), 'General')).toEqual(params);
      }),
    );
  });

  it('are read as people and Python write them', () => {
    expect(readParams({ on: false }, text('on', 'True'), 'General')).toEqual({ on: true });
    expect(readParams({ on: true }, text('on', 'no'), 'General')).toEqual({ on: false });
    expect(readParams({ rate: 1 }, text('rate', ' 1e-3 '), 'General')).toEqual({ rate: 0.001 });
    expect(readParams({ units: [1] }, text('units', '64, 32'), 'General')).toEqual({ units: [64, 32] });
    expect(readParams({ names: ['x'] }, text('names', "['a', 'b']"), 'General')).toEqual({ names: ['a', 'b'] });
    expect(readParams({ names: ['x'] }, text('names', 'a, b'), 'General')).toEqual({ names: ['a', 'b'] });
    expect(readParams({ names: ['x'] }, text('names', ''), 'General')).toEqual({ names: [] });
  });

  it('keep the default of a name that is not there', () => {
    expect(readParams({ rate: 0.5, epochs: 3 }, text('epochs', '7'), 'General')).toEqual({ rate: 0.5, epochs: 7 });
  });

  it('are refused by name when they are not what the default is', () => {
    const wrong = { ...text('rate', 'fast'), ...text('epochs', ''), ...text('units', '64, x') };
    const read = () => readParams({ rate: 0.5, epochs: 3, units: [1] }, wrong, 'General');
    expect(read).toThrow(
      expect.objectContaining({
        code: 'RL_INVALID',
        fields: [
          { path: '/hyperparams/General/rate', problem: 'must be a number, not "fast"' },
          { path: '/hyperparams/General/epochs', problem: 'must be a number, not ""' },
          { path: '/hyperparams/General/units', problem: 'must be a list of numbers, not "64, x"' },
        ],
      }),
    );
  });
});
