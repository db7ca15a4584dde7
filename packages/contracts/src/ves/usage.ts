import Type from 'typebox';
import { closed, numbers, oneOf, requiredNumbers } from './shapes.ts';

/** Resource usage inside a measurement: one entry per processor, disk, memory, interface ... */
export const CpuUsage = closed({
  cpuIdentifier: Type.String(),
  percentUsage: Type.Number(),
  ...numbers(
    'cpuCapacityContention',
    'cpuDemandAvg',
    'cpuDemandMhz',
    'cpuDemandPct',
    'cpuIdle',
    'cpuLatencyAvg',
    'cpuOverheadAvg',
    'cpuSwapWaitTime',
    'cpuUsageInterrupt',
    'cpuUsageNice',
    'cpuUsageSoftIrq',
    'cpuUsageSteal',
    'cpuUsageSystem',
    'cpuUsageUser',
    'cpuWait',
  ),
});

/** Four statistics of one quantity, as the format names them. */
const statistics = <const N extends string>(name: N) =>
  numbers(`${name}Avg`, `${name}Last`, `${name}Max`, `${name}Min`);

export const DiskUsage = closed({
  diskIdentifier: Type.String(),
  ...statistics('diskIoTime'),
  ...statistics('diskMergedRead'),
  ...statistics('diskMergedWrite'),
  ...statistics('diskOctetsRead'),
  ...statistics('diskOctetsWrite'),
  ...statistics('diskOpsRead'),
  ...statistics('diskOpsWrite'),
  ...statistics('diskPendingOperations'),
  ...statistics('diskTimeRead'),
  ...statistics('diskTimeWrite'),
  ...statistics('diskWeightedIoTime'),
  ...numbers(
    'diskBusResets',
    'diskCommandsAborted',
    'diskCommandsAvg',
    'diskFlushRequests',
    'diskFlushTime',
    'diskReadCommandsAvg',
    'diskTime',
    'diskTotalReadLatencyAvg',
    'diskTotalWriteLatencyAvg',
    'diskWriteCommandsAvg',
  ),
});

export const MemoryUsage = closed({
  vmIdentifier: Type.String(),
  ...requiredNumbers('memoryFree', 'memoryUsed'),
  ...numbers(
    'memoryBuffered',
    'memoryCached',
    'memoryConfigured',
    'memoryDemand',
    'memoryLatencyAvg',
    'memorySharedAvg',
    'memorySlabRecl',
    'memorySlabUnrecl',
    'memorySwapInAvg',
    'memorySwapInRateAvg',
    'memorySwapOutAvg',
    'memorySwapOutRateAvg',
    'memorySwapUsedAvg',
    'percentMemoryUsage',
  ),
});

/** A running total and its change over the interval. */
const counted = <const N extends string>(name: N) => numbers(`${name}Accumulated`, `${name}Delta`);

const direction = <const D extends 'received' | 'transmitted'>(way: D) => ({
  ...counted(`${way}BroadcastPackets`),
  ...counted(`${way}DiscardedPackets`),
  ...counted(`${way}ErrorPackets`),
  ...counted(`${way}MulticastPackets`),
  ...counted(`${way}Octets`),
  ...counted(`${way}TotalPackets`),
  ...counted(`${way}UnicastPackets`),
  ...numbers(`${way}PercentDiscard`, `${way}PercentError`, `${way}Utilization`),
});

const InService = oneOf('inService', 'outOfService');

export const NicPerformance = closed({
  nicIdentifier: Type.String(),
  valuesAreSuspect: oneOf('true', 'false'),
  administrativeState: Type.Optional(InService),
  operationalState: Type.Optional(InService),
  ...direction('received'),
  ...direction('transmitted'),
  ...numbers('speed'),
});

export const FilesystemUsage = closed({
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

export const HugePages = closed({
  hugePagesIdentifier: Type.String(),
  ...numbers('bytesFree', 'bytesUsed', 'percentFree', 'percentUsed', 'vmPageNumberFree', 'vmPageNumberUsed'),
});

export const Load = closed(numbers('longTerm', 'midTerm', 'shortTerm'));

export const MachineCheckException = closed({
  vmIdentifier: Type.String(),
  ...numbers(
    'correctedMemoryErrors',
    'correctedMemoryErrorsIn1Hr',
    'uncorrectedMemoryErrors',
    'uncorrectedMemoryErrorsIn1Hr',
  ),
});

export const ProcessStats = closed({
  processIdentifier: Type.String(),
  ...numbers(
    'forkRate',
    'psStateBlocked',
    'psStatePaging',
    'psStateRunning',
    'psStateSleeping',
    'psStateStopped',
    'psStateZombie',
  ),
});
