import type { ByRun } from '@ranloop/contracts/loop';
import type { Plant, Twins } from '@ranloop/ran/radio';
import type { Bar } from '../progress.ts';
import type { StartOptions } from '../start/options.ts';
import type { ArrowSources } from './arrows.ts';
import { gapClosed, type ModelFigures, type RoundFigures, sliceResults, verdict, violationSeconds } from './figures.ts';
import type { LoopMonitor } from './state.ts';

/** The counters behind the arrows of the figure. */
export const ARROW_SOURCES: ArrowSources = {
  o1: [{ name: 'ves_events_total' }],
  query: [{ name: 'http_requests_total', labels: { host: 'r1' } }],
  tasks: [{ name: 'http_requests_total', labels: { host: 'api' } }],
  inference: [{ name: 'http_requests_total', labels: { host: 'inference' } }],
  a1: [{ name: 'http_requests_total', labels: { host: 'a1' } }],
  ei: [{ name: 'near_rt_ric_a1_ei_results_total' }],
  e2: [{ name: 'near_rt_ric_e2_messages_total' }],
  e1: [{ name: 'ran_e1_messages_total' }],
};

/** The model that the loop decides with, and its errors on held-out days. */
export interface Deployed {
  readonly model: ModelFigures;
  /** The run of the pipeline that deployed it. */
  readonly runId: string;
}

export interface RoundState {
  readonly plant: Plant;
  readonly twins: Pick<Twins, 'totals'>;
  readonly deployed: Deployed;
  readonly tally: { readonly changes: number; readonly enforced: number; readonly lastPolicy: string };
  readonly simulatedSeconds: number;
}

/** The figures of a round as they stand now. */
export function assess(
  parts: { options: StartOptions; cost: () => { wallSeconds: number; peakRssMb: number } },
  state: RoundState,
): RoundFigures {
  const { plant, twins, tally } = state;
  const slices = sliceResults({ ...twins.totals(), loop: plant.totals() });
  const seconds: ByRun = violationSeconds(slices);
  const figures = {
    seed: parts.options.seed,
    cells: parts.options.cells,
    simulatedHours: state.simulatedSeconds / 3_600,
    ...parts.cost(),
    model: state.deployed.model,
    policy: {
      id: tally.lastPolicy,
      enforceStatus: tally.enforced > 0 ? 'ENFORCED' : 'NOT_ENFORCED',
      changes: tally.changes,
      enforced: tally.enforced,
    },
    slaViolationSeconds: seconds,
    gapClosed: gapClosed(seconds),
    slices,
  };
  return { ...verdict(figures), ...figures };
}

export function showProgress(monitor: LoopMonitor, bar: Bar, fraction: number, simulatedTime: number): void {
  monitor.update({ progress: fraction, simulatedTime });
  bar.update(fraction, new Date(simulatedTime / 1_000).toISOString().slice(0, 16).replace('T', ' '));
}

/** What each step of the loop has done in this round, in words. */
export function showLiveSteps(
  monitor: LoopMonitor,
  live: { cells: number; tally: { periods: number; changes: number; enforced: number }; figures: RoundFigures },
): void {
  const { cells, tally, figures } = live;
  const { loop, static: twin } = figures.slaViolationSeconds;
  monitor.step('report', 'running', `${tally.periods} periods of ${cells} cells`);
  monitor.step('store', 'running', 'acknowledged and stored');
  monitor.step('decide', 'running', `${tally.changes} policy changes`);
  monitor.step('enforce', 'running', `${tally.enforced} confirmed by the RAN`);
  monitor.step('effect', 'running', `${loop} s of violations, the twin ${twin} s`);
  if (!monitor.state.steps['drift']?.detail.startsWith('training again'))
    monitor.step('drift', 'running', 'errors of the forecasts are watched');
}
