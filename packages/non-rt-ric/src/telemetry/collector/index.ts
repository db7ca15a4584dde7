export { createAdmission } from './admission.ts';
export { registerCollector } from './http.ts';
