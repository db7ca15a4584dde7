import { createRequire } from 'node:module';
import path from 'node:path';
import { RanloopError } from '@ranloop/contracts/errors';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
// For its side effect: it registers the gradients of all operations, which core leaves out.
import '@tensorflow/tfjs-layers';

/** Makes TensorFlow.js compute with WebAssembly; it picks the SIMD build where the machine has SIMD. */
export async function useWasm(): Promise<typeof tf> {
  if (tf.getBackend() === 'wasm') return tf;
  const home = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  // In Node the package looks for its .wasm files relative to the working folder unless told.
  setWasmPaths(`${path.dirname(home)}${path.sep}`);
  if (!(await tf.setBackend('wasm'))) throw new RanloopError('RL_INTERNAL', 'TensorFlow.js has no WebAssembly here');
  await tf.ready();
  return tf;
}
