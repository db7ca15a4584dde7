import { setTimeout as sleep } from 'node:timers/promises';
import { EI_DEMAND_FORECAST } from '@ranloop/contracts/a1';
import { asRanloopError, RanloopError } from '@ranloop/contracts/errors';
import type { Decision, RAppInfo } from '@ranloop/contracts/r1';
import { parseConfig } from '@ranloop/kit/config';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import { PRB_USED, TWIN_PREFIX } from '@ranloop/sdk/features';
import type { EiClient, InferenceClient, PolicyClient, TelemetryClient } from '@ranloop/sdk/r1';
import { NOTHING_SETTLED, type RApp, type Settled } from '../rapp.ts';
import type { RappsStore } from '../store.ts';
import { createActuator } from './actuate.ts';
import { cellFacts, SERVICE_ID } from './cells.ts';
import { SliceAssuranceConfig } from './config.ts';
import { createController, type PeriodResult } from './controller.ts';
import { createForecaster } from './forecast.ts';
import { createJudge } from './judge.ts';
import { createPump, type Pump } from './pump.ts';
import { createRetraining } from './retraining.ts';
import { createTelemetryWindow, type TelemetryWindow } from './window.ts';

export interface SliceAssuranceDeps {
  readonly telemetry: TelemetryClient;
  readonly policy: PolicyClient;
  readonly ei: EiClient;
  readonly inference: InferenceClient;
  /** Asks the training side for a run of the loop's pipeline. */
  readonly requestTraining: (reason: string) => Promise<void>;
  readonly store: RappsStore;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface SliceAssurance extends RApp {
  /** Resolves when all is done for the period that ends then; at once when there is nothing to wait for. */
  settled(periodEndMicros: number): Promise<Settled>;
}

/** All that lives between a start and a stop. */
interface Session {
  readonly abort: AbortController;
  readonly window: TelemetryWindow;
  /** Tries once to get going; true when it runs. */
  getReady(): Promise<boolean>;
  readonly pump: () => Pump | undefined;
  readonly ended: Promise<void>;
}

export function createSliceAssurance(given: SliceAssuranceConfig, deps: SliceAssuranceDeps): SliceAssurance {
  const { store } = deps;
  const log = deps.log.child({ rapp: SERVICE_ID });
  const listeners = new Set<(decisions: readonly Decision[]) => void>();
  const counters = {
    decisions: deps.metrics.counter('rapp_decisions_total', 'Decisions of rApps by rule', ['rule']),
    seconds: deps.metrics.histogram('rapp_period_seconds', 'Time from the last report of a period to its policies'),
  };
  let config = given;
  let session: Session | undefined;
  let reason = 'stopped';
  let state: RAppInfo['state'] = 'STOPPED';
  let lastPeriod: number | undefined;

  const waitFor = (what: string) => {
    if (reason !== what) log.info({ reason: what }, 'waiting');
    state = 'WAITING';
    reason = what;
  };

  function open(): Session {
    const abort = new AbortController();
    const { signal } = abort;
    const forecaster = createForecaster(deps.inference, {
      model: config.model,
      quantile: config.quantile,
      horizon: config.horizon,
      signal,
    });
    const window = createTelemetryWindow(deps.telemetry, {
      periodMicros: config.periodSeconds * 1e6,
      twinPrefix: config.twinPrefix,
      signal,
    });
    const actuator = createActuator(deps.policy, { config: () => config, log });
    const judge = createJudge(window, () => ({
      periodMicros: config.periodSeconds * 1e6,
      effectPeriods: config.effectPeriods,
      marginSeconds: config.rollbackMarginSeconds,
      marginShare: config.rollbackMarginShare,
    }));
    const controller = createController({ window, forecaster, actuator, judge, config: () => config });
    const retraining = createRetraining(window, { config: () => config, log, request: deps.requestTraining });
    let pump: Pump | undefined;
    let attempt: Promise<boolean> | undefined;

    async function missing(): Promise<string | undefined> {
      if (!forecaster.model && !(await forecaster.look())) return forecaster.reason;
      const sources = await deps.telemetry.sources();
      if (!sources.some(({ source }) => !source.startsWith(TWIN_PREFIX))) return 'no telemetry has come in yet';
      if (config.requireTwin && !sources.some(({ source }) => source.startsWith(config.twinPrefix)))
        return `no twin (source ${config.twinPrefix}...) reports, so no effect could be judged`;
      return actuator.look();
    }

    async function tryOnce(): Promise<boolean> {
      const lack = await missing();
      if (lack !== undefined) {
        waitFor(lack);
        return false;
      }
      const sources = await deps.telemetry.sources();
      const newest = Math.max(
        ...sources.filter(({ source }) => !source.startsWith(TWIN_PREFIX)).map(({ last }) => last),
      );
      await window.open(newest);
      controller.adopt(await actuator.adopt(), newest);
      // The newest period itself is still to be decided.
      pump = createPump(period, {
        from: newest - 1,
        onError: (error) => {
          if (!signal.aborted) log.error({ err: error }, 'a period was not decided');
        },
      });
      state = 'RUNNING';
      reason = '';
      log.info({ cells: window.live.cells.length, periods: window.live.length }, 'running');
      return true;
    }

    async function gather(time: number): Promise<void> {
      const until = performance.now() + config.gatherSeconds * 1_000;
      for (let pause = 10; ; pause = Math.min(200, pause * 2)) {
        await window.advance(time);
        if (window.isComplete(time) || performance.now() + pause > until) return;
        await sleep(pause, undefined, { signal });
      }
    }

    async function period(time: number): Promise<Settled> {
      const started = performance.now();
      await gather(time);
      const result = await controller.decide(time);
      counters.seconds.observe((performance.now() - started) / 1_000);
      lastPeriod = time;
      const { decisions, outcomes } = result;
      for (const { rule } of decisions) counters.decisions.inc({ rule });
      await Promise.all([
        store.insert(SERVICE_ID, decisions).then(() => {
          for (const listener of listeners) listener(decisions);
        }),
        store.setEffects(SERVICE_ID, judge.effects(time)),
        deliverForecasts(result, time),
      ]);
      retraining.watch(result.view, time);
      say(result, forecaster.reason);
      const policyId = outcomes.at(-1)?.policyId;
      return {
        decisions: decisions.length,
        changed: outcomes.length,
        enforced: outcomes.filter(({ enforceStatus }) => enforceStatus === 'ENFORCED').length,
        ...(policyId === undefined ? {} : { policyId }),
      };
    }

    async function follow(): Promise<void> {
      for (;;) {
        const ready = await session_.getReady().catch((error: unknown) => {
          if (!signal.aborted) waitFor(asRanloopError(error).message);
          return false;
        });
        if (ready || signal.aborted) break;
        await sleep(config.lookSeconds * 1_000, undefined, { signal }).catch(() => undefined);
      }
      const watchdog = setInterval(() => watch(), config.periodSeconds * 1_000);
      watchdog.unref();
      while (!signal.aborted) {
        await deps.telemetry
          .stream(onSamples, { signal, filter: { counters: [PRB_USED] } })
          .catch((error: unknown) => log.warn({ err: asRanloopError(error) }, 'the telemetry stream was refused'));
        await sleep(config.lookSeconds * 1_000, undefined, { signal }).catch(() => undefined);
      }
      clearInterval(watchdog);
    }

    let heard = performance.now();
    function onSamples(samples: readonly { source: string; snssai?: string; time: number }[]): void {
      let newest = Number.NEGATIVE_INFINITY;
      for (const { source, snssai, time } of samples)
        if (snssai !== undefined && !source.startsWith(TWIN_PREFIX) && time > newest) newest = time;
      if (newest === Number.NEGATIVE_INFINITY) return;
      heard = performance.now();
      void pump?.request(newest);
    }

    /** When nothing reports any more, no sample starts a period: the clock on the wall does, so that policies still end. */
    function watch(): void {
      if (!pump || pump.last < 0) return;
      const silent = Math.floor((performance.now() - heard) / (config.periodSeconds * 1_000));
      if (silent <= config.staleAfterPeriods) return;
      void pump.request(pump.last + config.periodSeconds * 1e6);
    }

    const session_ = {
      abort,
      window,
      pump: () => pump,
      getReady() {
        if (pump) return Promise.resolve(true);
        attempt ??= tryOnce().finally(() => {
          attempt = undefined;
        });
        return attempt;
      },
      ended: Promise.resolve(),
    };
    session_.ended = follow();
    return session_;
  }

  async function deliverForecasts({ view }: PeriodResult, time: number): Promise<void> {
    const results = view.slices.flatMap(({ cell, snssai, forecast }) => {
      const dn = session?.window.live.cells[cell];
      if (!forecast || dn === undefined) return [];
      const target = time + config.horizon * config.periodSeconds * 1e6;
      return [
        { cell: dn, ncI: cellFacts(config, dn).ncI, snssai, target, p50: forecast.p50, p90: forecast.p90, unit: 'PRB' },
      ];
    });
    if (results.length === 0) return;
    await deps.ei
      .deliver(EI_DEMAND_FORECAST, results)
      .catch((error: unknown) => log.warn({ err: asRanloopError(error) }, 'forecasts were not delivered'));
  }

  /** What an operator must know is said in `reason`, also while it runs. */
  function say({ decisions, outcomes }: PeriodResult, modelReason: string): void {
    const of = (rule: string) =>
      new Set(decisions.filter((decision) => decision.rule === rule).map(({ cell }) => cell));
    const notes = [
      ...(decisions.length > 0 && decisions.every(({ rule }) => rule === 'no-model') ? [modelReason] : []),
      ...(['rolled-back', 'hold-off', 'stale-telemetry', 'flagged-telemetry', 'withdrawn'] as const).flatMap((rule) => {
        const cells = of(rule);
        return cells.size > 0 ? [`${rule}: ${[...cells].join('; ')}`] : [];
      }),
      ...(outcomes.some(({ enforceStatus }) => enforceStatus === 'FAILED') ? ['the RIC did not take a policy'] : []),
    ];
    reason = notes.join(' | ');
    for (const cell of of('rolled-back'))
      log.warn({ cell }, 'worse than the twin twice in a row: rolled back, held off');
  }

  return {
    id: SERVICE_ID,
    version: '1.0.0',
    description:
      'Forecasts the demand of each cell and slice and keeps PRB ratios for it by A1 policies, with the effect judged against a twin',
    status: () => ({ state, reason, ...(lastPeriod === undefined ? {} : { lastPeriod }) }),
    start() {
      if (session) return;
      waitFor('starting');
      session = open();
    },
    async stop() {
      const ending = session;
      session = undefined;
      state = 'STOPPED';
      reason = 'stopped';
      if (!ending) return;
      ending.abort.abort();
      await ending.pump()?.stop();
      await ending.ended;
    },
    config: () => ({ ...config }),
    configure(changes) {
      try {
        config = parseConfig(SliceAssuranceConfig, { ...config, ...changes }, SERVICE_ID);
      } catch (error) {
        const { message, fields } = asRanloopError(error);
        throw new RanloopError('RL_INVALID', message, { fields });
      }
    },
    onDecisions(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async settled(periodEndMicros) {
      const running = session;
      if (!running) return NOTHING_SETTLED;
      const ready = await running.getReady().catch((error: unknown) => {
        if (!running.abort.signal.aborted) waitFor(asRanloopError(error).message);
        return false;
      });
      const pump = running.pump();
      return ready && pump ? pump.request(periodEndMicros) : NOTHING_SETTLED;
    },
  };
}
