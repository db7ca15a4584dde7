import { RanloopError } from '@ranloop/contracts/errors';

/**
 * Reads from an ONNX file what ONNX Runtime does not tell: `metadata_props`, and whether a tensor's values lie in
 * another file. Field numbers are those of onnx.proto3.
 */
export interface OnnxFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly externalData: boolean;
}

const MODEL = { graph: 7, metadata: 14 };
const GRAPH = { node: 1, initializer: 5 };
const NODE = { attribute: 5 };
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11 };
const TENSOR = { dataLocation: 14 };
const ENTRY = { key: 1, value: 2 };
const MOST_METADATA = 1_000;
const MOST_DEPTH = 32;

export function readOnnxFile(bytes: Uint8Array): OnnxFile {
  const metadata: Record<string, string> = {};
  let entries = 0;
  let externalData = false;
  for (const field of fields(bytes)) {
    if (field.number === MODEL.graph && field.bytes) externalData ||= graphIsExternal(field.bytes, 0);
    if (field.number !== MODEL.metadata || !field.bytes) continue;
    entries += 1;
    if (entries > MOST_METADATA) throw refused('has too many metadata entries');
    const [key, value] = entry(field.bytes);
    metadata[key] = value;
  }
  return { metadata, externalData };
}

function entry(bytes: Uint8Array): [string, string] {
  let key = '';
  let value = '';
  for (const field of fields(bytes)) {
    if (field.number === ENTRY.key && field.bytes) key = Buffer.from(field.bytes).toString('utf8');
    if (field.number === ENTRY.value && field.bytes) value = Buffer.from(field.bytes).toString('utf8');
  }
  return [key, value];
}

function graphIsExternal(bytes: Uint8Array, depth: number): boolean {
  if (depth > MOST_DEPTH) throw refused('nests graphs too deeply');
  for (const field of fields(bytes)) {
    if (!field.bytes) continue;
    if (field.number === GRAPH.initializer && tensorIsExternal(field.bytes)) return true;
    if (field.number === GRAPH.node && nodeIsExternal(field.bytes, depth)) return true;
  }
  return false;
}

function nodeIsExternal(bytes: Uint8Array, depth: number): boolean {
  for (const attribute of fields(bytes)) {
    if (attribute.number !== NODE.attribute || !attribute.bytes) continue;
    for (const { number, bytes: inner } of fields(attribute.bytes)) {
      if (!inner) continue;
      if ((number === ATTRIBUTE.tensor || number === ATTRIBUTE.tensors) && tensorIsExternal(inner)) return true;
      const isGraph = number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs;
      if (isGraph && graphIsExternal(inner, depth + 1)) return true;
    }
  }
  return false;
}

function tensorIsExternal(bytes: Uint8Array): boolean {
  for (const field of fields(bytes)) if (field.number === TENSOR.dataLocation && field.varint !== 0) return true;
  return false;
}

interface Field {
  readonly number: number;
  readonly varint?: number;
  readonly bytes?: Uint8Array;
}

/** The fields of one protobuf message; a broken message throws RL_UNPROCESSABLE. */
function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at];
      if (byte === undefined) throw refused('ends within a number');
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw refused('holds a number that is too long');
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    const wire = key % 8;
    if (wire === 0) yield { number, varint: varint() };
    else if (wire === 1 || wire === 5) at += wire === 1 ? 8 : 4;
    else if (wire === 2) {
      const length = varint();
      if (at + length > bytes.length) throw refused('ends within a field');
      yield { number, bytes: bytes.subarray(at, at + length) };
      at += length;
    } else throw refused(`holds wire type ${wire}`);
  }
}

const refused = (problem: string) => new RanloopError('RL_UNPROCESSABLE', `the ONNX file ${problem}`);
