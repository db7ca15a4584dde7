export { createCollector } from './collect.ts';
export { elementDn, partOf } from './dn.ts';
export { createIdentities, type Identities, rangeProblem } from './identities.ts';
export { collectMeasurement } from './measurement.ts';
export { collectPerf3gpp } from './perf3gpp.ts';
export { epochMicros } from './time.ts';
