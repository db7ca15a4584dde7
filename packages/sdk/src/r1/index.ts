export { createEventParser, type FollowOptions, type StreamEvent } from './event-stream.ts';
export type { ClientConfig } from './http.ts';
export { createInferenceClient, type InferenceClient, type Inferred, type ModelRef, type Tensor } from './inference.ts';
export {
  createEiClient,
  createPolicyClient,
  type EiClient,
  type EiDelivered,
  type PolicyClient,
  type PolicyFilter,
} from './policy.ts';
export { createRAppsClient, type DecisionFilter, type RAppsClient } from './rapps.ts';
export { createTelemetryClient, type TelemetryClient, type TelemetryFilter } from './telemetry.ts';
export { createTrainingClient, type TrainingClient } from './training.ts';
