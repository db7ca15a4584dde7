export { assertSame, TOLERANCE } from './compare.ts';
export { exportOnnx, INPUT, OUTPUT } from './export.ts';
export { type OnnxForecaster, openForecaster } from './session.ts';
