import { RanloopError } from '@ranloop/contracts/errors';
import type { ModelMetadata, TensorMetadata } from '@ranloop/contracts/inference';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { datatypeOf } from './datatypes.ts';
import { readOnnxFile } from './onnx-file.ts';

/** What is known of a model apart from its graph. */
export interface ModelIdentity {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly modelId: string;
  readonly taskId: string;
}

/** One loaded ONNX graph. */
export interface ServedModel {
  readonly identity: ModelIdentity;
  readonly metadata: ModelMetadata;
  run(feeds: Record<string, Tensor>, outputs: readonly string[]): Promise<Record<string, Tensor>>;
  /** Frees the graph when the last run under way has ended. */
  retire(): void;
}

export async function openModel(
  identity: ModelIdentity,
  bytes: Uint8Array,
  { threads }: { threads: number },
): Promise<ServedModel> {
  const file = readOnnxFile(bytes);
  // ONNX Runtime would open the named files relative to the working folder of this process.
  if (file.externalData)
    throw new RanloopError('RL_UNPROCESSABLE', 'the model keeps weights in other files; store them inside the model');
  const session = await InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 4,
  }).catch((error: unknown) => {
    throw new RanloopError('RL_UNPROCESSABLE', `ONNX Runtime cannot load the model: ${textOf(error)}`, {
      cause: error,
    });
  });
  const metadata: ModelMetadata = {
    name: identity.name,
    versions: [identity.version],
    platform: 'onnxruntime_onnx',
    inputs: session.inputMetadata.map(tensorMetadata),
    outputs: session.outputMetadata.map(tensorMetadata),
    parameters: {
      ...file.metadata,
      sha256: identity.sha256,
      modelId: identity.modelId,
      taskId: identity.taskId,
    },
  };
  let running = 0;
  let retired = false;
  const release = () => {
    if (retired && running === 0) session.release().catch(() => undefined);
  };
  return {
    identity,
    metadata,
    async run(feeds, outputs) {
      running += 1;
      try {
        return (await session.run(feeds, outputs)) as Record<string, Tensor>;
      } catch (error) {
        throw new RanloopError('RL_UNPROCESSABLE', `the model cannot compute this: ${textOf(error)}`, {
          cause: error,
        });
      } finally {
        running -= 1;
        release();
      }
    },
    retire() {
      if (retired) return;
      retired = true;
      release();
    },
  };
}

function tensorMetadata(value: InferenceSession.ValueMetadata): TensorMetadata {
  const datatype = value.isTensor ? datatypeOf(value.type) : undefined;
  if (!value.isTensor || !datatype)
    throw new RanloopError('RL_UNPROCESSABLE', `the model's "${value.name}" is not a tensor that can be served`);
  return { name: value.name, datatype, shape: value.shape.map((size) => (typeof size === 'number' ? size : -1)) };
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error)).slice(0, 500);
