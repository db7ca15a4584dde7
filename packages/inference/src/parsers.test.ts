import { RanloopError } from '@ranloop/contracts/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONG_INTEGER, parseJson } from './json.ts';
import { readOnnxFile } from './onnx-file.ts';
import { linearModel } from './testing/index.ts';

describe('JSON with long whole numbers', () => {
  it('reads everything else as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), fc.integer({ min: 0, max: 4 }), (text, indent) => {
        const plain = JSON.parse(text);
        fc.pre(!/\d{15}/.test(text));
        expect(parseJson(JSON.stringify(plain, null, indent))).toEqual(plain);
      }),
    );
  });

  it('keeps all digits of whole numbers, and leaves fractions and strings alone', () => {
    expect(parseJson('{"a":[-9223372036854775808, 12],"b":"18446744073709551615 \\" 9007199254740993"}')).toEqual({
      a: [`${LONG_INTEGER}-9223372036854775808`, 12],
      b: '18446744073709551615 " 9007199254740993',
    });
    expect(parseJson('[0.12345678901234567890, 12345678901234567890e-5]')).toEqual([
      0.12345678901234568, 123456789012345.67,
    ]);
  });
});

describe('the ONNX file reader', () => {
  it('finds the metadata', () => {
    expect(readOnnxFile(linearModel(0, { 'ranloop.schema': 'a-1', text: 'é' }))).toEqual({
      metadata: { 'ranloop.schema': 'a-1', text: 'é' },
      externalData: false,
    });
  });

  it('reads or refuses any bytes, and never fails otherwise', () => {
    const model = linearModel(1, { key: 'value' });
    const damaged = fc.tuple(fc.nat(model.length - 1), fc.nat(255), fc.nat(model.length)).map(([at, value, length]) => {
      const copy = Buffer.from(model);
      copy[at] = value;
      return copy.subarray(0, length);
    });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        try {
          readOnnxFile(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RanloopError);
        }
      }),
    );
  });
});
