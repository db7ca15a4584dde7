export { InferenceConfig } from './config.ts';
export { createInference, type InferenceDeps } from './service.ts';
