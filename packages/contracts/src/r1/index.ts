export * from './policy.ts';
export * from './rapps.ts';
export * from './telemetry.ts';
export * from './training.ts';
