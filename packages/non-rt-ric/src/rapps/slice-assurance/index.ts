export { createSliceAssurance } from './app.ts';
export { SliceAssuranceConfig } from './config.ts';
