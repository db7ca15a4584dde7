import { histogramOf, type ModelCard } from '@ranloop/sdk/features';
import type { ErrorReport, Problem } from '../problem/index.ts';

interface CardInputs {
  readonly quantiles: readonly number[];
  /** By slice and horizon. */
  readonly margins: readonly (readonly number[])[];
  readonly report: ErrorReport;
  readonly rows: Uint32Array;
  readonly datasetId: string;
  readonly taskId: string;
}

const WATCHED = ['demand[t-0]', 'used[t-0]', 'users[t-0]', 'delay[t-0]', 'neighbours[t-0]', 'value[t-0]'];
const HISTOGRAM_ROWS = 5_000;

/** What the model says about itself, inside its file. */
export function cardOf(problem: Problem, given: CardInputs): ModelCard {
  const bySlice = Object.fromEntries(problem.slices.map((slice, at) => [slice, [...(given.margins[at] ?? [])]]));
  // An S-NSSAI that training never saw gets the widest margin of those it saw.
  const widest = problem.horizons.map((_, h) => Math.max(...given.margins.map((margins) => margins[h] ?? 0)));
  return {
    featureSchema: problem.schema,
    featureCount: problem.columns,
    horizons: [...problem.horizons],
    quantiles: [...given.quantiles],
    outputLayout: 'horizon-major',
    outputUnit: problem.unit,
    margins: { ...bySlice, '*': widest },
    normalisation:
      `Inside the graph, learned from the training rows only: raw features in, ${problem.unit} out. ` +
      `Horizon ${problem.mainHorizon} is the one that control uses.`,
    datasetId: given.datasetId,
    taskId: given.taskId,
    testPinball: problem.horizons.map((horizon) => given.report.perHorizon[String(horizon)]?.model.pinball90 ?? 0),
    inputs: WATCHED.flatMap((name) => {
      const column = problem.names.indexOf(name);
      return column < 0 ? [] : [histogramOf(name, valuesOf(problem, column, given.rows))];
    }),
  };
}

function valuesOf({ features, columns }: Problem, column: number, rows: Uint32Array): Float64Array {
  const step = Math.max(1, Math.ceil(rows.length / HISTOGRAM_ROWS));
  const values: number[] = [];
  for (let at = 0; at < rows.length; at += step)
    values.push(features[(rows[at] as number) * columns + column] as number);
  return Float64Array.from(values);
}
