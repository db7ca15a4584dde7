import { type Counter, counter, percent } from './counter.ts';

const CU = 'NRCellCU';
const ME = 'ManagedElement';
const RELATION = 'NRCellRelation';
const count = (name: string, objectClass: string, description: string) =>
  counter([name, objectClass, 'count', 'cumulative', description]);

/** Connections, mobility, energy and environment, and our simulator's own counter. */
export const CONTROL_COUNTERS: readonly Counter[] = [
  counter(['RRC.ConnMean', CU, 'UE', 'gauge', 'mean number of connected UEs']),
  counter(['RRC.ConnMax', CU, 'UE', 'gauge', 'most connected UEs at once']),
  count('RRC.ConnEstabAtt', CU, 'RRC connections asked for'),
  count('RRC.ConnEstabSucc', CU, 'RRC connections set up'),
  count('RRC.ReEstabAtt', CU, 'RRC re-establishments asked for'),
  count('MM.HoExeIntraReq', CU, 'handovers inside the gNB started'),
  count('MM.HoExeIntraSucc', CU, 'handovers inside the gNB completed'),
  count('MM.HoPrepInterReq', RELATION, 'handovers to another gNB prepared'),
  count('MM.HoPrepInterSucc', RELATION, 'preparations of handovers that succeeded'),
  count('MM.HoPrepInterFail', RELATION, 'preparations of handovers that failed'),
  count('MM.HoExeInterReq', RELATION, 'handovers to another gNB started'),
  count('MM.HoExeInterSucc', RELATION, 'handovers to another gNB completed'),
  count('MM.HoExeInterFail', RELATION, 'handovers to another gNB that failed'),
  count('MM.HoResAlloInterReq', CU, 'resources asked for by incoming handovers'),
  count('MM.HoResAlloInterSucc', CU, 'resources given to incoming handovers'),
  count('MM.HoResAlloInterFail', CU, 'resources refused to incoming handovers'),
  counter(['MM.HoExeInterReq.TimeMean', RELATION, 'ms', 'gauge', 'mean time of a handover to another gNB']),
  counter(['PEE.AvgPower', ME, 'W', 'gauge', 'mean power drawn']),
  counter(['PEE.MinPower', ME, 'W', 'gauge', 'least power drawn']),
  counter(['PEE.MaxPower', ME, 'W', 'gauge', 'most power drawn']),
  counter(['PEE.Energy', ME, 'kWh', 'cumulative', 'energy used']),
  counter(['PEE.AvgTemperature', ME, 'C', 'gauge', 'mean temperature'], { min: -273.15 }),
  counter(['PEE.Voltage', ME, 'V', 'gauge', 'supply voltage'], { min: Number.NEGATIVE_INFINITY }),
  counter(['PEE.Current', ME, 'A', 'gauge', 'supply current'], { min: Number.NEGATIVE_INFINITY }),
  counter(['PEE.Humidity', ME, '%', 'gauge', 'relative humidity'], percent),
  counter(['RL.SlaViolationTime', 'NRCellDU', 's', 'cumulative', 'time in which the SLA of a slice failed (Ranloop)']),
];
