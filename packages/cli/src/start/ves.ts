import { readFileSync } from 'node:fs';
import { RanloopError } from '@ranloop/contracts/errors';
import type { StartOptions } from './options.ts';

/** The settings of the telemetry room that the `--ves-...` options make. */
export function vesSettings(options: StartOptions): Readonly<Record<string, unknown>> {
  const { vesAuth, vesBatch, vesCa, vesSchemas, vesUnknownSchemas, vesSubjects } = options;
  if (vesAuth !== 'basic' && vesCa === undefined)
    throw new RanloopError(
      'RL_CONFIG',
      `--ves-auth ${vesAuth} needs --ves-ca, the certificates that sign the clients'`,
    );
  if (vesAuth === 'basic' && (vesCa ?? vesSubjects) !== undefined)
    throw new RanloopError(
      'RL_CONFIG',
      '--ves-ca and --ves-subjects say nothing without --ves-auth certificate, either or both',
    );
  const subjects = (vesSubjects ?? '').split(';').map((one) => one.trim());
  return {
    vesAuth,
    vesSubjects: subjects.filter((one) => one !== ''),
    batch: vesBatch,
    stndDefined: { unknown: vesUnknownSchemas, ...(vesSchemas === undefined ? {} : { folder: vesSchemas }) },
  };
}

/** TLS settings of the VES port beside its certificate: whose client certificates count, when any are wanted. */
export function vesClients({ vesCa }: Pick<StartOptions, 'vesCa'>): {
  readonly ca?: string;
  readonly requestCert?: true;
} {
  if (vesCa === undefined) return {};
  try {
    const ca = readFileSync(vesCa, 'utf8');
    if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error('holds no certificate');
    return { ca, requestCert: true };
  } catch (cause) {
    throw new RanloopError('RL_CONFIG', `--ves-ca: ${vesCa} cannot be read as PEM certificates`, { cause });
  }
}
