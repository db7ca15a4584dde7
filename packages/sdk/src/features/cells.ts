/** The counters that slice features rest on (TS 28.552 names), and the one that judges them. */
export const PRB_USED = 'RRU.PrbUsedDl';
export const VOLUME = 'DRB.PdcpSduVolumeDL';
export const LOSS = 'DRB.PdcpPacketDropRateDl';
export const DELAY = 'DRB.RlcSduDelayDl';
export const USERS = 'RRC.ConnMean';
export const SLA_VIOLATION = 'RL.SlaViolationTime';

/** What a caller must query to build `slice-demand-1` rows. */
export const SLICE_DEMAND_COUNTERS = [PRB_USED, VOLUME, LOSS, DELAY, USERS] as const;

/** Sources whose name starts so are twins: other policies under the same traffic, never input to a controller. */
export const TWIN_PREFIX = 'twin-';

export interface CellName {
  readonly managedElement: string;
  /** The last RDN's value: `3` of `NRCellDU=3`. */
  readonly cell: string;
}

/**
 * Reads the managed element and the cell from a DN; undefined when the DN is not of an NR cell. The DU's and the CU's
 * object of one cell (NRCellDU, NRCellCU) give the same name, since TS 28.552 spreads one cell's counters over both.
 */
export function cellOf(dn: string): CellName | undefined {
  let managedElement = '';
  let cell: string | undefined;
  for (const rdn of dn.split(',')) {
    const equals = rdn.indexOf('=');
    const name = rdn.slice(0, equals).trim();
    if (name === 'ManagedElement') managedElement = rdn.slice(equals + 1).trim();
    else if (name === 'NRCellDU' || name === 'NRCellCU') cell = rdn.slice(equals + 1).trim();
  }
  return cell === undefined ? undefined : { managedElement, cell };
}

/** The position of a cell by the number in its name, counted from 0; -1 when its name holds no number. */
export function cellPosition(dn: string): number {
  const digits = /(\d+)$/.exec(cellOf(dn)?.cell ?? '')?.[1];
  return digits === undefined ? -1 : Math.max(0, Number(digits) - 1);
}

/** SST of an S-NSSAI as TS 28.552 writes it (`01000001`: 1); -1 when it is none. */
export function sstOf(snssai: string): number {
  return /^[0-9a-f]{2}/.test(snssai) ? Number.parseInt(snssai.slice(0, 2), 16) : -1;
}
