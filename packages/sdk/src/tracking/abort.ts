import { RanloopError } from '@ranloop/contracts/errors';
import type { Task } from '@ranloop/contracts/tracking';
import type { Session } from '../session/index.ts';

export interface AbortWatch {
  readonly signal: AbortSignal;
  stop(): void;
}

const EVERY_MS = 2_000;

/** Statuses in which a program may go on; every other one was set by somebody who wants it to end. */
const MAY_RUN = new Set(['created', 'queued', 'in_progress', 'unknown']);

/** Why a running task must end, or undefined: the rule that clearml-agent follows. */
export function abortReason(task: Pick<Task, 'status' | 'status_message'>): string | undefined {
  if (!MAY_RUN.has(task.status)) return `the task is ${task.status}`;
  const asked = task.status === 'in_progress' && (task.status_message ?? '').toLowerCase().includes('stopping');
  return asked ? 'the task was asked to stop' : undefined;
}

/** Asks for the status every two seconds; an outage of the server aborts nothing. */
export function watchForAbort(session: Session, task: string): AbortWatch {
  const controller = new AbortController();
  let asking = false;
  const look = async () => {
    if (asking) return;
    asking = true;
    try {
      const reason = abortReason(await statusOf(session, task));
      if (reason) {
        clearInterval(timer);
        controller.abort(new RanloopError('RL_CONFLICT', reason));
      }
    } catch {
      // The next look will tell.
    } finally {
      asking = false;
    }
  };
  const timer = setInterval(() => void look(), EVERY_MS);
  (timer as { unref?: () => void }).unref?.();
  return { signal: controller.signal, stop: () => clearInterval(timer) };
}

/** The status alone; RL_NOT_FOUND when the task was deleted. */
export async function statusOf(
  session: Session,
  task: string,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<Pick<Task, 'id' | 'status' | 'status_message' | 'status_reason'>> {
  const only_fields = ['status', 'status_message', 'status_reason', 'id'];
  const body = { id: [task], only_fields, search_hidden: true };
  const [found] = (await session.call<{ tasks: Task[] }>('tasks.get_all', body, options)).tasks;
  if (!found) throw new RanloopError('RL_NOT_FOUND', `there is no task ${task}`);
  return found;
}
