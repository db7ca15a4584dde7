/** Weight of the newest period in the running mean: about the last five periods count. */
const WEIGHT = 0.3;

/** What KPM says of one slice in one cell. */
export interface SliceLoad {
  /** kbit/s that one PRB carries for this slice; running mean over periods in which it used PRBs. */
  readonly kbitPerSecondPerPrb: number | undefined;
  /** kbit/s served; running mean. */
  readonly kbitPerSecond: number;
}

/** Learns from KPM reports how much a PRB carries, per slice; a slice that was idle is judged by the others of its cell. */
export interface CellRadio {
  observe(snssai: string, measured: { volumeKbit: number; prbUsed: number; seconds: number }): void;
  load(snssai: string): SliceLoad;
}

export function createCellRadio(): CellRadio {
  const perPrb = new Map<string, number>();
  const served = new Map<string, number>();
  const blend = (map: Map<string, number>, key: string, value: number) => {
    const before = map.get(key);
    map.set(key, before === undefined ? value : before + WEIGHT * (value - before));
  };
  return {
    observe(snssai, { volumeKbit, prbUsed, seconds }) {
      if (!(seconds > 0 && volumeKbit >= 0 && prbUsed >= 0)) return;
      blend(served, snssai, volumeKbit / seconds);
      if (prbUsed > 0 && volumeKbit > 0) blend(perPrb, snssai, volumeKbit / seconds / prbUsed);
    },
    load(snssai) {
      const known = [...perPrb.values()];
      const mean = known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : undefined;
      return { kbitPerSecondPerPrb: perPrb.get(snssai) ?? mean, kbitPerSecond: served.get(snssai) ?? 0 };
    },
  };
}
