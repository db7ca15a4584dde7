export { cumulative, type Dense, firstQuantile, forecast, type Network, standardize, type Target } from './network.ts';
export { createRandom, normal, type Random, shuffle } from './random.ts';
export { type Progress, type Trained, type TrainingData, type TrainingOptions, trainNetwork } from './training.ts';
