import {
  type CounterSummary,
  type ObjectSummary,
  R1_TELEMETRY,
  type RefusedEvent,
  type Sample,
  type Series,
  type SourceSummary,
  type TelemetryQuery,
  type TelemetryResult,
} from '@ranloop/contracts/r1';
import { type FollowOptions, followEvents } from './event-stream.ts';
import { type ClientConfig, createHttp } from './http.ts';

export interface TelemetryFilter {
  readonly counters?: readonly string[];
  readonly sources?: readonly string[];
  readonly objects?: readonly string[];
}

export interface TelemetryClient {
  sources(): Promise<SourceSummary[]>;
  objects(filter?: { source?: string }): Promise<ObjectSummary[]>;
  counters(filter?: { source?: string }): Promise<CounterSummary[]>;
  query(query: TelemetryQuery, options?: { signal?: AbortSignal }): Promise<Series[]>;
  /** The newest sample of each series. */
  last(filter?: TelemetryFilter): Promise<Sample[]>;
  /** Events that the collector refused, newest first. */
  refused(): Promise<RefusedEvent[]>;
  /**
   * Samples as they are stored, until `signal` aborts. After a break the newest sample of each series is fetched, so a
   * series that reports less often than breaks last loses nothing; a sample may then come twice.
   */
  stream(onSamples: (samples: Sample[]) => void, options: FollowOptions & { filter?: TelemetryFilter }): Promise<void>;
}

export function createTelemetryClient(config: ClientConfig): TelemetryClient {
  const http = createHttp(config);
  const get = <T>(path: string, query: Record<string, string | readonly string[] | undefined> = {}) =>
    http.json<T>(`${R1_TELEMETRY}${path}`, { query });
  const last = async (filter: TelemetryFilter = {}) =>
    (await get<{ samples: Sample[] }>('/last', queryOf(filter))).samples;
  return {
    sources: async () => (await get<{ sources: SourceSummary[] }>('/sources')).sources,
    objects: async ({ source } = {}) => (await get<{ objects: ObjectSummary[] }>('/objects', { source })).objects,
    counters: async ({ source } = {}) => (await get<{ counters: CounterSummary[] }>('/counters', { source })).counters,
    async query(query, { signal } = {}) {
      const options = { method: 'POST', body: query, repeatable: true, signal } as const;
      return (await http.json<TelemetryResult>(`${R1_TELEMETRY}/query`, options)).series;
    },
    last,
    refused: async () => (await get<{ refused: RefusedEvent[] }>('/refused')).refused,
    stream(onSamples, { filter = {}, ...options }) {
      let newest = 0;
      let broken = false;
      const deliver = (samples: Sample[]) => {
        for (const { time } of samples) if (time > newest) newest = time;
        if (samples.length > 0) onSamples(samples);
      };
      const catchUp = async () => {
        const since = newest;
        deliver((await last(filter)).filter(({ time }) => time > since));
      };
      return followEvents(http, `${R1_TELEMETRY}/stream`, {
        ...options,
        query: queryOf(filter),
        onOpen() {
          options.onOpen?.();
          if (broken) void catchUp().catch((error: unknown) => options.onLost?.(error));
          broken = false;
        },
        onLost(error) {
          broken = true;
          options.onLost?.(error);
        },
        onEvent({ event, data }) {
          if (event === 'samples') deliver(JSON.parse(data) as Sample[]);
        },
      });
    },
  };
}

function queryOf({ counters, sources, objects }: TelemetryFilter): Record<string, readonly string[] | undefined> {
  return { counter: counters, source: sources, object: objects };
}
