import { RanloopError } from '@ranloop/contracts/errors';
import type { Series, TelemetryQuery } from '@ranloop/contracts/r1';
import type { TelemetryClient } from '@ranloop/sdk/r1';

export interface PageOptions {
  readonly signal: AbortSignal;
  /** Points of a page that the reader aims at; a server may allow fewer. */
  readonly pagePoints: number;
  /** Shortest useful page, microseconds. */
  readonly periodMicros: number;
}

const FIRST_WINDOW = 3_600e6;

/**
 * Reads a query in windows of time, oldest first. A window grows while answers are small and is halved when the server
 * finds it too large, so that neither side holds more than a page.
 */
export async function* readPages(
  client: TelemetryClient,
  query: TelemetryQuery,
  options: PageOptions,
): AsyncGenerator<{ series: Series[]; from: number; to: number }> {
  let window = FIRST_WINDOW;
  for (let from = query.from; from < query.to; ) {
    options.signal.throwIfAborted();
    const to = Math.min(query.to, from + window);
    let series: Series[];
    try {
      series = await client.query({ ...query, from, to }, { signal: options.signal });
    } catch (error) {
      const tooLarge = error instanceof RanloopError && error.code === 'RL_TOO_LARGE';
      if (!tooLarge || window <= options.periodMicros) throw error;
      window = Math.max(options.periodMicros, Math.floor(window / 2));
      continue;
    }
    yield { series, from, to };
    from = to;
    const points = series.reduce((sum, { points }) => sum + points.length, 0);
    if (points < options.pagePoints / 3) window *= 2;
    else if (points > options.pagePoints) window = Math.max(options.periodMicros, Math.floor(window / 2));
  }
}
