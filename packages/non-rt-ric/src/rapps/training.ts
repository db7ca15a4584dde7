import { RanloopError } from '@ranloop/contracts/errors';
import type { Log } from '@ranloop/kit/log';

/** R1 training: a run of a pipeline. The training side may be on another host, or not there at all. */
const RUNS = '/r1/training/v1/pipelines/loop/runs';
const TIMEOUT_MS = 30_000;

export function trainingRequest(config: {
  baseUrl: string;
  authorization: () => Promise<string>;
  log: Log;
}): (reason: string) => Promise<void> {
  return async (reason) => {
    const response = await fetch(`${config.baseUrl.replace(/\/+$/, '')}${RUNS}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: await config.authorization() },
      body: JSON.stringify({ reason }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.ok) {
      config.log.info({ reason }, 'training was started');
      return;
    }
    if (response.status === 404) {
      config.log.info({ reason }, 'no training is offered over R1');
      return;
    }
    throw new RanloopError('RL_UPSTREAM', `training answered ${response.status}: ${text.slice(0, 300)}`);
  };
}
