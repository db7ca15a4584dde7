export type * from '../plant.ts';
export { createEnvironment, type Environment } from './environment.ts';
export { SLA_VIOLATION_TIME } from './report.ts';
export { parseScenario, type Scenario, scenarioConfig } from './scenario.ts';
export { createPlant, type PlantOptions } from './simulated-plant.ts';
export * from './twins/index.ts';
