import type { Datatype } from '@ranloop/contracts/inference';
import type { Tensor } from 'onnxruntime-node';

type NumericArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

interface DatatypeTraits {
  /** Name in ONNX Runtime. */
  readonly ort: Tensor.Type;
  /** Bytes of an element; 0 when elements have lengths of their own. */
  readonly size: number;
  readonly array?: {
    new (length: number): NumericArray;
    new (buffer: ArrayBuffer, offset: number, length: number): NumericArray;
  };
  /** Whole numbers from low to high, both included. */
  readonly range?: readonly [bigint, bigint];
}

/** The protocol's datatypes as ONNX Runtime knows them. FP16 travels as the bits of a half float. */
export const TRAITS: Readonly<Record<Datatype, DatatypeTraits>> = {
  BOOL: { ort: 'bool', size: 1, array: Uint8Array },
  UINT8: { ort: 'uint8', size: 1, array: Uint8Array, range: [0n, 255n] },
  UINT16: { ort: 'uint16', size: 2, array: Uint16Array, range: [0n, 65_535n] },
  UINT32: { ort: 'uint32', size: 4, array: Uint32Array, range: [0n, 2n ** 32n - 1n] },
  UINT64: { ort: 'uint64', size: 8, array: BigUint64Array, range: [0n, 2n ** 64n - 1n] },
  INT8: { ort: 'int8', size: 1, array: Int8Array, range: [-128n, 127n] },
  INT16: { ort: 'int16', size: 2, array: Int16Array, range: [-32_768n, 32_767n] },
  INT32: { ort: 'int32', size: 4, array: Int32Array, range: [-(2n ** 31n), 2n ** 31n - 1n] },
  INT64: { ort: 'int64', size: 8, array: BigInt64Array, range: [-(2n ** 63n), 2n ** 63n - 1n] },
  FP16: { ort: 'float16', size: 2, array: Uint16Array },
  FP32: { ort: 'float32', size: 4, array: Float32Array },
  FP64: { ort: 'float64', size: 8, array: Float64Array },
  BYTES: { ort: 'string', size: 0 },
};

export function datatypeOf(ort: string): Datatype | undefined {
  for (const [name, traits] of Object.entries(TRAITS)) if (traits.ort === ort) return name as Datatype;
  return undefined;
}
