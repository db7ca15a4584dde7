import type { Authenticator } from '@ranloop/kit/auth';
import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { FastifyInstance } from 'fastify';
import type { InferenceConfig } from './config.ts';
import type { DownloadRules } from './download.ts';
import { registerInference } from './http.ts';
import { createInstruments } from './instruments.ts';
import { createRepository } from './repository.ts';
import { createShelf } from './shelf.ts';

export interface InferenceDeps {
  readonly http: FastifyInstance;
  readonly auth: Authenticator;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The `Authorization` header for downloads from the file server. */
  readonly authorization?: () => Promise<string>;
  /** Origins known only once the hosts listen (port 0); added to those of the configuration. */
  readonly origins?: () => readonly string[];
}

/** A model server: Open Inference Protocol v2 on ONNX Runtime. Models of an earlier run serve again after `start`. */
export function createInference(config: InferenceConfig, deps: InferenceDeps): Service {
  const log = deps.log.child({ room: 'inference' });
  const instruments = createInstruments(deps.metrics);
  const configured = [...(config.filesUrl === undefined ? [] : [config.filesUrl]), ...config.allowedOrigins];
  const rules = (): DownloadRules => ({
    origins: [...configured, ...(deps.origins?.() ?? [])].map(originOf),
    maxBytes: config.maxModelBytes,
    timeoutMs: config.downloadTimeoutMs,
    authorization: deps.authorization,
  });
  const repository = createRepository(config, {
    shelf: createShelf(config.modelsFolder),
    log,
    rules,
    onChange: instruments.serving,
  });
  let ready = false;
  deps.http.register(async (scope) => {
    await registerInference(scope, {
      repository,
      instruments,
      auth: deps.auth,
      limits: config,
      isReady: () => ready,
    });
  });
  return {
    async start() {
      await repository.restore();
      ready = true;
    },
    async stop() {
      ready = false;
      repository.close();
    },
  };
}

const originOf = (address: string) => (URL.canParse(address) ? new URL(address).origin : address);
