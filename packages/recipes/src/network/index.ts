export { cumulative, firstQuantile, forecast, type Network } from './network.ts';
export type { TrainingData, TrainingOptions } from './options.ts';
export { createRandom, shuffle } from './random.ts';
export { trainNetwork } from './training.ts';
