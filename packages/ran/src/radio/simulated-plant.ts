import { RanloopError } from '@ranloop/contracts/errors';
import type { OfferedDemand, PeriodReport, Plant, SliceRatio } from '../plant.ts';
import { at } from './arrays.ts';
import { createCellEngine } from './cell-engine.ts';
import { BLOCK_SECONDS, createEnvironment, type Environment } from './environment.ts';
import { cellIdentities, SLICES } from './layout.ts';
import { addMeters, clearMeters, createMeters, totalsOf } from './meters.ts';
import { type CellRatios, keepable, openRatios, withRatios } from './quotas.ts';
import { energyJoule, reportOf } from './report.ts';
import type { Scenario } from './scenario.ts';

export interface PlantOptions {
  /** In force from the start: the same for every cell, or by cell. Without them there are no quotas. */
  readonly ratios?: readonly SliceRatio[] | readonly (readonly SliceRatio[])[];
  /** Seconds of the scenario at which to begin; a whole number of periods. */
  readonly startSeconds?: number;
  /** To be shared by plants of one scenario that run side by side: the world is then worked out once. */
  readonly environment?: Environment;
  /** `setRatios` applies to the period that runs: for measuring what the lag costs, no RAN does it. */
  readonly immediate?: boolean;
}

export function createPlant(scenario: Scenario, options: PlantOptions = {}): Plant {
  const environment = options.environment ?? createEnvironment(scenario);
  const cells = cellIdentities(scenario);
  const slices = SLICES.length;
  const width = cells.length * slices;
  const { prbs, periodSeconds } = scenario;
  const quotas = { min: new Float64Array(width), max: new Float64Array(width), dedicated: new Float64Array(width) };
  const available = new Float64Array(width);
  const backlog = new Float64Array(width);
  const period = createMeters(width);
  const sums = createMeters(width);
  const run = createCellEngine(scenario, quotas, backlog);
  const inForce: CellRatios[] = cells.map(() => openRatios());
  const wanted: CellRatios[] = cells.map((cell) => withRatios(openRatios(), initialOf(options.ratios, cell.index)));
  let now = 0;

  const enforce = () => {
    for (const { index } of cells) {
      const ratios = keepable(wanted[index] ?? openRatios());
      if (ratios === inForce[index]) continue;
      inForce[index] = ratios;
      const dedicated = ratios.reduce((sum, ratio) => sum + ratio.dedicated, 0);
      ratios.forEach((ratio, s) => {
        const i = index * slices + s;
        quotas.min[i] = (ratio.min * prbs) / 100;
        quotas.max[i] = (ratio.max * prbs) / 100;
        quotas.dedicated[i] = (ratio.dedicated * prbs) / 100;
        available[i] = (Math.min(ratio.max, 100 - dedicated + ratio.dedicated) * prbs) / 100;
      });
    }
  };
  const skipTo = (seconds: number) => {
    if (!(Number.isSafeInteger(seconds) && seconds >= now && seconds % periodSeconds === 0))
      throw new RanloopError('RL_INVALID', `a start must be a whole number of periods from ${now} s on`, {
        fields: [{ path: '/seconds', problem: 'must be a whole number of periods, not in the past' }],
      });
    if (seconds > now) backlog.fill(0);
    now = seconds;
  };
  const inCell = (cell: number) => {
    if (!cells[cell]) throw new RanloopError('RL_NOT_FOUND', `there is no cell ${cell}`);
    return cell;
  };
  const everyCell = cells.map(({ index }) => index);

  skipTo(options.startSeconds ?? 0);
  enforce();

  return {
    cells,
    slices: SLICES,
    get now() {
      return now;
    },
    advancePeriod(): PeriodReport {
      clearMeters(period);
      const end = now + periodSeconds;
      for (let second = now; second < end; second++) {
        const block = environment.block(Math.floor(second / BLOCK_SECONDS));
        for (let cell = 0; cell < cells.length; cell++) run(cell, block, second % BLOCK_SECONDS, period);
      }
      period.seconds = periodSeconds;
      addMeters(sums, period);
      const report = reportOf(scenario, cells, { start: now, end, meters: period, available });
      now = end;
      enforce();
      return report;
    },
    setRatios(cell, ratios) {
      wanted[inCell(cell)] = withRatios(wanted[cell] ?? openRatios(), ratios);
      if (options.immediate) enforce();
    },
    ratios(cell, which = 'in-force') {
      const ratios = (which === 'wanted' ? wanted : inForce)[inCell(cell)] ?? openRatios();
      return SLICES.map(({ snssai }, s) => ({ snssai, ratio: ratios[s] ?? { min: 0, max: 100, dedicated: 0 } }));
    },
    offeredPrb(cell, snssai, fromSeconds, toSeconds) {
      const slice = SLICES.findIndex((known) => known.snssai === snssai);
      if (slice < 0) throw new RanloopError('RL_NOT_FOUND', `there is no slice ${snssai}`);
      return demandOf(environment, inCell(cell) * slices + slice, { from: fromSeconds, to: toSeconds, width });
    },
    skipTo,
    totals: (cell) => totalsOf(sums, cell === undefined ? everyCell : [inCell(cell)], prbs),
    energyWh: () => everyCell.reduce((sum, cell) => sum + energyJoule(scenario, sums, cell), 0) / 3_600,
    resetTotals: () => clearMeters(sums),
  };
}

function demandOf(
  environment: Environment,
  index: number,
  span: { from: number; to: number; width: number },
): OfferedDemand {
  const demand = new Float64Array(Math.max(1, span.to - span.from));
  for (let i = 0; i < demand.length; i++) {
    const second = span.from + i;
    const block = environment.block(Math.floor(second / BLOCK_SECONDS));
    const at60 = (second % BLOCK_SECONDS) * span.width + index;
    demand[i] = at(block.offered, at60) / at(block.perPrb, at60);
  }
  const mean = demand.reduce((sum, value) => sum + value, 0) / demand.length;
  demand.sort();
  const rank = (share: number) => at(demand, Math.min(demand.length - 1, Math.ceil(share * demand.length) - 1));
  return { mean, p95: rank(0.95), peak: at(demand, demand.length - 1) };
}

function initialOf(ratios: PlantOptions['ratios'], cell: number): readonly SliceRatio[] {
  const first = ratios?.[0];
  if (!ratios || first === undefined) return [];
  return 'snssai' in first
    ? (ratios as readonly SliceRatio[])
    : ((ratios as readonly (readonly SliceRatio[])[])[cell] ?? []);
}
