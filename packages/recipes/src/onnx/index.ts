export { assertSame, TOLERANCE } from './compare.ts';
export { exportOnnx } from './export.ts';
export { type OnnxForecaster, openForecaster } from './session.ts';
export { INPUT, OUTPUT } from './tensors.ts';
