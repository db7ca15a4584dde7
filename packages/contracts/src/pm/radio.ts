import { type Counter, counter, percent } from './counter.ts';

const DU = 'NRCellDU';

/** Radio resources and physical layer of an NR cell. */
export const RADIO_COUNTERS: readonly Counter[] = [
  counter(['RRU.PrbTotDl', DU, '%', 'ratio', 'share of the downlink PRBs in use'], percent),
  counter(['RRU.PrbTotUl', DU, '%', 'ratio', 'share of the uplink PRBs in use'], percent),
  counter(['RRU.PrbUsedDl', DU, 'PRB', 'gauge', 'mean number of downlink PRBs in use']),
  counter(['RRU.PrbUsedUl', DU, 'PRB', 'gauge', 'mean number of uplink PRBs in use']),
  counter(['RRU.PrbAvailDl', DU, 'PRB', 'gauge', 'downlink PRBs that the cell has']),
  counter(['RRU.PrbAvailUl', DU, 'PRB', 'gauge', 'uplink PRBs that the cell has']),
  counter(['RRU.MaxPrbUsedDl', DU, 'PRB', 'gauge', 'most downlink PRBs in use at once']),
  counter(['RRU.MaxPrbUsedUl', DU, 'PRB', 'gauge', 'most uplink PRBs in use at once']),
  counter(['L1M.SS-RSRP', 'Beam', 'count', 'histogram', 'SS-RSRP reports in one bin']),
  counter(['L1M.SS-RSRPNrNbr', 'NRCellRelation', 'count', 'histogram', 'SS-RSRP reports of a neighbour in one bin']),
  counter(['L1M.DL-SS-RSRP', DU, 'index', 'gauge', 'SS-RSRP of a UE as the index it reports'], { max: 127 }),
  counter(['L1M.DL-SS-SINR', DU, 'index', 'gauge', 'SS-SINR of a UE as the index it reports'], { max: 127 }),
  counter(['CARR.WBCQIDist', DU, 'count', 'histogram', 'wideband CQI reports in one bin']),
  counter(['CARR.PDSCHMCSDist', DU, 'count', 'histogram', 'PDSCH transmissions with one MCS']),
  counter(['CARR.PUSCHMCSDist', DU, 'count', 'histogram', 'PUSCH transmissions with one MCS']),
  counter(['TB.TotNbrDl', DU, 'count', 'cumulative', 'downlink transport blocks sent']),
  counter(['TB.ErrTotNbrDl', DU, 'count', 'cumulative', 'downlink transport blocks that failed']),
  counter(['TB.TotNbrUl', DU, 'count', 'cumulative', 'uplink transport blocks received']),
  counter(['TB.ErrTotNbrUl', DU, 'count', 'cumulative', 'uplink transport blocks that failed']),
  counter(['RACH.PreambleDedCell', DU, 'count', 'cumulative', 'dedicated random access preambles received']),
];
