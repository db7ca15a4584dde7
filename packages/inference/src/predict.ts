import { RanloopError } from '@ranloop/contracts/errors';
import { type Datatype, PredictRequest, type TensorMetadata } from '@ranloop/contracts/inference';
import { checker } from '@ranloop/contracts/schema';
import type { Tensor } from 'onnxruntime-node';
import { checkAgainst, readJson } from './infer.ts';
import type { ServedModel } from './model.ts';
import { tensorFromJson } from './tensor-input.ts';
import { nestedText, type OutputTensor, outputTensor } from './tensor-output.ts';

const checkRequest = checker(PredictRequest);

/**
 * The older `:predict` call. Each instance is the value of the model's one input, or an object with a value for each
 * input; each prediction is the value of the one output, or an object. Instances are stacked along the first dimension.
 */
export async function predict(model: ServedModel, bytes: Buffer): Promise<string> {
  const { instances } = checkRequest(readJson(bytes), 'request');
  const feeds: Record<string, Tensor> = {};
  for (const input of model.metadata.inputs)
    feeds[input.name] = stack(
      input,
      instances.map((instance, index) =>
        valueFor(input, instance, { index, only: model.metadata.inputs.length === 1 }),
      ),
    );
  const names = model.metadata.outputs.map(({ name }) => name);
  const results = await model.run(feeds, names);
  const outputs = names.map((name) => outputTensor(name, results[name] as Tensor));
  const rows = outputs.map((output) => split(output, instances.length));
  const predictions = instances.map((_, index) =>
    outputs.length === 1
      ? rows[0]?.[index]
      : `{${names.map((name, column) => `${JSON.stringify(name)}:${rows[column]?.[index]}`).join(',')}}`,
  );
  return `{"predictions":[${predictions.join(',')}]}`;
}

function valueFor(input: TensorMetadata, instance: unknown, at: { index: number; only: boolean }): unknown {
  if (typeof instance === 'object' && instance !== null && !Array.isArray(instance)) {
    const value = (instance as Record<string, unknown>)[input.name];
    if (value === undefined) throw new RanloopError('RL_INVALID', `instances[${at.index}]: no value for ${input.name}`);
    return value;
  }
  if (!at.only)
    throw new RanloopError('RL_INVALID', `instances[${at.index}]: the model has several inputs; send an object`);
  return instance;
}

function stack(input: TensorMetadata, data: unknown[]): Tensor {
  const shape = shapeOf(data);
  checkAgainst(input, { datatype: input.datatype, shape });
  return tensorFromJson({ label: `input ${input.name}`, datatype: input.datatype as Datatype, shape }, data);
}

function shapeOf(data: unknown): number[] {
  const shape: number[] = [];
  for (let level = data; Array.isArray(level) && shape.length < 16; level = level[0]) shape.push(level.length);
  return shape;
}

function split(output: OutputTensor, count: number): string[] {
  const [first, ...rest] = output.shape;
  if (first !== count)
    throw new RanloopError('RL_UNPROCESSABLE', `output ${output.name} does not have one row for each instance`);
  const width = output.data.length / count;
  return Array.from({ length: count }, (_, row) =>
    nestedText({
      ...output,
      shape: rest,
      data: Array.prototype.slice.call(output.data, row * width, (row + 1) * width),
    }),
  );
}
