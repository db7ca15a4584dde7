/** Writes small ONNX files field by field, independent of any library that the code under test uses. */

type Bytes = readonly number[];

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varint(Math.floor(value / 0x80))];
const number = (field: number, value: number): Bytes => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, value: Bytes): Bytes => [...varint(field * 8 + 2), ...varint(value.length), ...value];
const text = (field: number, value: string): Bytes => bytes(field, [...new TextEncoder().encode(value)]);

/** Element types of onnx.TensorProto. */
export const ELEMENT = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BYTES: 8,
  BOOL: 9,
  FP16: 10,
  FP64: 11,
  UINT32: 12,
  UINT64: 13,
} as const;

/** A dimension: a size, or a name for one of any size. */
type Dimension = number | string;

export function valueInfo(name: string, element: number, shape: readonly Dimension[]): Bytes {
  const dimensions = shape.flatMap((size) => bytes(1, typeof size === 'number' ? number(1, size) : text(2, size)));
  return [...text(1, name), ...bytes(2, bytes(1, [...number(1, element), ...bytes(2, dimensions)]))];
}

export function node(type: string, inputs: readonly string[], outputs: readonly string[]): Bytes {
  return [...inputs.flatMap((name) => text(1, name)), ...outputs.flatMap((name) => text(2, name)), ...text(4, type)];
}

export function floats(name: string, shape: readonly number[], values: readonly number[]): Bytes {
  const raw = [...new Uint8Array(new Float32Array(values).buffer)];
  return [...shape.flatMap((size) => number(1, size)), ...number(2, ELEMENT.FP32), ...text(8, name), ...bytes(9, raw)];
}

export function externalFloats(name: string, shape: readonly number[], file: string): Bytes {
  const location = bytes(13, [...text(1, 'location'), ...text(2, file)]);
  return [
    ...shape.flatMap((size) => number(1, size)),
    ...number(2, ELEMENT.FP32),
    ...text(8, name),
    ...location,
    ...number(14, 1),
  ];
}

export interface Graph {
  readonly nodes: readonly Bytes[];
  readonly inputs: readonly Bytes[];
  readonly outputs: readonly Bytes[];
  readonly initializers?: readonly Bytes[];
  readonly metadata?: Readonly<Record<string, string>>;
}

export function onnxModel({ nodes, inputs, outputs, initializers = [], metadata = {} }: Graph): Buffer {
  const graph = [
    ...nodes.flatMap((item) => bytes(1, item)),
    ...text(2, 'test'),
    ...initializers.flatMap((item) => bytes(5, item)),
    ...inputs.flatMap((item) => bytes(11, item)),
    ...outputs.flatMap((item) => bytes(12, item)),
  ];
  const properties = Object.entries(metadata).flatMap(([key, value]) =>
    bytes(14, [...text(1, key), ...text(2, value)]),
  );
  return Buffer.from([...number(1, 8), ...bytes(8, number(2, 17)), ...bytes(7, graph), ...properties]);
}

/** y = x W + b with x [batch, 2], W = [[1, 10], [2, 20]], b = [shift, 0]. */
export function linearModel(shift: number, metadata: Readonly<Record<string, string>> = {}): Buffer {
  return onnxModel({
    nodes: [node('MatMul', ['x', 'w'], ['xw']), node('Add', ['xw', 'b'], ['y'])],
    inputs: [valueInfo('x', ELEMENT.FP32, ['batch', 2])],
    outputs: [valueInfo('y', ELEMENT.FP32, ['batch', 2])],
    initializers: [floats('w', [2, 2], [1, 10, 2, 20]), floats('b', [2], [shift, 0])],
    metadata,
  });
}

/** y = x, for one element type. */
export function echoModel(element: number): Buffer {
  return onnxModel({
    nodes: [node('Identity', ['x'], ['y'])],
    inputs: [valueInfo('x', element, ['n'])],
    outputs: [valueInfo('y', element, ['n'])],
  });
}
