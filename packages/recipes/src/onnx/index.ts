export { assertSame } from './compare.ts';
export { exportOnnx } from './export.ts';
export { openForecaster } from './session.ts';
