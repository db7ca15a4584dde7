export * from './event.ts';
export { MeasurementsForVfScalingFields } from './measurement.ts';
