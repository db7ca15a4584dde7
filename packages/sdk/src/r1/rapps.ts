import { type Decision, R1_RAPPS, type RAppInfo } from '@ranloop/contracts/r1';
import { type FollowOptions, followEvents } from './event-stream.ts';
import { type ClientConfig, createHttp } from './http.ts';

export interface DecisionFilter {
  readonly cell?: string;
  readonly snssai?: string;
  readonly rule?: string;
  readonly limit?: number;
}

export interface RAppsClient {
  list(): Promise<RAppInfo[]>;
  get(id: string): Promise<RAppInfo>;
  /** Newest first. */
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
