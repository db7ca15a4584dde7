import Type, { type Static } from 'typebox';
import { Ipmi } from './ipmi.ts';
import { ArrayOfJsonObject, ArrayOfNamedHashMap, closed, HashMap, numbers, oneOf } from './shapes.ts';
import {
  CpuUsage,
  DiskUsage,
  FilesystemUsage,
  HugePages,
  Load,
  MachineCheckException,
  MemoryUsage,
  NicPerformance,
  ProcessStats,
} from './usage.ts';

const many = <S extends Type.TSchema>(schema: S) => Type.Optional(Type.Array(schema));
const count = Type.Optional(Type.Integer());

const CodecsInUse = closed({ codecIdentifier: Type.String(), numberInUse: Type.Integer() });

const LatencyBucketMeasure = closed({
  countsInTheBucket: Type.Number(),
  ...numbers('highEndOfLatencyBucket', 'lowEndOfLatencyBucket'),
});

/** `measurementInterval` is in seconds. RAN counters travel as text in `additionalMeasurements`, one entry per object. */
export const MeasurementFields = closed({
  measurementFieldsVersion: oneOf('4.0'),
  measurementInterval: Type.Number(),
  additionalFields: Type.Optional(HashMap),
  additionalMeasurements: Type.Optional(ArrayOfNamedHashMap),
  additionalObjects: Type.Optional(ArrayOfJsonObject),
  codecUsageArray: many(CodecsInUse),
  concurrentSessions: count,
  configuredEntities: count,
  cpuUsageArray: many(CpuUsage),
  diskUsageArray: many(DiskUsage),
  featureUsageArray: Type.Optional(HashMap),
  filesystemUsageArray: many(FilesystemUsage),
  hugePagesArray: many(HugePages),
  ipmi: Type.Optional(Ipmi),
  latencyDistribution: many(LatencyBucketMeasure),
  loadArray: many(Load),
  machineCheckExceptionArray: many(MachineCheckException),
  memoryUsageArray: many(MemoryUsage),
  nfcScalingMetric: count,
  nicPerformanceArray: many(NicPerformance),
  numberOfMediaPortsInUse: count,
  processStatsArray: many(ProcessStats),
  ...numbers('meanRequestLatency', 'requestRate'),
});
export type MeasurementFields = Static<typeof MeasurementFields>;
