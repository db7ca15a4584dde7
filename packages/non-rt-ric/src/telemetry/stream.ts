import type { Sample } from '@ranloop/contracts/r1';
import { type Point, sampleOf } from './model.ts';
import type { LastFilter } from './store/index.ts';

/** Samples as they are committed, to whoever listens. */
export interface SampleStream {
  /** `after`: the id of the last message that the listener had. Returns the function that ends the subscription. */
  subscribe(filter: LastFilter, listener: SampleListener, after?: string): () => void;
  publish(points: readonly Point[]): void;
  /** Ends every subscription, so that open streams do not hold the port. */
  close(): void;
}

export interface SampleListener {
  /** `id` comes with the last message of what was committed together. */
  samples(samples: readonly Sample[], id?: string): void;
  /** What came after `after` is not known any more, or not all of it. */
  missed(): void;
  end(): void;
}

/** One message holds at most this many samples; a large write comes as several. */
const MOST_IN_MESSAGE = 5_000;
/** Samples remembered for listeners that come back. */
const MOST_REMEMBERED = 50_000;

/** `run` tells the ids of this process from those of an earlier one. */
export function createSampleStream(run = Date.now().toString(36)): SampleStream {
  const listeners = new Map<SampleListener, (point: Point) => boolean>();
  const recent: { readonly number: number; readonly points: readonly Point[] }[] = [];
  let remembered = 0;
  let last = 0;

  function remember(points: readonly Point[]): void {
    last += 1;
    recent.push({ number: last, points });
    remembered += points.length;
    while (remembered > MOST_REMEMBERED) remembered -= recent.shift()?.points.length ?? 0;
  }

  function send(listener: SampleListener, points: readonly Point[], number: number): void {
    const samples = points.map(sampleOf);
    for (let at = 0; at < samples.length; at += MOST_IN_MESSAGE) {
      const end = at + MOST_IN_MESSAGE;
      if (end < samples.length) listener.samples(samples.slice(at, end));
      else listener.samples(samples.slice(at), `${run}-${number}`);
    }
  }

  function replay(listener: SampleListener, matches: (point: Point) => boolean, after: string): void {
    const [of, text = ''] = after.split('-');
    const ours = of === run && /^[0-9]{1,15}$/.test(text) && Number(text) <= last;
    const number = ours ? Number(text) : -1;
    const oldest = recent[0]?.number ?? last + 1;
    if (number < oldest - 1) listener.missed();
    for (const one of recent) if (one.number > number) send(listener, one.points.filter(matches), one.number);
  }

  return {
    subscribe(filter, listener, after) {
      const matches = matcher(filter);
      if (after !== undefined) replay(listener, matches, after);
      listeners.set(listener, matches);
      return () => void listeners.delete(listener);
    },
    publish(points) {
      if (points.length === 0) return;
      remember(points);
      for (const [listener, matches] of listeners) send(listener, points.filter(matches), last);
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
