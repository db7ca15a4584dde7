export { createCollector } from './collect.ts';
export { createIdentities, type Identities } from './identities.ts';
export { collectMeasurement } from './measurement.ts';
export { collectPerf3gpp } from './perf3gpp.ts';
export { epochMicros } from './time.ts';
