import { asRanloopError } from '@ranloop/contracts/errors';
import type { Log } from '@ranloop/kit/log';
import { demandColumn } from '@ranloop/sdk/features';
import type { SliceAssuranceConfig } from './config.ts';
import { createDriftWatch, type DriftWatch } from './drift.ts';
import type { PeriodView } from './forecasting.ts';
import type { TelemetryWindow } from './window.ts';

export interface Retraining {
  /** Takes in one period: its rows, its forecasts, and what has come true of earlier ones. */
  watch(view: PeriodView, time: number): void;
}

interface Open {
  readonly cell: number;
  readonly snssai: number;
  readonly target: number;
  readonly raw: number;
}

/** Comparing distributions is not cheap, and nothing drifts within minutes. */
const ASK_EVERY = 30;
const MOST_OPEN = 100_000;

/** Asks for training when the model drifts; one request in `drift.everySeconds` of the telemetry's time. */
export function createRetraining(
  window: TelemetryWindow,
  parts: { config: () => SliceAssuranceConfig; log: Log; request: (reason: string) => Promise<void> },
): Retraining {
  let watched: { sha256: string; drift: DriftWatch } | undefined;
  let open: Open[] = [];
  let periods = 0;
  let askedAt = Number.NEGATIVE_INFINITY;

  function ask(reason: string, time: number): void {
    if (time - askedAt < parts.config().drift.everySeconds * 1e6) return;
    askedAt = time;
    parts.log.warn({ reason }, 'drift: asking for training');
    parts
      .request(reason)
      .catch((error: unknown) => parts.log.warn({ err: asRanloopError(error) }, 'training could not be asked for'));
  }

  return {
    watch({ slices, model, rows }, time) {
      if (!model) return;
      const { drift: limits, horizon, quantile, periodSeconds } = parts.config();
      if (watched?.sha256 !== model.sha256) {
        watched = { sha256: model.sha256, drift: createDriftWatch(model.card, { limits, horizon, quantile }) };
        open = [];
      }
      const { drift } = watched;
      drift.see(rows);
      const due = open.filter(({ target }) => target <= time);
      open = open.filter(({ target }) => target > time);
      for (const { cell, snssai, target, raw } of due) {
        const actual = demandColumn(window.live, cell, snssai)[window.live.indexOf(target)] ?? Number.NaN;
        if (actual >= 0) drift.judge(actual, raw);
      }
      const target = time + horizon * periodSeconds * 1e6;
      for (const { cell, snssaiIndex, forecast } of slices)
        if (forecast && open.length < MOST_OPEN) open.push({ cell, snssai: snssaiIndex, target, raw: forecast.raw });
      if (++periods % ASK_EVERY !== 0) return;
      const reason = drift.reason();
      if (reason !== undefined) ask(reason, time);
    },
  };
}
