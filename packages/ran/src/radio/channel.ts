import type { Scenario } from './scenario.ts';

type Channel = Scenario['channel'];

/** TS 38.214 table 5.2.2.1-3 (256QAM): bits per resource element by CQI 0..15. */
const CQI_EFFICIENCY: readonly number[] = [
  0, 0.1523, 0.377, 0.877, 1.4766, 1.9141, 2.4063, 2.7305, 3.3223, 3.9023, 4.5234, 5.1152, 5.5547, 6.2266, 6.9141,
  7.4063,
];

/** Resource elements of one PRB in a second at 30 kHz: 12 subcarriers, 14 symbols, 2000 slots. */
const ELEMENTS = 12 * 14 * 2_000;

/** Path gain (linear) by squared distance in metres and shadowing in dB: urban macro without line of sight, TR 38.901. */
export function gainOf(channel: Channel): (squaredDistance: number, shadowDb: number) => number {
  const fixedDb = 13.54 + 20 * Math.log10(channel.carrierGhz);
  const height = (channel.siteHeight - 1.5) ** 2;
  const perDb = Math.LN10 / 10;
  return (squaredDistance, shadowDb) =>
    Math.exp(-perDb * (fixedDb + shadowDb) - (3.908 / 2) * Math.log(squaredDistance + height));
}

/**
 * Mbit/s that one PRB carries at a SINR (linear). A UE reports the highest CQI whose efficiency it can carry, the
 * scheduler takes that efficiency; below `lowestCqi` coverage is kept by repetition at that CQI's rate.
 */
export function rateOfSinr(channel: Channel): (sinr: number) => number {
  const scale = (ELEMENTS * channel.layers * channel.dataShare) / 1e6;
  const thresholds = CQI_EFFICIENCY.map((bits) => 2 ** (bits / channel.shannonShare) - 1);
  const rates = CQI_EFFICIENCY.map((bits) => bits * scale);
  return (sinr) => {
    let cqi = channel.lowestCqi;
    while (cqi < 15 && sinr >= (thresholds[cqi + 1] as number)) cqi++;
    return rates[cqi] as number;
  };
}

/** SINR (linear) from gains to all cells; `load` is the share of its PRBs that each cell sends on. */
export function sinrOf(
  channel: Channel,
): (gain: Float64Array, base: number, serving: number, load: Float64Array) => number {
  const noise = 10 ** ((channel.noisePerPrbDbm - channel.powerPerPrbDbm) / 10);
  const kept = 10 ** (-channel.interferenceRejectionDb / 10);
  return (gain, base, serving, load) => {
    let interference = 0;
    for (let c = 0; c < load.length; c++)
      if (c !== serving) interference += (load[c] as number) * (gain[base + c] as number);
    return (gain[base + serving] as number) / (noise + kept * interference);
  };
}
