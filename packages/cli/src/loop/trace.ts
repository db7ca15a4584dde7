import { RanloopError } from '@ranloop/contracts/errors';
import { createTelemetryClient } from '@ranloop/sdk/r1';
import { createVesClient } from '@ranloop/sdk/ves';
import { readMap } from '../replay/map.ts';
import { locateMap, mapFor } from '../replay/maps.ts';
import { type ReplayResult, replay } from '../replay/replay.ts';
import type { DemoParts } from './demo.ts';
import type { TraceFigures } from './figures.ts';
import { TRACE } from './pipelines.ts';
import { readEvaluation, runPipeline, sessionOf } from './training.ts';

export interface Trace {
  readonly figures: TraceFigures;
  /** The rates of the capture, one a second, to be offered as traffic. */
  readonly samples: number[];
}

const HORIZONS = [1, 5, 10, 30];
const MICROS = 1_000_000;

/** A recorded capture through the whole forecasting half: VES, store, extraction, training, evaluation. */
export async function forecastTrace(file: string, parts: DemoParts): Promise<Trace> {
  const { platform, bars, monitor, signal } = parts;
  const map = await readMap(locateMap(mapFor(file)));
  const counter = map.traffic?.counter;
  if (counter === undefined)
    throw new RanloopError('RL_CONFIG', `the map of ${file} does not say which counter is its traffic`);
  monitor.update({ phase: 'capture', progress: 0 });
  const bar = bars.start('capture over VES');
  const result = await replay({
    file,
    map,
    ves: createVesClient({ url: platform.urls.ves }),
    signal,
    onProgress: (fraction) => bar.update(fraction),
  });
  bar.done(`${result.rows} rows acknowledged`);
  const run = await runPipeline(parts, TRACE, {
    'extract.schema': 'series-1',
    'extract.counter': counter,
    'extract.source_prefix': result.source,
    'extract.from': String(result.first - Math.round(map.granularity * MICROS)),
    'extract.to': String(result.last + 1),
    'extract.period': map.granularity,
    'extract.dataset_name': 'capture',
    'train.model_name': 'capture-forecast',
    'train.horizons': HORIZONS,
  });
  const evaluation = await readEvaluation(sessionOf(parts), run);
  const horizons = Object.entries(evaluation.perHorizon).map(([horizon, scores]) => {
    const rmse = Object.fromEntries(Object.entries(scores).map(([name, score]) => [name, score.rmse]));
    const [winner = ''] = Object.entries(rmse)
      .filter(([, value]) => Number.isFinite(value))
      .sort(([, a], [, b]) => a - b)
      .map(([name]) => name);
    return { horizon: Number(horizon), winner, rmse };
  });
  const samples = await rates(parts, { counter, result });
  return { figures: { file, counter, samples: result.rows, horizons }, samples };
}

/** Read back from the store, so that the traffic is what the collector made of the capture; one value a second. */
async function rates(parts: DemoParts, from: { counter: string; result: ReplayResult }): Promise<number[]> {
  const { counter, result } = from;
  const client = createTelemetryClient({
    baseUrl: parts.platform.urls.r1,
    authorization: parts.platform.authorization,
  });
  const series = await client.query({
    counters: [counter],
    sources: [result.source],
    from: result.first,
    to: result.last + 1,
  });
  const seconds = Math.ceil((result.last - result.first) / MICROS) + 1;
  const sums = new Array<number>(seconds).fill(0);
  const counts = new Array<number>(seconds).fill(0);
  for (const { points } of series)
    for (const [time, value] of points) {
      const second = Math.floor((time - result.first) / MICROS);
      sums[second] = (sums[second] ?? 0) + Math.max(0, value);
      counts[second] = (counts[second] ?? 0) + 1;
    }
  // A second without a sample keeps the rate of the one before: the capture's clock drifts by milliseconds.
  let last = 0;
  return sums.map((sum, second) => {
    const count = counts[second] ?? 0;
    last = count > 0 ? sum / count : last;
    return last;
  });
}
