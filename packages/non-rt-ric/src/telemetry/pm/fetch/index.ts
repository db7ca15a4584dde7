import { rm } from 'node:fs/promises';
import { RanloopError } from '@ranloop/contracts/errors';
import type { PmFilesConfig } from '../config.ts';
import type { Location } from '../location.ts';
import { fetchFtpes } from './ftpes.ts';
import type { HostKeys } from './host-keys.ts';
import { fetchHttp } from './http.ts';
import { findPeer, type Peer } from './policy.ts';
import { createSaving, type Saving } from './save.ts';
import { fetchSftp } from './sftp.ts';

/** One fetch under way. */
export interface Fetch {
  readonly location: Location;
  readonly peer: Peer;
  readonly saving: Saving;
  /** Aborts when the time is up, or the room stops. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly credentials: Credentials;
  readonly hostKeys: HostKeys;
}

/** What stands in the location comes before what is configured for its host. */
export interface Credentials {
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly token: string | undefined;
  readonly privateKey: string | undefined;
  readonly passphrase: string | undefined;
  readonly ca: string | undefined;
  readonly verifyTls: boolean;
}

export interface Wanted {
  readonly location: Location;
  /** The address that the notification came from. */
  readonly sender: string;
  /** Where to put the bytes. */
  readonly file: string;
  readonly signal: AbortSignal;
}

/** Bytes of a file on this disk. */
export interface SavedFile {
  readonly file: string;
  readonly digest: string;
  readonly bytes: number;
}

/** Fetches files by the scheme of their location. Errors: RL_UPSTREAM, RL_TIMEOUT may pass; all others stay. */
export type Fetcher = (wanted: Wanted) => Promise<SavedFile>;

const BY_SCHEME = { http: fetchHttp, https: fetchHttp, sftp: fetchSftp, ftpes: fetchFtpes, ftps: fetchFtpes } as const;

export function createFetcher(config: PmFilesConfig, hostKeys: HostKeys): Fetcher {
  return async ({ location, sender, file, signal }) => {
    const timeoutMs = config.timeoutSeconds * 1_000;
    const timeout = AbortSignal.timeout(timeoutMs);
    const peer = await findPeer(location, sender, config);
    const saving = createSaving(file, config.mostBytes);
    const bounded = AbortSignal.any([signal, timeout]);
    const credentials = credentialsOf(location, peer);
    try {
      const fetching = { location, peer, saving, signal: bounded, timeoutMs, credentials, hostKeys };
      await unlessAborted(BY_SCHEME[location.scheme](fetching), bounded);
    } catch (error) {
      saving.through.destroy();
      await rm(file, { force: true });
      if (timeout.aborted) throw new RanloopError('RL_TIMEOUT', `the fetch took more than ${config.timeoutSeconds} s`);
      throw problemOf(error, location);
    }
    return { file, digest: saving.digest(), bytes: saving.bytes() };
  };
}

/** Not every client lets go of a peer that says nothing; its promise is then left to itself. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = () => reject(new RanloopError('RL_TIMEOUT', 'the fetch was broken off'));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  await Promise.race([work, aborted]);
}

function credentialsOf({ user, password }: Location, { known }: Peer): Credentials {
  const own = user !== undefined && user !== known?.user;
  return {
    user: user ?? known?.user,
    password: password ?? (own ? undefined : known?.password),
    token: user === undefined ? known?.token : undefined,
    privateKey: known?.privateKey,
    passphrase: known?.passphrase,
    ca: known?.ca,
    verifyTls: known?.verifyTls ?? true,
  };
}

function problemOf(error: unknown, { scheme, host, port }: Location): RanloopError {
  if (error instanceof RanloopError) return error;
  const told = error instanceof Error ? error.message.slice(0, 256) : 'the fetch failed';
  return new RanloopError('RL_UPSTREAM', `${scheme}://${host}:${port}: ${told}`, { cause: error });
}
