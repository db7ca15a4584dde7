import type { Sample } from '@ranloop/contracts/r1';
import { type Point, sampleOf } from './model.ts';
import type { LastFilter } from './store/index.ts';

/** Samples as they are committed, to whoever listens. */
export interface SampleStream {
  /** Returns the function that ends the subscription. */
  subscribe(filter: LastFilter, listener: SampleListener): () => void;
  publish(points: readonly Point[]): void;
  /** Ends every subscription, so that open streams do not hold the port. */
  close(): void;
}

export interface SampleListener {
  samples(samples: readonly Sample[]): void;
  end(): void;
}

/** One message holds at most this many samples; a large write comes as several. */
const MOST_IN_MESSAGE = 5_000;

export function createSampleStream(): SampleStream {
  const listeners = new Map<SampleListener, (point: Point) => boolean>();
  return {
    subscribe(filter, listener) {
      listeners.set(listener, matcher(filter));
      return () => void listeners.delete(listener);
    },
    publish(points) {
      for (const [listener, matches] of listeners) {
        const samples = points.filter(matches).map(sampleOf);
        for (let at = 0; at < samples.length; at += MOST_IN_MESSAGE)
          listener.samples(samples.slice(at, at + MOST_IN_MESSAGE));
      }
    },
    close() {
      for (const listener of [...listeners.keys()]) listener.end();
      listeners.clear();
    },
  };
}

function matcher({ counters, sources, objects }: LastFilter): (point: Point) => boolean {
  const [byCounter, bySource, byObject] = [counters, sources, objects].map((names) => names && new Set(names));
  return ({ series }) =>
    (!byCounter || byCounter.has(series.counter)) &&
    (!bySource || bySource.has(series.source)) &&
    (!byObject || byObject.has(series.dn));
}
