import { type Counter, counter, percent } from './counter.ts';

const DU = 'NRCellDU';
const CU = 'NRCellCU';
const CU_UP = 'GNBCUUPFunction';
const perMillion = { max: 1_000_000 } as const;
/** TS 28.552 reports volumes in Mbit, E2SM-KPM in kbit. */
const volume = { kpmUnit: 'kbit' } as const;

/** User data: rates, volumes, delays, losses, users with data. */
export const TRAFFIC_COUNTERS: readonly Counter[] = [
  counter(['DRB.UEThpDl', DU, 'kbit/s', 'gauge', 'mean downlink rate of a UE while it has data']),
  counter(['DRB.UEThpUl', DU, 'kbit/s', 'gauge', 'mean uplink rate of a UE while it has data']),
  counter(['DRB.PdcpSduVolumeDL', CU, 'Mbit', 'cumulative', 'downlink PDCP SDU volume'], volume),
  counter(['DRB.PdcpSduVolumeUL', CU, 'Mbit', 'cumulative', 'uplink PDCP SDU volume'], volume),
  counter(['DRB.F1uPdcpSduVolumeDL', 'EP_F1U', 'Mbit', 'cumulative', 'downlink volume on F1-U'], volume),
  counter(['DRB.F1uPdcpSduVolumeUL', 'EP_F1U', 'Mbit', 'cumulative', 'uplink volume on F1-U'], volume),
  counter(['DRB.RlcSduTransmittedVolumeDL', DU, 'kbit', 'cumulative', 'downlink RLC SDU volume sent']),
  counter(['DRB.RlcSduTransmittedVolumeUL', DU, 'kbit', 'cumulative', 'uplink RLC SDU volume received']),
  counter(['DRB.AirIfDelayDl', DU, '0.1 ms', 'gauge', 'mean downlink delay on the air interface']),
  counter(['DRB.AirIfDelayUl', DU, '0.1 ms', 'gauge', 'mean uplink delay on the air interface']),
  counter(['DRB.RlcDelayUl', DU, '0.1 ms', 'gauge', 'mean uplink delay in RLC']),
  counter(['DRB.RlcSduDelayDl', DU, '0.1 ms', 'gauge', 'mean downlink delay of RLC SDUs in the DU']),
  counter(['DRB.PdcpReordDelayUl', CU_UP, '0.1 ms', 'gauge', 'mean uplink delay of PDCP reordering']),
  counter(['DRB.PdcpSduDelayDl', CU_UP, '0.1 ms', 'gauge', 'mean downlink delay of PDCP SDUs in the CU-UP']),
  counter(['DRB.PdcpF1DelayDl', CU_UP, '0.1 ms', 'gauge', 'mean downlink delay on F1-U']),
  counter(['DRB.PdcpPacketDropRateDl', CU_UP, '1e-6', 'ratio', 'downlink packets dropped in the CU-UP'], perMillion),
  counter(['DRB.RlcPacketDropRateDl', DU, '1e-6', 'ratio', 'downlink packets dropped in the DU'], perMillion),
  counter(['DRB.PacketLossRateUl', CU_UP, '1e-6', 'ratio', 'uplink packets lost'], perMillion),
  counter(['DRB.F1UpacketLossRateDl', DU, '1e-6', 'ratio', 'downlink packets lost on F1-U'], perMillion),
  counter(['DRB.F1UpacketLossRateUl', CU_UP, '1e-6', 'ratio', 'uplink packets lost on F1-U'], perMillion),
  counter(['DRB.PacketSuccessRateUlgNBUu', CU, '%', 'ratio', 'uplink packets that arrived'], percent),
  counter(['DRB.MeanActiveUeDl', DU, 'UE', 'gauge', 'mean number of UEs with downlink data']),
  counter(['DRB.MeanActiveUeUl', DU, 'UE', 'gauge', 'mean number of UEs with uplink data']),
  counter(['DRB.MaxActiveUeDl', DU, 'UE', 'gauge', 'most UEs with downlink data at once']),
  counter(['DRB.MaxActiveUeUl', DU, 'UE', 'gauge', 'most UEs with uplink data at once']),
  counter(['DRB.EstabAtt', CU, 'count', 'cumulative', 'data radio bearers asked for']),
  counter(['DRB.EstabSucc', CU, 'count', 'cumulative', 'data radio bearers set up']),
  counter(['GTP.DelayDlPsaUpfNgranMean', 'GNBCUUP', 'us', 'gauge', 'mean downlink delay from the UPF to the NG-RAN']),
  counter(['GTP.InDataPktPacketLossN3gNB', 'GNBCUUP', 'count', 'cumulative', 'incoming GTP packets lost on N3']),
];
