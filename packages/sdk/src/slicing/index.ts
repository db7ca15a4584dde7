export { type AllocateOptions, allocate, type RatioOfSlice, type SliceDemand } from './allocate.ts';
export { sameWithin } from './hysteresis.ts';
