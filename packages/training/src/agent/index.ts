import { hostname } from 'node:os';
import type { Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import { createSession } from '@ranloop/sdk/session';
import type { AgentConfig } from './config.ts';
import { createMachineStats } from './machine.ts';
import { createRunFolders } from './run-folder.ts';
import { runSlot } from './slot.ts';

export { type AgentConfig, agentConfig } from './config.ts';
export { RECIPE_REPOSITORY } from './script.ts';

/** Takes tasks from queues and runs them as child processes. `start` does not wait for the server to be there. */
export function createAgent(config: AgentConfig, { log, metrics }: { log: Log; metrics: Metrics }): Service {
  const running = metrics.gauge('agent_running_tasks', 'Tasks that run now');
  const ran = metrics.counter('agent_tasks_total', 'Tasks that ended, by how', ['outcome']);
  const name = config.workerName || hostname().replace(/[^A-Za-z0-9._-]/g, '-');
  let ending = new AbortController();
  let slots: Promise<void>[] = [];

  const startSlot = (slot: number) => {
    const worker = `${name}:${slot}`;
    const session = createSession({
      apiUrl: config.apiUrl,
      filesUrl: config.filesUrl,
      accessKey: config.accessKey,
      secretKey: config.secretKey,
      worker,
    });
    return runSlot(config, {
      session,
      worker,
      log,
      ending: ending.signal,
      folders: createRunFolders(config.workFolder, worker.replace(':', '_')),
      machine: createMachineStats(),
      onRun: (change, outcome) => {
        running.inc(change);
        if (outcome) ran.inc({ outcome });
      },
    }).catch((error: unknown) => log.error({ err: error, worker }, 'the worker ended'));
  };

  return {
    async start() {
      ending = new AbortController();
      slots = Array.from({ length: config.slots }, (_unused, slot) => startSlot(slot));
    },
    async stop() {
      ending.abort(new Error('the agent stops'));
      await Promise.all(slots);
    },
  };
}
