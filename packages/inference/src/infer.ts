import { RanloopError } from '@ranloop/contracts/errors';
import { InferRequest, type RequestInput, type TensorMetadata } from '@ranloop/contracts/inference';
import { checker } from '@ranloop/contracts/schema';
import type { Tensor } from 'onnxruntime-node';
import { parseJson } from './json.ts';
import type { ServedModel } from './model.ts';
import { tensorFromBytes, tensorFromJson } from './tensor-input.ts';
import { elementTexts, type OutputTensor, outputTensor, tensorBytes } from './tensor-output.ts';

const checkRequest = checker(InferRequest);

export interface InferBody {
  readonly bytes: Buffer;
  /** Bytes of the JSON part, as the header said; all when there is none. */
  readonly jsonLength?: number | undefined;
}

export interface InferAnswer {
  readonly body: Buffer;
  /** Present when binary tensors follow the JSON part. */
  readonly jsonLength?: number;
}

/** One `infer` call: bytes in, bytes out. Errors name the tensor and the element. */
export async function infer(model: ServedModel, given: InferBody, limits: { maxOutputElements: number }) {
  const jsonLength = given.jsonLength ?? given.bytes.length;
  if (jsonLength > given.bytes.length)
    throw new RanloopError('RL_INVALID', `Inference-Header-Content-Length ${jsonLength} is more than the body`);
  const request = checkRequest(readJson(given.bytes.subarray(0, jsonLength)), 'request');
  const feeds = readInputs(model, request.inputs, given.bytes.subarray(jsonLength));
  const wanted = wantedOutputs(model, request);
  const results = await model.run(feeds, [...wanted.keys()]);
  const outputs = [...wanted].map(([name, binary]) => ({
    binary,
    output: outputTensor(name, results[name] as Tensor),
  }));
  const elements = outputs.reduce((sum, { output }) => sum + output.data.length, 0);
  if (elements > limits.maxOutputElements)
    throw new RanloopError('RL_UNPROCESSABLE', `the answer has ${elements} elements, over ${limits.maxOutputElements}`);
  return writeAnswer(model, request.id, outputs);
}

export function readJson(bytes: Buffer): unknown {
  try {
    return parseJson(bytes.toString('utf8'));
  } catch {
    throw new RanloopError('RL_MALFORMED', 'the request is not JSON');
  }
}

/** RL_INVALID unless the datatype is the model's and every fixed dimension agrees. */
export function checkAgainst(
  expected: TensorMetadata,
  { datatype, shape }: { datatype: string; shape: readonly number[] },
) {
  if (datatype !== expected.datatype)
    throw new RanloopError('RL_INVALID', `input ${expected.name}: datatype is ${expected.datatype}, not ${datatype}`);
  const fits =
    shape.length === expected.shape.length &&
    expected.shape.every((size, index) => size === -1 || size === shape[index]);
  if (!fits)
    throw new RanloopError(
      'RL_INVALID',
      `input ${expected.name}: shape must be [${expected.shape}] (-1 is any size), not [${shape}]`,
    );
}

function readInputs(model: ServedModel, inputs: readonly RequestInput[], binary: Buffer): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  let at = 0;
  for (const input of inputs) {
    const expected = model.metadata.inputs.find(({ name }) => name === input.name);
    if (!expected) throw new RanloopError('RL_INVALID', `the model has no input "${input.name}"`);
    if (Object.hasOwn(feeds, input.name)) throw new RanloopError('RL_INVALID', `input ${input.name} is given twice`);
    checkAgainst(expected, input);
    const spec = { label: `input ${input.name}`, datatype: input.datatype, shape: input.shape };
    const size = input.parameters?.['binary_data_size'];
    if (size === undefined) feeds[input.name] = tensorFromJson(spec, input.data);
    else {
      if (input.data !== undefined)
        throw new RanloopError('RL_INVALID', `${spec.label}: has both data and binary_data_size`);
      if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || at + size > binary.length)
        throw new RanloopError('RL_INVALID', `${spec.label}: binary_data_size ${String(size)} does not fit the body`);
      feeds[input.name] = tensorFromBytes(spec, binary.subarray(at, at + size));
      at += size;
    }
  }
  if (at !== binary.length)
    throw new RanloopError('RL_INVALID', `${binary.length - at} bytes follow that belong to no input`);
  for (const { name } of model.metadata.inputs)
    if (!Object.hasOwn(feeds, name)) throw new RanloopError('RL_INVALID', `input ${name} is missing`);
  return feeds;
}

/** Names of the outputs asked for, each with whether it is to be sent as bytes. */
function wantedOutputs(model: ServedModel, request: InferRequest): Map<string, boolean> {
  const all = request.parameters?.['binary_data_output'] === true;
  const names = model.metadata.outputs.map(({ name }) => name);
  if (!request.outputs || request.outputs.length === 0) return new Map(names.map((name) => [name, all]));
  const wanted = new Map<string, boolean>();
  for (const { name, parameters } of request.outputs) {
    if (!names.includes(name)) throw new RanloopError('RL_INVALID', `the model has no output "${name}"`);
    if (parameters?.['classification'] !== undefined)
      throw new RanloopError('RL_INVALID', `output ${name}: the classification extension is not offered`);
    const own = parameters?.['binary_data'];
    wanted.set(name, own === undefined ? all : own === true);
  }
  return wanted;
}

/** Written by hand, since `JSON.stringify` knows no whole numbers of 64 bits. */
function writeAnswer(
  model: ServedModel,
  id: string | undefined,
  outputs: readonly { binary: boolean; output: OutputTensor }[],
): InferAnswer {
  const tails: Buffer[] = [];
  const texts = outputs.map(({ binary, output }) => {
    const head = `{"name":${JSON.stringify(output.name)},"shape":[${output.shape}],"datatype":"${output.datatype}"`;
    if (!binary) return `${head},"data":[${elementTexts(output).join(',')}]}`;
    const bytes = tensorBytes(output);
    tails.push(bytes);
    return `${head},"parameters":{"binary_data_size":${bytes.length}}}`;
  });
  const { name, version, sha256, modelId } = model.identity;
  const head = JSON.stringify({
    model_name: name,
    model_version: version,
    ...(id === undefined ? {} : { id }),
    parameters: { sha256, modelId },
  });
  const json = Buffer.from(`${head.slice(0, -1)},"outputs":[${texts.join(',')}]}`);
  return tails.length === 0 ? { body: json } : { body: Buffer.concat([json, ...tails]), jsonLength: json.length };
}
