import { RanloopError } from '@ranloop/contracts/errors';

/** A signal for calls that should still be tried for a moment when the agent must end: it aborts `ms` after `ending`. */
export async function withPatience<T>(
  ending: AbortSignal,
  { ms, action }: { ms: number; action: (signal: AbortSignal) => Promise<T> },
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    timer = setTimeout(() => controller.abort(new RanloopError('RL_TIMEOUT', 'the agent ends')), ms);
  };
  if (ending.aborted) start();
  else ending.addEventListener('abort', start, { once: true });
  try {
    return await action(controller.signal);
  } finally {
    ending.removeEventListener('abort', start);
    clearTimeout(timer);
  }
}
