export { type TrackingConfig, trackingConfig } from './config.ts';
export { createTracking, type Tracking, type TrackingDeps } from './service.ts';
