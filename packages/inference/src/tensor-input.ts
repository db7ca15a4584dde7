import { RanloopError } from '@ranloop/contracts/errors';
import type { Datatype } from '@ranloop/contracts/inference';
import { Tensor } from 'onnxruntime-node';
import { TRAITS } from './datatypes.ts';
import { LONG_INTEGER } from './json.ts';

/** One tensor of a request; `label` names it in errors. */
export interface TensorSpec {
  readonly label: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

const invalid = (label: string, problem: string) => new RanloopError('RL_INVALID', `${label}: ${problem}`);

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** From JSON `data`: flat, or nested exactly as `shape` says. */
export function tensorFromJson(spec: TensorSpec, data: unknown): Tensor {
  if (spec.datatype === 'FP16')
    throw invalid(spec.label, 'FP16 has no JSON form; send it as binary data (binary_data_size)');
  if (!Array.isArray(data)) throw invalid(spec.label, 'data must be an array');
  const elements = data.some(Array.isArray) ? flatten(spec, data) : data;
  return tensorFromElements(spec, elements);
}

function tensorFromElements(spec: TensorSpec, elements: readonly unknown[]): Tensor {
  const count = elementCount(spec.shape);
  if (elements.length !== count)
    throw invalid(spec.label, `shape [${spec.shape}] has ${count} elements, data has ${elements.length}`);
  const { ort, array } = TRAITS[spec.datatype];
  if (!array) return new Tensor('string', elements.map(stringElement(spec)), spec.shape);
  const values = new array(count);
  const convert = converter(spec);
  for (let index = 0; index < count; index += 1) values[index] = convert(elements[index], index) as never;
  return new Tensor(ort, values as never, spec.shape);
}

/** From the bytes of the binary tensor extension: little-endian, row-major; BYTES as uint32 length and bytes. */
export function tensorFromBytes(spec: TensorSpec, bytes: Buffer): Tensor {
  const { ort, size, array } = TRAITS[spec.datatype];
  const count = elementCount(spec.shape);
  if (!array) return new Tensor('string', readStrings(spec, bytes, count), spec.shape);
  if (bytes.length !== count * size)
    throw invalid(
      spec.label,
      `shape [${spec.shape}] of ${spec.datatype} takes ${count * size} bytes, ${bytes.length} were sent`,
    );
  // Copied, since a typed array must begin at a multiple of its element size.
  const aligned = new ArrayBuffer(bytes.length);
  new Uint8Array(aligned).set(bytes);
  return new Tensor(ort, new array(aligned, 0, count) as never, spec.shape);
}

function flatten(spec: TensorSpec, data: readonly unknown[]): unknown[] {
  const out: unknown[] = [];
  const walk = (value: unknown, depth: number): void => {
    const size = spec.shape[depth];
    if (size === undefined) {
      if (Array.isArray(value)) throw invalid(spec.label, `data is nested deeper than shape [${spec.shape}]`);
      out.push(value);
      return;
    }
    if (!Array.isArray(value) || value.length !== size)
      throw invalid(spec.label, `nested data does not follow shape [${spec.shape}] at dimension ${depth}`);
    for (const item of value) walk(item, depth + 1);
  };
  walk(data, 0);
  return out;
}

function converter(spec: TensorSpec): (value: unknown, index: number) => number | bigint {
  const { range } = TRAITS[spec.datatype];
  const at = (index: number) => `${spec.label}: data[${index}]`;
  if (spec.datatype === 'BOOL')
    return (value, index) => {
      if (typeof value !== 'boolean') throw invalid(at(index), 'must be true or false');
      return value ? 1 : 0;
    };
  if (!range)
    return (value, index) => {
      const number = Number(longInteger(value) ?? (typeof value === 'number' ? value : Number.NaN));
      if (!Number.isFinite(number)) throw invalid(at(index), 'must be a number');
      if (spec.datatype === 'FP32' && !Number.isFinite(Math.fround(number)))
        throw invalid(at(index), 'does not fit FP32');
      return number;
    };
  const [low, high] = range;
  const wide = spec.datatype === 'INT64' || spec.datatype === 'UINT64';
  return (value, index) => {
    const whole = wholeNumber(value);
    if (whole === undefined || whole < low || whole > high)
      throw invalid(at(index), `must be a whole number ${low}..${high}`);
    return wide ? whole : Number(whole);
  };
}

function wholeNumber(value: unknown): bigint | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  const digits = longInteger(value);
  return digits === undefined ? undefined : BigInt(digits);
}

/** The digits of a long whole number; undefined for any other value, also for text that only begins like one. */
function longInteger(value: unknown): string | undefined {
  if (typeof value !== 'string' || !value.startsWith(LONG_INTEGER)) return undefined;
  const digits = value.slice(LONG_INTEGER.length);
  return /^-?\d{1,400}$/.test(digits) ? digits : undefined;
}

const stringElement = (spec: TensorSpec) => (value: unknown, index: number) => {
  if (typeof value !== 'string' || value.startsWith(LONG_INTEGER))
    throw invalid(`${spec.label}: data[${index}]`, 'must be a string');
  return value;
};

function readStrings(spec: TensorSpec, bytes: Buffer, count: number): string[] {
  const strings: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : -1;
    if (length < 0 || at + 4 + length > bytes.length)
      throw invalid(spec.label, `a BYTES element at byte ${at} runs past the end of its data`);
    strings.push(bytes.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  if (strings.length !== count)
    throw invalid(spec.label, `shape [${spec.shape}] has ${count} elements, ${strings.length} were sent`);
  return strings;
}
