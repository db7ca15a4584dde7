import { RanloopError } from '@ranloop/contracts/errors';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readMetadata } from './metadata.ts';
import { INPUT, OUTPUT } from './tensors.ts';

/** A model file opened with ONNX Runtime, as the inference host would run it. */
export interface OnnxForecaster {
  /** `metadata_props` of the file. */
  readonly metadata: Readonly<Record<string, string>>;
  /** rows x outputs for the given rows of a matrix of raw features. */
  run(features: Float32Array, columns: number, rows: ArrayLike<number>): Promise<Float32Array>;
  close(): Promise<void>;
}

const BATCH = 1_024;

export async function openForecaster(bytes: Uint8Array): Promise<OnnxForecaster> {
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    enableCpuMemArena: false,
  });
  return {
    metadata: readMetadata(bytes),
    async run(features, columns, rows) {
      const parts: Float32Array[] = [];
      for (let from = 0; from < rows.length; from += BATCH) {
        const count = Math.min(BATCH, rows.length - from);
        const batch = new Float32Array(count * columns);
        for (let row = 0; row < count; row++) {
          const source = (rows[from + row] as number) * columns;
          batch.set(features.subarray(source, source + columns), row * columns);
        }
        const answer = await session.run({ [INPUT]: new Tensor('float32', batch, [count, columns]) });
        const data = answer[OUTPUT]?.data;
        if (!(data instanceof Float32Array))
          throw new RanloopError('RL_UNPROCESSABLE', `the model gives no float output "${OUTPUT}"`);
        parts.push(Float32Array.from(data));
      }
      return join(parts);
    },
    close: () => session.release(),
  };
}

function join(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
