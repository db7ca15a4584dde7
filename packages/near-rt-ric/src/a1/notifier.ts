import type { PolicyStatusObject } from '@ranloop/contracts/a1';
import { RanloopError } from '@ranloop/contracts/errors';
import type { Log } from '@ranloop/kit/log';

const TIMEOUT_MS = 5_000;
const AT_A_TIME = 8;
const LONGEST_URL = 2_048;

/** Refuses what is no http or https URL; credentials in it would end up in logs. */
export function checkDestination(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const fine = url && ['http:', 'https:'].includes(url.protocol) && !url.username && !url.password;
  if (!fine || text.length > LONGEST_URL) {
    const problem = 'must be an http or https URL without credentials';
    throw new RanloopError('RL_INVALID', `notificationDestination ${problem}`, {
      fields: [{ path: '/notificationDestination', problem }],
    });
  }
  return text;
}

/** Posts status objects to where the Non-RT RIC wants them: per policy only the newest, in turn, a few at a time. */
export interface Notifier {
  notify(policyId: string, destination: string, status: PolicyStatusObject): void;
  forget(policyId: string): void;
  stop(): void;
}

interface Job {
  destination: string;
  status: PolicyStatusObject;
  running: boolean;
  /** A newer status came while one was on its way. */
  again: boolean;
}

export function createNotifier(
  retryMs: readonly number[],
  { log, count }: { log: Log; count: (outcome: 'sent' | 'failed') => void },
): Notifier {
  const jobs = new Map<string, Job>();
  const abort = new AbortController();
  let running = 0;

  const next = () => {
    for (const [policyId, job] of jobs) {
      if (running >= AT_A_TIME) return;
      if (!job.running) void run(policyId, job);
    }
  };

  const run = async (policyId: string, job: Job) => {
    running++;
    job.running = true;
    job.again = false;
    const sent = await deliver(policyId, job);
    running--;
    job.running = false;
    if (abort.signal.aborted) return;
    count(sent ? 'sent' : 'failed');
    if (!job.again && jobs.get(policyId) === job) jobs.delete(policyId);
    next();
  };

  const deliver = async (policyId: string, job: Job): Promise<boolean> => {
    for (let attempt = 0; attempt <= retryMs.length; attempt++) {
      if (attempt > 0) await pause(retryMs[attempt - 1] ?? 0, abort.signal);
      if (abort.signal.aborted || jobs.get(policyId) !== job) return false;
      // A retry sends what is true then, not what was true at first.
      job.again = false;
      const failure = await post(job.destination, job.status, abort.signal);
      if (failure === undefined) return true;
      log.warn({ policy: policyId, attempt, failure }, 'status notification failed');
    }
    return false;
  };

  return {
    notify(policyId, destination, status) {
      const job = jobs.get(policyId);
      if (job) Object.assign(job, { destination, status, again: true });
      else jobs.set(policyId, { destination, status, running: false, again: false });
      next();
    },
    forget: (policyId) => void jobs.delete(policyId),
    stop() {
      abort.abort();
      jobs.clear();
    },
  };
}

/** Undefined when the receiver took it. */
async function post(url: string, status: PolicyStatusObject, signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(status),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `HTTP ${response.status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
