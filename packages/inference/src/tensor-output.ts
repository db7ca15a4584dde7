import { RanloopError } from '@ranloop/contracts/errors';
import type { Datatype } from '@ranloop/contracts/inference';
import type { Tensor } from 'onnxruntime-node';
import { datatypeOf } from './datatypes.ts';

/** A computed tensor, ready to be written as JSON or as bytes. */
export interface OutputTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: ArrayLike<unknown>;
}

export function outputTensor(name: string, tensor: Tensor): OutputTensor {
  const datatype = datatypeOf(tensor.type);
  if (!datatype) throw new RanloopError('RL_UNPROCESSABLE', `output ${name} has type ${tensor.type}`);
  return { name, datatype, shape: tensor.dims, data: tensor.data as ArrayLike<unknown> };
}

/** The elements as JSON texts; whole numbers of 64 bits keep all their digits. */
export function elementTexts({ name, datatype, data }: OutputTensor): string[] {
  if (datatype === 'FP16')
    throw new RanloopError('RL_INVALID', `output ${name} is FP16, which has no JSON form; ask for binary_data`);
  if (datatype === 'BYTES') return Array.from(data, (value) => JSON.stringify(value));
  if (datatype === 'BOOL') return Array.from(data, (value) => (value ? 'true' : 'false'));
  return Array.from(data, (value) => {
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new RanloopError(
        'RL_UNPROCESSABLE',
        `output ${name} holds ${value}, which has no JSON form; ask for binary_data`,
      );
    return String(value);
  });
}

/** The tensor as nested JSON arrays. */
export function nestedText(output: OutputTensor): string {
  const texts = elementTexts(output);
  const nest = (depth: number, from: number, span: number): string => {
    const size = output.shape[depth];
    if (size === undefined) return texts[from] ?? 'null';
    const step = size === 0 ? 0 : span / size;
    return `[${Array.from({ length: size }, (_, index) => nest(depth + 1, from + index * step, step)).join(',')}]`;
  };
  return nest(0, 0, texts.length);
}

/** Little-endian, row-major; BYTES as uint32 length and bytes. */
export function tensorBytes({ datatype, data }: OutputTensor): Buffer {
  if (datatype === 'BYTES')
    return Buffer.concat(
      Array.from(data, (value) => {
        const text = Buffer.from(String(value), 'utf8');
        const length = Buffer.alloc(4);
        length.writeUInt32LE(text.length);
        return Buffer.concat([length, text]);
      }),
    );
  const view = data as unknown as ArrayBufferView;
  return Buffer.from(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
}
