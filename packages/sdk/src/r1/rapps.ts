import { type Decision, R1_RAPPS, type RAppInfo } from '@ranloop/contracts/r1';
import { type FollowOptions, followEvents } from './event-stream.ts';
import { type ClientConfig, createHttp } from './http.ts';

export interface DecisionFilter {
  readonly cell?: string;
  readonly snssai?: string;
  readonly rule?: string;
  readonly modelId?: string;
  /** Microseconds, by the clock of the telemetry. */
  readonly from?: number;
  readonly to?: number;
  readonly limit?: number;
}

export interface RAppsClient {
  list(): Promise<RAppInfo[]>;
  get(id: string): Promise<RAppInfo>;
  start(id: string): Promise<RAppInfo>;
  stop(id: string): Promise<RAppInfo>;
  config(id: string): Promise<Record<string, unknown>>;
  /** Changes some settings; answers all of them. */
  configure(id: string, changes: Record<string, unknown>): Promise<Record<string, unknown>>;
  decision(id: string, decisionId: string): Promise<Decision>;
  /** Newest first; 100 unless `limit` says more. */
  decisions(id: string, filter?: DecisionFilter): Promise<Decision[]>;
  /** Decisions as they are taken, until `signal` aborts. */
  stream(id: string, onDecision: (decision: Decision) => void, options: FollowOptions): Promise<void>;
}

export function createRAppsClient(config: ClientConfig): RAppsClient {
  const http = createHttp(config);
  const rapp = (id: string, rest = '') => `${R1_RAPPS}/rapps/${encodeURIComponent(id)}${rest}`;
  return {
    list: async () => (await http.json<{ rapps: RAppInfo[] }>(`${R1_RAPPS}/rapps`)).rapps,
    get: (id) => http.json(rapp(id)),
    // To start what runs, and to stop what does not, changes nothing.
    start: (id) => http.json(rapp(id, '/start'), { method: 'POST', body: {}, repeatable: true }),
    stop: (id) => http.json(rapp(id, '/stop'), { method: 'POST', body: {}, repeatable: true }),
    config: (id) => http.json(rapp(id, '/config')),
    configure: (id, changes) => http.json(rapp(id, '/config'), { method: 'PUT', body: changes, repeatable: true }),
    decision: (id, decisionId) => http.json(rapp(id, `/decisions/${encodeURIComponent(decisionId)}`)),
    async decisions(id, filter = {}) {
      const { decisions } = await http.json<{ decisions: Decision[] }>(rapp(id, '/decisions'), {
        query: { ...filter },
      });
      return decisions;
    },
    stream: (id, onDecision, options) =>
      followEvents(http, rapp(id, '/stream'), {
        ...options,
        onEvent: ({ event, data }) => {
          if (event === 'decision') onDecision(JSON.parse(data) as Decision);
        },
      }),
  };
}
