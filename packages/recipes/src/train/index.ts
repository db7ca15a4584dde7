export { reportToTask } from './reporting.ts';
export { type Metrics, type TrainParams, train } from './train.ts';
