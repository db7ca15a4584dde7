export { cumulative, type Dense, firstQuantile, forecast, type Network, standardize, type Target } from './network.ts';
export type { Progress, Trained, TrainingData, TrainingOptions } from './options.ts';
export { createRandom, normal, type Random, shuffle } from './random.ts';
export { trainNetwork } from './training.ts';
