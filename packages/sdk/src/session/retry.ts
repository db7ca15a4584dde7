import type { RanloopError } from '@ranloop/contracts/errors';

export interface RetryPolicy {
  /** How long one call may be repeated before its last error is thrown, milliseconds. 0: never repeated. */
  readonly limitMs: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { limitMs: 60_000, firstDelayMs: 100, longestDelayMs: 5_000 };

/** Overload, and proxies whose upstream is away; ClearML's own clients repeat on these too. */
const PASSING_STATUS = new Set([429, 502, 503, 509]);

export function isPassing(status: number): boolean {
  return PASSING_STATUS.has(status);
}

/** Thrown inside an attempt when repeating it may help; `afterMs` is what the server asked for. */
export class Passing extends Error {
  readonly reason: RanloopError;
  readonly afterMs: number | undefined;

  constructor(reason: RanloopError, afterMs?: number) {
    super(reason.message);
    this.reason = reason;
    this.afterMs = afterMs;
  }
}

/** Runs `attempt` until it returns or throws anything but Passing, waiting longer each time, with jitter. */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { policy, signal }: { policy: RetryPolicy; signal: AbortSignal | undefined },
): Promise<T> {
  const deadline = Date.now() + policy.limitMs;
  for (let delay = policy.firstDelayMs; ; delay = Math.min(delay * 2, policy.longestDelayMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Passing)) throw error;
      const wait = error.afterMs ?? delay * (0.75 + Math.random() / 2);
      if (Date.now() + wait > deadline) throw error.reason;
      await sleep(wait, signal);
    }
  }
}

/** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const wake = () => {
      signal?.removeEventListener('abort', cancel);
      resolve();
    };
    const cancel = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener('abort', cancel, { once: true });
  });
}

/** `Retry-After` in milliseconds: seconds or an HTTP date, at most a minute. */
export function retryAfter(header: string | null): number | undefined {
  if (header === null || header === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 60_000) : undefined;
}
