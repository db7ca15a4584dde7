import type { Task } from '@ranloop/contracts/tracking';
import { type Session, sleep } from '../session/index.ts';
import { statusOf } from './abort.ts';
import { getTask } from './task.ts';

export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Called when the status changed, and every few seconds with the iteration reached. */
  readonly onProgress?: (task: Task) => void;
  readonly pollMs?: number;
}

const ENDED = new Set(['completed', 'published', 'failed', 'stopped', 'closed']);
const REPORT_EVERY_MS = 2_000;

export function hasEnded(status: string): boolean {
  return ENDED.has(status);
}

/** Resolves with the task once it ended, however it ended: look at `status`. Rejects when `signal` aborts. */
export async function waitFor(session: Session, task: string, options: WaitOptions = {}): Promise<Task> {
  const { signal, onProgress, pollMs = 500 } = options;
  let last = '';
  let reported = 0;
  for (;;) {
    const { status } = await statusOf(session, task, { signal });
    const due = status !== last || Date.now() - reported >= REPORT_EVERY_MS;
    if (hasEnded(status) || (onProgress && due)) {
      const whole = await getTask(session, task);
      onProgress?.(whole);
      if (hasEnded(whole.status)) return whole;
      reported = Date.now();
    }
    last = status;
    await sleep(pollMs, signal);
  }
}
