import { asRanloopError } from '@ranloop/contracts/errors';
import type { Metrics } from '@ranloop/kit/metrics';
import type { ModelIdentity, ServedModel } from './model.ts';

const LATENCY_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** What the host counts. Names of models are labels only once a model of that name was loaded, so they stay few. */
export interface Instruments {
  measure<T>(model: ServedModel, call: () => Promise<T>): Promise<T>;
  refused(code: string): void;
  serving(identity: ModelIdentity, serving: boolean): void;
}

export function createInstruments(metrics: Metrics): Instruments {
  const requests = metrics.counter('inference_requests_total', 'Inference requests', ['model', 'version']);
  const errors = metrics.counter('inference_errors_total', 'Refused or failed inference requests', ['model', 'code']);
  const seconds = metrics.histogram('inference_duration_seconds', 'Time from request body to answer body', {
    labels: ['model'],
    buckets: LATENCY_SECONDS,
  });
  const refusals = metrics.counter('inference_refused_total', 'Refusals of all calls by error code', ['code']);
  const pending = metrics.gauge('inference_pending', 'Inference requests under way', ['model']);
  const info = metrics.gauge('inference_model_info', '1 for the version that serves', ['model', 'version', 'sha256']);
  const loads = metrics.counter('inference_model_loads_total', 'Models loaded', ['model']);
  return {
    async measure({ identity: { name, version } }, call) {
      requests.inc({ model: name, version });
      pending.inc({ model: name });
      const stop = seconds.startTimer({ model: name });
      try {
        return await call();
      } catch (error) {
        errors.inc({ model: name, code: asRanloopError(error).code });
        throw error;
      } finally {
        stop();
        pending.dec({ model: name });
      }
    },
    refused: (code) => refusals.inc({ code }),
    serving({ name, version, sha256 }, serving) {
      const labels = { model: name, version, sha256 };
      if (!serving) return info.remove(labels);
      info.set(labels, 1);
      loads.inc({ model: name });
    },
  };
}
