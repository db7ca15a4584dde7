import { coverage } from '@ranloop/sdk/features';
import { type Forecasts, type Problem, pickHorizon, UPPER } from '../problem/index.ts';

interface Figure {
  readonly data: unknown[];
  readonly layout: object;
}

const MOST_PLOTS = 4;
const MOST_POINTS = 360;

/** The last hours of some cells and slices at the main horizon: what came, median and upper forecast. Plotly JSON. */
export function forecastPlot(
  problem: Problem,
  rows: Uint32Array,
  forecasts: Forecasts,
): { series: string; figure: Figure }[] {
  const h = problem.horizons.indexOf(problem.mainHorizon);
  const horizons = problem.horizons.length;
  const places = new Map<string, number[]>();
  rows.forEach((row, place) => {
    const cell = problem.groups[problem.group[row] as number] ?? '';
    const slice = problem.slices[problem.slice[row] as number] ?? '';
    const key = slice === '*' ? cell : `${cell} ${slice}`;
    const list = places.get(key);
    if (list) list.push(place);
    else places.set(key, [place]);
  });
  const step = Math.max(1, Math.floor(places.size / MOST_PLOTS));
  return [...places.keys()]
    .filter((_, at) => at % step === 0)
    .slice(0, MOST_PLOTS)
    .map((key) => {
      const shown = Uint32Array.from((places.get(key) as number[]).slice(-MOST_POINTS));
      const source = shown.map((place) => rows[place] as number);
      const x = Array.from(source, (row) => new Date((problem.time[row] as number) / 1_000).toISOString());
      const line = (name: string, values: Float32Array, more: object = {}) => ({
        type: 'scatter',
        mode: 'lines',
        name,
        x,
        y: Array.from(values, (value) => Math.round(value * 1_000) / 1_000),
        ...more,
      });
      const at = { horizon: h, horizons };
      return {
        series: key,
        figure: {
          data: [
            line('truth', pickHorizon(problem.targets, source, at)),
            line('median', pickHorizon(forecasts.median, shown, at)),
            line(`quantile ${UPPER} with margin`, pickHorizon(forecasts.upper, shown, at), { line: { dash: 'dot' } }),
          ],
          layout: {
            title: `${key}, ${problem.mainHorizon} ahead`,
            yaxis: { title: problem.unit },
            xaxis: { title: 'time of forecast' },
          },
        },
      };
    });
}

/** Share of values under each quantile of the bare network against the quantile's own name, for each horizon. */
export function reliabilityPlot(
  problem: Problem,
  { rows, outputs, quantiles }: { rows: Uint32Array; outputs: Float32Array; quantiles: readonly number[] },
): Figure {
  const horizons = problem.horizons.length;
  const width = quantiles.length;
  const lines = problem.horizons.map((horizon, h) => {
    const actual = pickHorizon(problem.targets, rows, { horizon: h, horizons });
    const shares = quantiles.map((_, q) =>
      coverage(
        actual,
        Float32Array.from(rows, (_row, place) => outputs[(place * horizons + h) * width + q] as number),
      ),
    );
    return { type: 'scatter', mode: 'lines+markers', name: `${horizon} ahead`, x: [...quantiles], y: shares };
  });
  const ideal = { type: 'scatter', mode: 'lines', name: 'calibrated', x: [0, 1], y: [0, 1], line: { dash: 'dot' } };
  return {
    data: [ideal, ...lines],
    layout: { title: 'Reliability', xaxis: { title: 'quantile' }, yaxis: { title: 'share of values under it' } },
  };
}
