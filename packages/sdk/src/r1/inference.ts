import { RanloopError } from '@ranloop/contracts/errors';
import {
  INFERENCE_V2,
  type InferResponse,
  type LoadedModel,
  type LoadParameters,
  type ModelMetadata,
  type RepositoryEntry,
} from '@ranloop/contracts/inference';
import { type ClientConfig, createHttp } from './http.ts';

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** FP32, row-major; as many values as the shape holds, each finite. */
  readonly data: ArrayLike<number>;
}

export interface Inferred {
  readonly modelName: string;
  readonly modelVersion: string;
  /** Digest and id of the very model that answered, when the server tells them. */
  readonly sha256: string | undefined;
  readonly modelId: string | undefined;
  readonly outputs: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;
}

export interface ModelRef {
  readonly name: string;
  readonly version?: string;
}

/** Open Inference Protocol v2 (REST) with its model repository extension. */
export interface InferenceClient {
  live(): Promise<boolean>;
  ready(): Promise<boolean>;
  modelReady(model: ModelRef): Promise<boolean>;
  metadata(model: ModelRef): Promise<ModelMetadata>;
  infer(model: ModelRef, inputs: readonly Tensor[], options?: { signal?: AbortSignal }): Promise<Inferred>;
  models(options?: { ready?: boolean }): Promise<RepositoryEntry[]>;
  load(name: string, parameters?: LoadParameters): Promise<LoadedModel>;
  unload(name: string): Promise<void>;
}

export function createInferenceClient(config: ClientConfig): InferenceClient {
  const http = createHttp(config);
  const part = encodeURIComponent;
  const at = ({ name, version }: ModelRef, rest = '') =>
    `${INFERENCE_V2}/models/${part(name)}${version === undefined ? '' : `/versions/${part(version)}`}${rest}`;
  const repository = `${INFERENCE_V2}/repository`;
  return {
    live: () => says(http.json(`${INFERENCE_V2}/health/live`), 'live'),
    ready: () => says(http.json(`${INFERENCE_V2}/health/ready`), 'ready'),
    modelReady: (model) => says(http.json(at(model, '/ready')), 'ready'),
    metadata: (model) => http.json(at(model)),
    async infer(model, inputs, { signal } = {}) {
      const body = { inputs: inputs.map(toInput) };
      const options = { method: 'POST', body, repeatable: true, signal } as const;
      return readAnswer(await http.json<InferResponse>(at(model, '/infer'), options));
    },
    models: (options = {}) => http.json(`${repository}/index`, { method: 'POST', body: options, repeatable: true }),
    load: (name, parameters) =>
      http.json(`${repository}/models/${part(name)}/load`, {
        method: 'POST',
        body: parameters ? { parameters } : {},
      }),
    async unload(name) {
      await http.json(`${repository}/models/${part(name)}/unload`, { method: 'POST', body: {} });
    },
  };
}

function toInput({ name, shape, data }: Tensor) {
  const count = shape.reduce((product, size) => product * size, 1);
  const problem =
    data.length !== count
      ? `holds ${data.length} values, but its shape [${shape.join(', ')}] ${count}`
      : Array.from(data).every(Number.isFinite)
        ? undefined
        : 'holds a value that is not finite, which JSON cannot carry';
  if (problem)
    throw new RanloopError('RL_INVALID', `input ${name} ${problem}`, { fields: [{ path: `/${name}`, problem }] });
  return { name, shape, datatype: 'FP32', data: Array.from(data) };
}

function readAnswer(answer: InferResponse): Inferred {
  const text = (name: string) => {
    const value = answer.parameters?.[name];
    return typeof value === 'string' ? value : undefined;
  };
  const outputs = answer.outputs.map(({ name, shape, data }) => {
    const values = Float32Array.from((data ?? []) as number[]);
    return [name, { shape, data: values }] as const;
  });
  return {
    modelName: answer.model_name,
    modelVersion: answer.model_version ?? '',
    sha256: text('sha256'),
    modelId: text('modelId'),
    outputs: new Map(outputs),
  };
}

/** A server that is up but not ready answers 4xx or 503 as well as `false`. */
async function says(answer: Promise<Record<string, unknown>>, word: 'live' | 'ready'): Promise<boolean> {
  try {
    return (await answer)[word] === true;
  } catch (error) {
    const known = error instanceof RanloopError && ['RL_NOT_FOUND', 'RL_BUSY', 'RL_INVALID'].includes(error.code);
    if (known) return false;
    throw error;
  }
}
