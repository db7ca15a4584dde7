import type { PrbRatio } from '@ranloop/contracts/r1';
import { buildRow, marginOf, sliceDemandCount, sstOf } from '@ranloop/sdk/features';
import { allocate } from '@ranloop/sdk/slicing';
import { cellFacts } from './cells.ts';
import type { SliceAssuranceConfig } from './config.ts';
import type { Ratios } from './decide.ts';
import type { Forecaster, ModelInUse } from './forecast.ts';
import type { TelemetryWindow } from './window.ts';

/** What is known of one cell and slice for the period that is decided for. */
export interface SliceView {
  readonly cell: number;
  readonly snssaiIndex: number;
  readonly snssai: string;
  /** Undefined when the telemetry has gaps that must not be bridged. */
  readonly features: Float32Array | undefined;
  /** PRB: median, upper quantile as the model gave it, and with the margin learned from calibration. */
  readonly forecast: { readonly p50: number; readonly raw: number; readonly p90: number } | undefined;
  /** kbit/s that one PRB carries; NaN when not known. */
  readonly rateOfPrb: number;
}

export interface PeriodView {
  readonly slices: readonly SliceView[];
  readonly model: ModelInUse | undefined;
  /** All rows that were forecast from. */
  readonly rows: Float32Array;
}

/** Builds the rows of all cells and slices for the period that ends at `time`, and forecasts them in one call. */
export async function viewPeriod(
  window: TelemetryWindow,
  forecaster: Forecaster,
  { config, time }: { config: SliceAssuranceConfig; time: number },
): Promise<PeriodView> {
  const { live } = window;
  const index = live.indexOf(time);
  const keys: { cell: number; snssaiIndex: number; snssai: string; features: Float32Array | undefined }[] = [];
  for (const [cell, dn] of live.cells.entries())
    for (const [snssaiIndex, snssai] of live.snssais.entries()) {
      if (!live.column(cell, snssaiIndex, 'RRU.PrbUsedDl')) continue;
      keys.push({ cell, snssaiIndex, snssai, features: buildRow(live, { cell: dn, snssai }, index) ?? undefined });
    }
  const whole = keys.filter(({ features }) => features);
  const rows = new Float32Array(whole.length * sliceDemandCount);
  whole.forEach(({ features }, row) => {
    if (features) rows.set(features, row * sliceDemandCount);
  });
  const forecasts = whole.length > 0 ? await forecaster.forecast(rows, whole.length) : undefined;
  const slices = keys.map((key): SliceView => {
    const row = whole.indexOf(key);
    const [p50, raw] = [forecasts?.p50[row] ?? Number.NaN, forecasts?.p90[row] ?? Number.NaN];
    const margin = forecasts ? marginOf(forecasts.model.card, key.snssai, config.horizon) : 0;
    const forecast =
      Number.isFinite(p50) && Number.isFinite(raw)
        ? { p50: Math.max(0, p50), raw, p90: Math.max(0, p50, raw + margin) }
        : undefined;
    return { ...key, forecast, rateOfPrb: window.rateOfPrb(key.cell, key.snssaiIndex) };
  });
  return { slices, model: forecasts?.model ?? forecaster.model, rows };
}

/** The ratios that the forecasts ask for; undefined while one of the slices has none. */
export function wantedRatios(
  slices: readonly SliceView[],
  { config, dn }: { config: SliceAssuranceConfig; dn: string },
): Ratios | undefined {
  const demands: { snssai: string; upper: number }[] = [];
  for (const { snssai, forecast } of slices) {
    if (!forecast) return undefined;
    demands.push({ snssai, upper: forecast.p90 * (config.headroom[String(sstOf(snssai))] ?? 1) });
  }
  if (demands.length === 0) return undefined;
  return new Map<string, PrbRatio>(
    allocate(demands, cellFacts(config, dn).prbs, config.priority ? { priority: config.priority } : {}).map(
      ({ snssai, ratio }) => [snssai, ratio],
    ),
  );
}
