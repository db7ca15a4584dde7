import { RanloopError } from '@ranloop/contracts/errors';
import type { Log } from '@ranloop/kit/log';
import {
  createEnvironment,
  createPlant,
  createTwins,
  type PeriodReport,
  type Plant,
  parseScenario,
  type Scenario,
  type StaticSearchResult,
  searchInWorker,
  type Twins,
} from '@ranloop/ran/radio';
import type { Bars } from '../progress.ts';
import type { StartOptions } from '../start/options.ts';
import type { Platform } from '../start/platform.ts';
import { createArrowMeter } from './arrows.ts';
import type { RoundFigures, TraceFigures } from './figures.ts';
import { reportHistory } from './history.ts';
import { runLive } from './live.ts';
import { HISTORY, openPlan, type Plan, savePlan } from './plan.ts';
import { createRanInterfaces, type RanInterfaces } from './ran.ts';
import { followRetraining } from './retraining.ts';
import { ARROW_SOURCES, assess, type Deployed, showLiveSteps, showProgress } from './round.ts';
import type { LoopMonitor } from './state.ts';
import { forecastTrace } from './trace.ts';
import { trainAndDeploy } from './training.ts';

export interface DemoParts {
  readonly options: StartOptions;
  readonly platform: Platform;
  readonly monitor: LoopMonitor;
  readonly dataFolder: string;
  readonly credentials: { readonly accessKey: string; readonly secretKey: string };
  readonly bars: Bars;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Simulated seconds per second; undefined: as fast as the loop closes. */
  readonly speed: number | undefined;
  readonly cost: () => { wallSeconds: number; peakRssMb: number };
}

const ARROW_MS = 1_000;

/** The loop of architecture.md, steps 1 to 9, on the simulated RAN. Yields the figures of each round. */
export async function* runDemo(parts: DemoParts): AsyncGenerator<RoundFigures> {
  const { options, platform, monitor, bars, signal, log } = parts;
  const trace = options.trace === undefined ? undefined : await forecastTrace(options.trace, parts);
  const scenario = parseScenario({
    seed: options.seed,
    cells: options.cells,
    ...(trace === undefined ? {} : { trace: trace.samples }),
  });
  const plan = await openPlan(parts.dataFolder, scenario);
  const save = (now: Plan) => savePlan(parts.dataFolder, now);
  const environment = createEnvironment(scenario);
  const plant = createPlant(scenario, { startSeconds: plan.reportedSeconds, environment });
  const ran = createRanInterfaces(
    {
      urls: platform.urls,
      ports: platform.ports,
      epochMicros: plan.epochMicros,
      periodSeconds: scenario.periodSeconds,
    },
    { plant, log, metrics: platform.metrics },
  );
  const meter = createArrowMeter(platform.metrics, ARROW_SOURCES);
  const arrows = setInterval(() => void meter().then((rates) => monitor.update({ arrows: rates })), ARROW_MS);
  let endFollowing: () => void = () => undefined;
  try {
    await ran.start();
    const best = searchStatic(scenario, parts);
    await reportPast(plant, { plan, save, ran, parts });
    const from = plan.epochMicros;
    let deployed = await trainAndDeploy(parts, { from, to: from + HISTORY.seconds * 1_000_000 });
    const { ratios: staticRatios } = await best;
    const twins = createTwins(scenario, { staticRatios, startSeconds: plant.now, environment });
    // The operator's ratios are in force until the rApp's first policy.
    for (const cell of plant.cells) plant.setRatios(cell.index, staticRatios[cell.index] ?? []);
    // What a cell falls back to when its policies are withdrawn or rolled back.
    const fallback = plant.cells.flatMap(({ index, dn }) =>
      (staticRatios[index] ?? []).map((of) => ({ cell: dn, ...of })),
    );
    await platform.rapps.configure('slice-assurance', { staticRatios: fallback });
    await ran.connected();
    endFollowing = followRetraining(parts, deployed, (now) => {
      deployed = now;
    });
    for (let round = 1; ; round += 1) {
      monitor.update({ round });
      yield await playRound({ plant, twins, plan, save, ran, deployed, trace: trace?.figures, parts });
    }
  } catch (error) {
    if (!signal.aborted) monitor.update({ phase: `failed: ${(error as Error).message}` });
    throw error;
  } finally {
    clearInterval(arrows);
    endFollowing();
    await ran.stop();
    bars.stop();
  }
}

interface History {
  readonly plan: Plan;
  readonly save: (plan: Plan) => Promise<void>;
  readonly ran: RanInterfaces;
  readonly parts: DemoParts;
}

/** What is missing of the history, simulated ahead. */
async function reportPast(plant: Plant, { plan, save, ran, parts }: History): Promise<void> {
  const { monitor, bars, signal } = parts;
  if (plant.now >= HISTORY.seconds) {
    monitor.step('report', 'done', 'the history of an earlier start is there');
    return;
  }
  monitor.update({ phase: 'history', progress: 0 });
  monitor.step('report', 'running', `${HISTORY.days} days of measurements through the VES collector`);
  monitor.step('store', 'running', 'events validated, samples stored');
  const bar = bars.start('history over O1');
  const send = async (reports: readonly PeriodReport[]) => {
    await Promise.all(reports.map((report) => ran.live.send(report)));
  };
  const periods = await reportHistory(
    {
      plant,
      plan,
      send,
      save,
      signal,
      onProgress: (fraction) => showProgress(monitor, bar, fraction, plan.epochMicros + plant.now * 1_000_000),
    },
    HISTORY.seconds,
  );
  bar.done(`${periods} periods acknowledged`);
  monitor.step('report', 'done', `${HISTORY.days} days reported`);
  monitor.step('store', 'done', 'stored');
}

/** Runs beside everything else, in a thread of its own; the training days are those that the model sees. */
function searchStatic(scenario: Scenario, { bars, log, signal }: DemoParts): Promise<StaticSearchResult> {
  const bar = bars.start('best static ratios');
  const found = searchInWorker(scenario, {
    fromSeconds: 0,
    toSeconds: HISTORY.searchSeconds,
    signal,
    onProgress: (fraction: number) => bar.update(fraction),
  }).then((result) => {
    bar.done(`${Math.round(result.violationSeconds)} s of violations on the training days, ${result.evaluations} runs`);
    log.info({ ...result }, 'best static ratios');
    return result;
  });
  // Awaited later; a failure until then must not count as unhandled.
  found.catch(() => undefined);
  return found;
}

interface Round extends History {
  readonly plant: Plant;
  readonly twins: Twins;
  readonly deployed: Deployed;
  readonly trace: TraceFigures | undefined;
}

async function playRound(round: Round): Promise<RoundFigures> {
  const { plant, twins, plan, ran, parts, deployed } = round;
  const { options, platform, monitor, bars, signal, speed } = parts;
  plant.resetTotals();
  twins.resetTotals();
  const from = plant.now;
  const seconds = Math.round(options.hours * 3_600);
  const bar = bars.start('the loop, live');
  monitor.update({ phase: 'live', progress: 0 });
  const tally = { periods: 0, changes: 0, enforced: 0, lastPolicy: '' };
  await runLive(
    {
      plant,
      twins,
      plan,
      save: round.save,
      signal,
      report: async (live, twin) => {
        await Promise.all([ran.live.send(live), ran.twin.send(twin)]);
      },
      indicate: (live) => ran.indicate(live),
      settled: async (periodEnd) => {
        const outcome = await platform.rapps.settled(periodEnd);
        await ran.settled();
        tally.periods += 1;
        tally.changes += outcome.changed;
        tally.enforced += outcome.enforced;
        tally.lastPolicy = outcome.policyId ?? tally.lastPolicy;
      },
      onPeriod: () => {
        const figures = assess(parts, { plant, twins, deployed, tally, simulatedSeconds: plant.now - from });
        monitor.update({
          slices: figures.slices,
          violationSeconds: figures.slaViolationSeconds,
          policyChanges: tally.changes,
        });
        showLiveSteps(monitor, { cells: plant.cells.length, tally, figures });
        showProgress(monitor, bar, (plant.now - from) / seconds, plan.epochMicros + plant.now * 1_000_000);
      },
    },
    { seconds, speed },
  );
  const figures = assess(parts, { plant, twins, deployed, tally, simulatedSeconds: plant.now - from });
  bar.done(`${tally.enforced} policy changes enforced`);
  if (plant.now === from) throw new RanloopError('RL_INTERNAL', 'the round had no period');
  return round.trace === undefined ? figures : { ...figures, trace: round.trace };
}
