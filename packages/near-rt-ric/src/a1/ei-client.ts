import { A1_EI, EI_DEMAND_FORECAST, type EiJob } from '@ranloop/contracts/a1';
import type { RicMessages } from '@ranloop/contracts/ric';
import { checker } from '@ranloop/contracts/schema';
import type { Bus } from '@ranloop/kit/bus';
import type { Log } from '@ranloop/kit/log';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { A1Config } from './config.ts';

const TIMEOUT_MS = 5_000;
const FIRST_PAUSE_MS = 250;
/** Ours: where results of an EI job are posted to. */
const RESULTS = '/A1-EI/v1/results';

const Result = Type.Record(Type.String({ maxLength: 256 }), Type.Unknown());
const Results = Type.Array(Result, { maxItems: 10_000 });
const checkDelivery = checker(Type.Union([Type.Object({ results: Results }), Results, Result]));
const checkJob = checker(Type.Object({ job: Type.String({ minLength: 1, maxLength: 256 }) }));

/** A1-EI, Near-RT RIC side: keeps one job for demand forecasts at the Non-RT RIC and hands what it delivers to the bus. */
export interface EiClient {
  start(): void;
  stop(): Promise<void>;
}

export function createEiClient(
  config: A1Config & { readonly eiBaseUrl: string },
  {
    scope,
    http,
    bus,
    log,
    count,
  }: {
    scope: FastifyInstance;
    http: FastifyInstance;
    bus: Bus<RicMessages>;
    log: Log;
    count: (results: number) => void;
  },
): EiClient {
  const jobId = `${config.ricId}-demand-forecast`;
  const base = config.eiBaseUrl.replace(/\/+$/, '');
  const abort = new AbortController();
  let running: Promise<void> = Promise.resolve();

  scope.post(`${RESULTS}/:job`, async (request, reply) => {
    const { job } = checkJob(request.params, 'path');
    if (job !== jobId) return reply.callNotFound();
    const results = resultsOf(checkDelivery(request.body, 'delivery'));
    count(results.length);
    bus.send('A1_EI_DATA_DELIVERY', { ei_type_id: EI_DEMAND_FORECAST, ei_job_id: jobId, results });
    return reply.code(204).send();
  });

  const ownUrl = (): string | undefined => {
    if (config.resultBaseUrl) return config.resultBaseUrl.replace(/\/+$/, '');
    const address = http.server.address();
    if (typeof address !== 'object' || !address) return undefined;
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `http://${host}:${address.port}`;
  };

  /** Puts the job where it is not, or is another; true when it is there. */
  const ensure = async (own: string): Promise<boolean> => {
    const url = `${base}${A1_EI}/eijobs/${encodeURIComponent(jobId)}`;
    const job: EiJob = {
      eiTypeId: EI_DEMAND_FORECAST,
      jobOwner: config.ricId,
      jobDefinition: {},
      jobResultUri: `${own}${RESULTS}/${encodeURIComponent(jobId)}`,
    };
    const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const known = await fetch(url, { signal, redirect: 'error' });
    if (known.ok) {
      const { jobResultUri } = (await known.json()) as Partial<EiJob>;
      if (jobResultUri === job.jobResultUri) return true;
    } else await known.body?.cancel();
    const put = await fetch(url, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(job),
      redirect: 'error',
      signal,
    });
    await put.body?.cancel();
    if (put.ok) log.info({ job: jobId }, 'A1-EI job is in place');
    else log.warn({ job: jobId, status: put.status }, 'the Non-RT RIC refused the A1-EI job');
    return put.ok;
  };

  const keep = async () => {
    let wait = FIRST_PAUSE_MS;
    while (!abort.signal.aborted) {
      // The port is known only when the host listens, which is after all services have started.
      const own = ownUrl();
      const there = own !== undefined && (await ensure(own).catch(() => false));
      wait = there ? config.eiCheckMs : Math.min(config.eiCheckMs, 2 * wait);
      await sleep(own === undefined ? Math.min(50, wait) : wait, abort.signal);
    }
  };

  return {
    start() {
      running = keep();
    },
    async stop() {
      abort.abort();
      await running;
    },
  };
}

function resultsOf(
  delivery: { results: Record<string, unknown>[] } | Record<string, unknown>[] | Record<string, unknown>,
) {
  if (Array.isArray(delivery)) return delivery;
  const inner = delivery['results'];
  return Array.isArray(inner) ? (inner as Record<string, unknown>[]) : [delivery];
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
