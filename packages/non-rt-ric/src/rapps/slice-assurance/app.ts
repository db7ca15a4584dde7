import { asRanloopError, RanloopError } from '@ranloop/contracts/errors';
import type { Decision, RAppInfo } from '@ranloop/contracts/r1';
import { parseConfig } from '@ranloop/kit/config';
import type { Metrics } from '@ranloop/kit/metrics';
import { NOTHING_SETTLED, type RApp, type Settled } from '../rapp.ts';
import { SERVICE_ID } from './cells.ts';
import { SliceAssuranceConfig } from './config.ts';
import { cellsWith, notesOf } from './notes.ts';
import { openSession, type Session, type SessionDeps } from './session.ts';

export interface SliceAssurance extends RApp {
  /** Resolves when all is done for the period that ends then; at once when there is nothing to wait for. */
  settled(periodEndMicros: number): Promise<Settled>;
}

/** What a running session was built with: another value needs a new one. */
const BUILT_WITH = ['model', 'quantile', 'horizon', 'periodSeconds', 'twinPrefix'] as const;

export function createSliceAssurance(
  given: SliceAssuranceConfig,
  deps: SessionDeps & { readonly metrics: Metrics },
): SliceAssurance {
  const log = deps.log.child({ rapp: SERVICE_ID });
  const listeners = new Set<(decisions: readonly Decision[]) => void>();
  const decided = deps.metrics.counter('rapp_decisions_total', 'Decisions of rApps by rule', ['rule']);
  const seconds = deps.metrics.histogram(
    'rapp_period_seconds',
    'Time from the last report of a period to its policies',
  );
  let config = given;
  let session: Session | undefined;
  let reason = 'stopped';
  let state: RAppInfo['state'] = 'STOPPED';
  let lastPeriod: number | undefined;

  function open(): Session {
    const opened: Session = openSession(
      { ...deps, log },
      {
        config: () => config,
        onWaiting(what) {
          if (session !== opened) return;
          if (reason !== what) log.info({ reason: what }, 'waiting');
          state = 'WAITING';
          reason = what;
        },
        onRunning() {
          state = 'RUNNING';
          reason = '';
        },
        onPeriod(result, at) {
          lastPeriod = at.time;
          seconds.observe(at.seconds);
          for (const { rule } of result.decisions) decided.inc({ rule });
          if (session === opened) reason = notesOf(result, at.modelReason);
          for (const cell of cellsWith(result.decisions, 'rolled-back'))
            log.warn({ cell }, 'worse than the twin several times in a row: rolled back, held off');
          for (const listener of listeners) listener(result.decisions);
        },
      },
    );
    return opened;
  }

  function start(): void {
    if (session) return;
    state = 'WAITING';
    reason = 'starting';
    session = open();
  }

  async function stop(): Promise<void> {
    const ending = session;
    session = undefined;
    state = 'STOPPED';
    reason = 'stopped';
    await ending?.stop();
  }

  return {
    id: SERVICE_ID,
    version: '1.0.0',
    description:
      'Forecasts the demand of each cell and slice and keeps PRB ratios for it by A1 policies, with the effect judged against a twin',
    status: () => ({ state, reason, ...(lastPeriod === undefined ? {} : { lastPeriod }) }),
    start,
    stop,
    config: () => ({ ...config }),
    async configure(changes) {
      const before = config;
      try {
        config = parseConfig(SliceAssuranceConfig, { ...config, ...changes }, SERVICE_ID);
      } catch (error) {
        const { message, fields } = asRanloopError(error);
        throw new RanloopError('RL_INVALID', message, { fields });
      }
      const same = BUILT_WITH.every((key) => JSON.stringify(before[key]) === JSON.stringify(config[key]));
      if (same || !session) return;
      await stop();
      start();
    },
    onDecisions(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    settled: async (periodEndMicros) => session?.settled(periodEndMicros) ?? NOTHING_SETTLED,
  };
}
