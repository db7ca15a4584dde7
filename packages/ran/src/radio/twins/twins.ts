import type { PeriodReport, Plant, SliceRatio, SliceTotals } from '../../plant.ts';
import { createEnvironment, type Environment } from '../environment.ts';
import type { Scenario } from '../scenario.ts';
import { createPlant } from '../simulated-plant.ts';
import { ORACLE_MARGINS, oracleRatios, REACTIVE_MARGINS, reactiveRatios } from './controllers.ts';

export const TWINS = ['none', 'static', 'reactive', 'oracle'] as const;
export type TwinName = (typeof TWINS)[number];

export interface TwinsOptions {
  /** Constants of the static twin, the same for every cell or by cell; the reactive one begins with them. */
  readonly staticRatios: readonly SliceRatio[] | readonly (readonly SliceRatio[])[];
  readonly startSeconds?: number;
  /** To be shared with the plant that the loop controls, so that the world is worked out once. */
  readonly environment?: Environment;
}

/** The opponents of the loop: the same seed, the same traffic, other knowledge. They advance together. */
export interface Twins {
  readonly now: number;
  /** Runs each one on by a period. */
  advancePeriod(): Readonly<Record<TwinName, PeriodReport>>;
  totals(cell?: number): Readonly<Record<TwinName, readonly SliceTotals[]>>;
  energyWh(): Readonly<Record<TwinName, number>>;
  resetTotals(): void;
  plant(name: TwinName): Plant;
}

export function createTwins(scenario: Scenario, options: TwinsOptions): Twins {
  const environment = options.environment ?? createEnvironment(scenario);
  const { startSeconds = 0, staticRatios } = options;
  const { periodSeconds } = scenario;
  const start = { environment, startSeconds };
  const plants: Record<TwinName, Plant> = {
    none: createPlant(scenario, start),
    static: createPlant(scenario, { ...start, ratios: staticRatios }),
    reactive: createPlant(scenario, { ...start, ratios: staticRatios }),
    oracle: createPlant(scenario, start),
  };
  const cells = plants.none.cells.map(({ index }) => index);
  const foresee = (from: number) => {
    for (const cell of cells)
      plants.oracle.setRatios(
        cell,
        oracleRatios(plants.oracle, cell, { from, to: from + periodSeconds, margins: ORACLE_MARGINS }),
      );
  };
  const byName = <T>(of: (plant: Plant) => T): Record<TwinName, T> => ({
    none: of(plants.none),
    static: of(plants.static),
    reactive: of(plants.reactive),
    oracle: of(plants.oracle),
  });

  return {
    get now() {
      return plants.static.now;
    },
    advancePeriod() {
      // What is set now holds from the end of the period that is about to run: the oracle looks at the one after it.
      foresee(plants.oracle.now + periodSeconds);
      const reports = byName((plant) => plant.advancePeriod());
      // Likewise this report, of period n - 2, decides for period n: n - 1 is running when it is in.
      for (const report of reports.reactive.cells)
        plants.reactive.setRatios(report.cell.index, reactiveRatios(scenario, report, REACTIVE_MARGINS));
      return reports;
    },
    totals: (cell) => byName((plant) => plant.totals(cell)),
    energyWh: () => byName((plant) => plant.energyWh()),
    resetTotals: () => {
      byName((plant) => plant.resetTotals());
    },
    plant: (name) => plants[name],
  };
}
