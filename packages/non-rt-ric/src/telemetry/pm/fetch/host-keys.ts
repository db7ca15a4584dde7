import { RanloopError } from '@ranloop/contracts/errors';
import type { Database } from '@ranloop/kit/postgres';

/** Which SFTP host keys are trusted: configured ones; else the first one that a host showed, from then on. */
export interface HostKeys {
  /** @throws RanloopError RL_FORBIDDEN that gives the fingerprint. */
  check(host: string, fingerprint: string, configured: readonly string[] | undefined): Promise<void>;
}

export function createHostKeys({ pool }: Database, unknown: 'accept' | 'refuse'): HostKeys {
  return {
    async check(host, fingerprint, configured) {
      if (configured && configured.length > 0) {
        if (configured.some((one) => one.replace(/=$/, '') === fingerprint)) return;
        throw refusal(`${host} shows the key ${fingerprint}, which is none of its configured hostKeys`);
      }
      const { rows } = await pool.query<{ fingerprint: string }>(
        'select fingerprint from telemetry.pm_host_keys where host = $1',
        [host],
      );
      const seen = rows[0]?.fingerprint;
      if (seen === fingerprint) return;
      if (seen !== undefined)
        throw refusal(
          `${host} shows the key ${fingerprint}, and showed ${seen} before; if that is right, configure it`,
        );
      if (unknown === 'refuse') throw refusal(`${host} shows the key ${fingerprint}; put it into hostKeys to trust it`);
      await pool.query(
        'insert into telemetry.pm_host_keys (host, fingerprint) values ($1, $2) on conflict (host) do nothing',
        [host, fingerprint],
      );
    },
  };
}

const refusal = (problem: string) => new RanloopError('RL_FORBIDDEN', problem);
