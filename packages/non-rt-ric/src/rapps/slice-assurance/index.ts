export { createSliceAssurance, type SliceAssurance, type SliceAssuranceDeps } from './app.ts';
export { SliceAssuranceConfig } from './config.ts';
