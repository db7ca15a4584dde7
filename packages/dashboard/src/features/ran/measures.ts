/** The measures of the page; `scale` turns the unit of the counter (TS 28.552) into the one that is shown. */
export interface Measure {
  counter: string;
  title: string;
  unit: string;
  scale: number;
}

export const MEASURES: readonly Measure[] = [
  { counter: 'RRU.PrbUsedDl', title: 'PRB used', unit: 'PRB', scale: 1 },
  { counter: 'RRU.PrbAvailDl', title: 'PRB allowed by the ratios', unit: 'PRB', scale: 1 },
  { counter: 'DRB.PdcpSduVolumeDL', title: 'Served volume', unit: 'Mbit', scale: 1 },
  { counter: 'DRB.UEThpDl', title: 'Rate of a user', unit: 'Mbit/s', scale: 1e-3 },
  { counter: 'DRB.RlcSduDelayDl', title: 'RLC delay', unit: 'ms', scale: 0.1 },
  { counter: 'DRB.PdcpPacketDropRateDl', title: 'Packet loss', unit: '%', scale: 1e-4 },
  { counter: 'RRC.ConnMean', title: 'Connected users', unit: 'UE', scale: 1 },
  { counter: 'RL.SlaViolationTime', title: 'SLA violation', unit: 's', scale: 1 },
];

export const LOAD = 'RRU.PrbTotDl';
export const POWER = 'PEE.AvgPower';
export const USERS = 'RRC.ConnMean';
export const VIOLATION = 'RL.SlaViolationTime';
const PRB_USED = 'RRU.PrbUsedDl';
export const DELAY = 'DRB.RlcSduDelayDl';
export const LOSS = 'DRB.PdcpPacketDropRateDl';

/** What the map and the table of cells show. */
export const LATEST = [LOAD, POWER, USERS, VIOLATION, DELAY, LOSS, PRB_USED] as const;
