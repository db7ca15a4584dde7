import { createTrainingClient } from '@ranloop/sdk/r1';
import type { DemoParts } from './demo.ts';
import { LOOP } from './pipelines.ts';
import type { Deployed } from './round.ts';
import { deployedBy, showStep } from './training.ts';

const LOOK_MS = 3_000;

/**
 * Step 9: drift starts the pipeline over R1, not through this program. So runs are looked for, shown like the first one,
 * and `onDeployed` is told when another model decides. Returns the function that ends it.
 */
export function followRetraining(parts: DemoParts, first: Deployed, onDeployed: (now: Deployed) => void): () => void {
  const { platform, monitor, log } = parts;
  const client = createTrainingClient({ baseUrl: platform.urls.r1, authorization: platform.authorization });
  let known = first.runId;
  let busy = false;
  async function look(): Promise<void> {
    const [newest] = await client.runs(LOOP);
    if (!newest || newest.id === known) return;
    for (const step of newest.steps) showStep(monitor, step);
    monitor.step('drift', 'running', `training again: ${newest.reason}`);
    if (newest.state === 'running') return;
    known = newest.id;
    monitor.step(
      'drift',
      'running',
      `${newest.state === 'done' ? 'trained' : 'did not train'} again: ${newest.reason}`,
    );
    if (newest.state === 'done') onDeployed(await deployedBy(parts, newest));
  }
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void look()
      .catch((error: unknown) => log.warn({ err: error }, 'runs of the pipeline cannot be seen'))
      .finally(() => {
        busy = false;
      });
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
