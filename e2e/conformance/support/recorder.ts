import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Recorded {
  readonly endpoint: string;
  readonly status: number;
  /** From the call reaching the server until its answer was read, in milliseconds. */
  readonly ms: number;
}

export interface Recorder {
  readonly url: string;
  readonly calls: readonly Recorded[];
  /** Calls that a client must never see fail: the server's own faults, and endpoints that it does not serve. */
  faults(): string[];
  close(): Promise<void>;
}

/** Clients probe these at a server of any edition, and take 404 for an answer. */
const OTHER_EDITIONS = new Set([
  'workers.get_runtime_properties',
  'workers.set_runtime_properties',
  'users.get_vaults',
]);

/** Stands between clients and the API, passes everything on, and writes down what was called. `GET /__calls` tells it. */
export async function startRecorder(apiUrl: string): Promise<Recorder> {
  const calls: Recorded[] = [];
  const agent = new Agent({ keepAlive: true });
  const server = createServer((asked, answer) => {
    if (asked.url === '/__calls') return void answer.end(JSON.stringify(calls));
    const began = performance.now();
    const { method, url = '/', headers } = asked;
    const onward = request(new URL(url, apiUrl), { method, headers, agent }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.rawHeaders);
      got.pipe(answer);
      got.once('end', () =>
        calls.push({ endpoint: endpointOf(url), status: got.statusCode ?? 0, ms: performance.now() - began }),
      );
    });
    onward.once('error', () => {
      // The client ended (an agent was killed): nobody waits for this answer.
      if (answer.destroyed) return;
      calls.push({ endpoint: endpointOf(url), status: 502, ms: performance.now() - began });
      answer.writeHead(502).end();
    });
    answer.once('close', () => onward.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    faults() {
      const bad = calls.filter(
        ({ status, endpoint }) => status >= 500 || (status === 404 && !OTHER_EDITIONS.has(endpoint)),
      );
      return [...new Set(bad.map(({ status, endpoint }) => `${endpoint} answered ${status}`))];
    },
    close() {
      agent.destroy();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const endpointOf = (url: string) => (url.split('?')[0] ?? '').replace(/^\/+(v[\d.]+\/)?/, '');
