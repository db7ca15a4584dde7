export type { AcceptRules } from './accept.ts';
export { type Admission, createAdmission } from './admission.ts';
export { createGuard } from './guard.ts';
export { registerCollector } from './http.ts';
