import Type, { type Static } from 'typebox';
import { numbers, oneOf, requiredNumbers } from '../shapes.ts';
import { Fields, JsonObjects, NamedFields } from './shapes.ts';

const many = <S extends Type.TSchema>(schema: S) => Type.Optional(Type.Array(schema));
const count = Type.Optional(Type.Integer());
const suffixed = (names: readonly string[], suffixes: readonly string[]) =>
  numbers(...names.flatMap((name) => suffixes.map((suffix) => `${name}${suffix}`)));

const CodecsInUse = Type.Object({ codecIdentifier: Type.String(), numberInUse: Type.Integer() });
const FeaturesInUse = Type.Object({ featureIdentifier: Type.String(), featureUtilization: Type.Integer() });
const LatencyBucketMeasure = Type.Object({
  countsInTheBucket: Type.Number(),
  ...numbers('highEndOfLatencyBucket', 'lowEndOfLatencyBucket'),
});

const CpuUsage = Type.Object({
  cpuIdentifier: Type.String(),
  percentUsage: Type.Number(),
  ...numbers('cpuIdle', 'cpuWait'),
  ...suffixed(['cpuUsage'], ['Interrupt', 'Nice', 'SoftIrq', 'Steal', 'System', 'User']),
});

const DiskUsage = Type.Object({
  diskIdentifier: Type.String(),
  ...suffixed(
    [
      'diskIoTime',
      'diskMergedRead',
      'diskMergedWrite',
      'diskOctetsRead',
      'diskOctetsWrite',
      'diskOpsRead',
      'diskOpsWrite',
      'diskPendingOperations',
      'diskTimeRead',
      'diskTimeWrite',
    ],
    ['Avg', 'Last', 'Max', 'Min'],
  ),
});

const FilesystemUsage = Type.Object({
  filesystemName: Type.String(),
  ...requiredNumbers(
    'blockConfigured',
    'blockIops',
    'blockUsed',
    'ephemeralConfigured',
    'ephemeralIops',
    'ephemeralUsed',
  ),
});

const MemoryUsage = Type.Object({
  vmIdentifier: Type.String(),
  ...requiredNumbers('memoryFree', 'memoryUsed'),
  ...numbers('memoryBuffered', 'memoryCached', 'memoryConfigured', 'memorySlabRecl', 'memorySlabUnrecl'),
});

const PACKETS = [
  'BroadcastPackets',
  'DiscardedPackets',
  'ErrorPackets',
  'MulticastPackets',
  'Octets',
  'TotalPackets',
  'UnicastPackets',
];

const VNicPerformance = Type.Object({
  vNicIdentifier: Type.String(),
  valuesAreSuspect: oneOf('true', 'false'),
  ...suffixed(
    PACKETS.flatMap((what) => [`received${what}`, `transmitted${what}`]),
    ['Accumulated', 'Delta'],
  ),
});

/** `measurementInterval` is in seconds. */
export const MeasurementsForVfScalingFields = Type.Object({
  measurementsForVfScalingVersion: Type.Number(),
  measurementInterval: Type.Number(),
  additionalFields: Type.Optional(Fields),
  additionalMeasurements: Type.Optional(NamedFields),
  additionalObjects: Type.Optional(JsonObjects),
  codecUsageArray: many(CodecsInUse),
  concurrentSessions: count,
  configuredEntities: count,
  cpuUsageArray: many(CpuUsage),
  diskUsageArray: many(DiskUsage),
  featureUsageArray: many(FeaturesInUse),
  filesystemUsageArray: many(FilesystemUsage),
  latencyDistribution: many(LatencyBucketMeasure),
  memoryUsageArray: many(MemoryUsage),
  numberOfMediaPortsInUse: count,
  vnfcScalingMetric: count,
  vNicPerformanceArray: many(VNicPerformance),
  ...numbers('meanRequestLatency', 'requestRate'),
});
export type MeasurementsForVfScalingFields = Static<typeof MeasurementsForVfScalingFields>;
