import { setTimeout as sleep } from 'node:timers/promises';
import { EI_DEMAND_FORECAST } from '@ranloop/contracts/a1';
import { asRanloopError } from '@ranloop/contracts/errors';
import type { Log } from '@ranloop/kit/log';
import { PRB_USED, TWIN_PREFIX } from '@ranloop/sdk/features';
import type { EiClient, InferenceClient, PolicyClient, TelemetryClient } from '@ranloop/sdk/r1';
import { NOTHING_SETTLED, type Settled } from '../rapp.ts';
import type { RappsStore } from '../store.ts';
import { createActuator } from './actuate.ts';
import { SERVICE_ID } from './cells.ts';
import type { SliceAssuranceConfig } from './config.ts';
import { createController, type PeriodResult } from './controller.ts';
import { createForecaster } from './forecast.ts';
import { createJudge } from './judge.ts';
import { forecastResults } from './notes.ts';
import { createPump, type Pump } from './pump.ts';
import { createRetraining } from './retraining.ts';
import { createTelemetryWindow } from './window.ts';

export interface SessionDeps {
  readonly telemetry: TelemetryClient;
  readonly policy: PolicyClient;
  readonly ei: EiClient;
  readonly inference: InferenceClient;
  /** Asks the training side for a run of the loop's pipeline. */
  readonly requestTraining: (reason: string) => Promise<void>;
  readonly store: RappsStore;
  readonly log: Log;
}

export interface SessionHooks {
  readonly config: () => SliceAssuranceConfig;
  readonly onWaiting: (what: string) => void;
  readonly onRunning: () => void;
  /** After a period was decided and stored; `modelReason` says why there is no model, if there is none. */
  readonly onPeriod: (result: PeriodResult, at: { time: number; seconds: number; modelReason: string }) => void;
}

/** All that lives between a start and a stop. */
export interface Session {
  /** For a driver: see `Rapps.settled`. */
  settled(time: number): Promise<Settled>;
  stop(): Promise<void>;
}

export function openSession(deps: SessionDeps, hooks: SessionHooks): Session {
  const { config } = hooks;
  const { log } = deps;
  const abort = new AbortController();
  const { signal } = abort;
  const { model, quantile, horizon, periodSeconds, twinPrefix } = config();
  const forecaster = createForecaster(deps.inference, { model, quantile, horizon, signal });
  const window = createTelemetryWindow(deps.telemetry, { periodMicros: periodSeconds * 1e6, twinPrefix, signal });
  const actuator = createActuator(deps.policy, { config, log });
  const judge = createJudge(window, config);
  const controller = createController({ window, forecaster, actuator, judge, config });
  const retraining = createRetraining(window, { config, log, request: deps.requestTraining });
  let pump: Pump | undefined;
  let attempt: Promise<boolean> | undefined;
  let heard = performance.now();
  let isExpiring = false;

  async function missing(): Promise<string | undefined> {
    if (!forecaster.model && !(await forecaster.look())) return forecaster.reason;
    const sources = await deps.telemetry.sources();
    if (!sources.some(({ source }) => !source.startsWith(TWIN_PREFIX))) return 'no telemetry has come in yet';
    if (config().requireTwin && !sources.some(({ source }) => source.startsWith(twinPrefix)))
      return `no twin (source ${twinPrefix}...) reports, so no effect could be judged`;
    return actuator.look();
  }

  async function tryOnce(): Promise<boolean> {
    const lack = await missing();
    if (lack !== undefined) {
      hooks.onWaiting(lack);
      return false;
    }
    const newest = await window.open();
    controller.adopt(await actuator.adopt(), newest);
    // The newest period itself is still to be decided.
    pump = createPump(period, {
      from: newest - 1,
      onError: (error) => {
        if (!signal.aborted) log.error({ err: error }, 'a period was not decided');
      },
    });
    log.info({ cells: window.live.cells.length, periods: window.live.length }, 'running');
    hooks.onRunning();
    return true;
  }

  async function getReady(): Promise<boolean> {
    if (pump) return true;
    attempt ??= tryOnce().finally(() => {
      attempt = undefined;
    });
    try {
      return await attempt;
    } catch (error) {
      if (!signal.aborted) hooks.onWaiting(asRanloopError(error).message);
      return false;
    }
  }

  async function gather(time: number): Promise<void> {
    const until = performance.now() + config().gatherSeconds * 1_000;
    for (let pause = 10; ; pause = Math.min(200, pause * 2)) {
      await window.advance(time);
      if (window.isComplete(time) || performance.now() + pause > until) return;
      await sleep(pause, undefined, { signal });
    }
  }

  async function period(time: number): Promise<Settled> {
    const started = performance.now();
    const expire = isExpiring;
    isExpiring = false;
    await gather(time);
    const result = await controller.decide(time, { expire });
    const seconds = (performance.now() - started) / 1_000;
    const { decisions, outcomes, view } = result;
    await Promise.all([
      deps.store.insert(SERVICE_ID, decisions),
      deps.store.setEffects(SERVICE_ID, judge.effects(time)),
      deliver(forecastResults(view, { live: window.live, config: config(), time })),
    ]);
    retraining.watch(view, time);
    hooks.onPeriod(result, { time, seconds, modelReason: forecaster.reason });
    const policyId = outcomes.at(-1)?.policyId;
    return {
      decisions: decisions.length,
      changed: outcomes.length,
      enforced: outcomes.filter(({ enforceStatus }) => enforceStatus === 'ENFORCED').length,
      ...(policyId === undefined ? {} : { policyId }),
    };
  }

  async function deliver(results: Record<string, unknown>[]): Promise<void> {
    if (results.length === 0) return;
    await deps.ei
      .deliver(EI_DEMAND_FORECAST, results)
      .catch((error: unknown) => log.warn({ err: asRanloopError(error) }, 'forecasts were not delivered'));
  }

  function onSamples(samples: readonly { source: string; snssai?: string; time: number }[]): void {
    let newest = Number.NEGATIVE_INFINITY;
    for (const { source, snssai, time } of samples)
      if (snssai !== undefined && !source.startsWith(TWIN_PREFIX) && time > newest) newest = time;
    if (newest === Number.NEGATIVE_INFINITY) return;
    heard = performance.now();
    void pump?.request(newest);
  }

  /**
   * When nothing reports any more, no sample starts a period, and policies would stay for ever: then the clock on the
   * wall ends them. The telemetry's clock moves by a microsecond only, so that a report that comes later is still new.
   */
  function watch(): void {
    const { staleAfterPeriods, keepLastGoodPeriods } = config();
    const silent = (performance.now() - heard) / (periodSeconds * 1_000);
    if (!pump || silent <= staleAfterPeriods + keepLastGoodPeriods) return;
    heard = performance.now();
    isExpiring = true;
    log.warn({ periods: Math.floor(silent) }, 'nothing reports any more: policies are withdrawn');
    void pump.request(pump.last + 1);
  }

  async function follow(): Promise<void> {
    const pause = () => sleep(config().lookSeconds * 1_000, undefined, { signal }).catch(() => undefined);
    while (!signal.aborted && !(await getReady())) await pause();
    heard = performance.now();
    const watchdog = setInterval(watch, periodSeconds * 1_000);
    watchdog.unref();
    while (!signal.aborted) {
      await deps.telemetry
        .stream(onSamples, { signal, filter: { counters: [PRB_USED] } })
        .catch((error: unknown) => log.warn({ err: asRanloopError(error) }, 'the telemetry stream was refused'));
      await pause();
    }
    clearInterval(watchdog);
  }

  const ended = follow();
  return {
    async settled(time) {
      heard = performance.now();
      return (await getReady()) && pump ? pump.request(time) : NOTHING_SETTLED;
    },
    async stop() {
      abort.abort();
      await pump?.stop();
      await ended;
    },
  };
}
