import type { EiJob, EiJobStatus } from '@ranloop/contracts/a1';
import { RanloopError } from '@ranloop/contracts/errors';
import type { EiDelivery } from '@ranloop/contracts/r1';
import type { Log } from '@ranloop/kit/log';
import type { Database } from '@ranloop/kit/postgres';
import type { PolicyConfig } from './config.ts';
import { mapBounded } from './locks.ts';
import { type PolicyTables, SCHEMA } from './tables.ts';

export interface Delivered {
  readonly jobs: number;
  readonly delivered: number;
  /** Jobs that did not take the results in all attempts, and why. */
  readonly failed: readonly { readonly jobId: string; readonly reason: string }[];
}

export interface EnrichmentInformation {
  types(): readonly string[];
  /** RL_NOT_FOUND when no producer here delivers it. */
  requireType(eiTypeId: string): void;
  /** True when the job is new. */
  put(jobId: string, job: EiJob): Promise<boolean>;
  get(jobId: string): Promise<EiJob>;
  list(filter: { eiTypeId?: string | undefined; owner?: string | undefined }): Promise<string[]>;
  remove(jobId: string): Promise<void>;
  status(jobId: string): Promise<EiJobStatus>;
  /** Hands results to all jobs of a type; answers when each took them or was given up. */
  deliver(eiTypeId: string, delivery: EiDelivery): Promise<Delivered>;
}

const WIDTH = 8;

export function createEnrichmentInformation(
  config: PolicyConfig,
  { database, log, signal }: { database: Database; log: Log; signal: AbortSignal },
): EnrichmentInformation {
  const db = database.room<PolicyTables>(SCHEMA);
  const types = [...new Set(config.eiTypes)];

  const requireType = (eiTypeId: string) => {
    if (types.includes(eiTypeId)) return;
    throw new RanloopError('RL_NOT_FOUND', `no enrichment information of type ${eiTypeId} is produced here`, {
      fields: [{ path: '/eiTypeId', problem: 'names no type that is produced here' }],
    });
  };

  async function find(jobId: string) {
    const row = await db.selectFrom('ei_jobs').selectAll().where('job_id', '=', jobId).executeTakeFirst();
    if (!row) throw new RanloopError('RL_NOT_FOUND', `no EI job ${jobId}`);
    return row;
  }

  async function post(uri: string, body: string): Promise<string | undefined> {
    let reason = '';
    for (let attempt = 0; attempt < config.delivery.attempts && !signal.aborted; attempt++) {
      if (attempt > 0) await pause(config.delivery.firstDelaySeconds * 1_000 * 2 ** (attempt - 1), signal);
      try {
        const response = await fetch(uri, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          redirect: 'error',
          signal: AbortSignal.any([signal, AbortSignal.timeout(config.requestTimeoutSeconds * 1_000)]),
        });
        await response.body?.cancel();
        if (response.ok) return undefined;
        reason = `answered ${response.status}`;
        // The job's owner will not like the same results any better the second time.
        if (response.status >= 400 && response.status < 500 && response.status !== 429) return reason;
      } catch (error) {
        reason =
          error instanceof Error && error.name === 'TimeoutError' ? 'did not answer in time' : 'cannot be reached';
      }
    }
    return reason || 'this host is stopping';
  }

  return {
    types: () => types,
    requireType,
    async put(jobId, job) {
      requireType(job.eiTypeId);
      refuseBadUri(job.jobResultUri, '/jobResultUri');
      if (job.statusNotificationUri) refuseBadUri(job.statusNotificationUri, '/statusNotificationUri');
      const known = await db.selectFrom('ei_jobs').select('ei_type_id').where('job_id', '=', jobId).executeTakeFirst();
      if (known && known.ei_type_id !== job.eiTypeId)
        throw new RanloopError('RL_CONFLICT', `EI job ${jobId} is of type ${known.ei_type_id}`, {
          fields: [{ path: '/eiTypeId', problem: 'cannot be changed' }],
        });
      if (!known) {
        const { count } = await db
          .selectFrom('ei_jobs')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow();
        if (count >= config.mostEiJobs)
          throw new RanloopError('RL_BUSY', `there are ${count} EI jobs, the most allowed`);
      }
      const values = {
        ei_type_id: job.eiTypeId,
        job_owner: job.jobOwner,
        job_definition: JSON.stringify(job.jobDefinition) as never,
        job_result_uri: job.jobResultUri,
        status_notification_uri: job.statusNotificationUri ?? null,
        updated_at: new Date(),
      };
      await db
        .insertInto('ei_jobs')
        .values({ job_id: jobId, ...values })
        .onConflict((oc) => oc.column('job_id').doUpdateSet(values))
        .execute();
      return known === undefined;
    },
    async get(jobId) {
      const row = await find(jobId);
      return {
        eiTypeId: row.ei_type_id,
        jobOwner: row.job_owner,
        jobDefinition: row.job_definition,
        jobResultUri: row.job_result_uri,
        ...(row.status_notification_uri === null ? {} : { statusNotificationUri: row.status_notification_uri }),
      };
    },
    async list({ eiTypeId, owner }) {
      let query = db.selectFrom('ei_jobs').select('job_id').orderBy('job_id').limit(config.mostEiJobs);
      if (eiTypeId !== undefined) query = query.where('ei_type_id', '=', eiTypeId);
      if (owner !== undefined) query = query.where('job_owner', '=', owner);
      return (await query.execute()).map(({ job_id }) => job_id);
    },
    async remove(jobId) {
      const { numDeletedRows } = await db.deleteFrom('ei_jobs').where('job_id', '=', jobId).executeTakeFirst();
      if (numDeletedRows === 0n) throw new RanloopError('RL_NOT_FOUND', `no EI job ${jobId}`);
    },
    async status(jobId) {
      return { eiJobStatus: types.includes((await find(jobId)).ei_type_id) ? 'ENABLED' : 'DISABLED' };
    },
    async deliver(eiTypeId, delivery) {
      requireType(eiTypeId);
      const jobs = await db
        .selectFrom('ei_jobs')
        .select(['job_id', 'job_result_uri'])
        .where('ei_type_id', '=', eiTypeId)
        .limit(config.mostEiJobs)
        .execute();
      const body = JSON.stringify(delivery);
      const reasons = await mapBounded(jobs, WIDTH, ({ job_result_uri }) => post(job_result_uri, body));
      const failed = jobs.flatMap(({ job_id: jobId }, at) => {
        const reason = reasons[at];
        return reason === undefined ? [] : [{ jobId, reason }];
      });
      if (failed.length > 0) log.warn({ eiTypeId, failed }, 'EI results were not delivered');
      return { jobs: jobs.length, delivered: jobs.length - failed.length, failed };
    },
  };
}

function refuseBadUri(uri: string, path: string): void {
  const parsed = URL.canParse(uri) ? new URL(uri) : undefined;
  if (parsed && (parsed.protocol === 'http:' || parsed.protocol === 'https:')) return;
  throw new RanloopError('RL_INVALID', `${path} must be an http or https address`, {
    fields: [{ path, problem: 'must be an http or https address' }],
  });
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
