export { type Collector, createCollector, textValue } from './collect.ts';
export { elementDn, partOf, reportedDn } from './dn.ts';
export { createIdentities, flagsOf, type Identities } from './identities.ts';
export { collectMeasurement, collectVfScaling } from './measurement.ts';
export { collectPerf3gpp } from './perf3gpp.ts';
export { epochMicros, instantProblem, type TimeRules } from './time.ts';
