import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RanloopError } from '@ranloop/contracts/errors';
import type { Service } from '../lifecycle/index.ts';
import type { Log } from '../log/index.ts';
import { findBinaries } from './binaries.ts';
import { freePort } from './free-port.ts';
import { endOrphan } from './orphan.ts';
import { choosePlace, type Place } from './place.ts';
import { run } from './process.ts';

/** A PostgreSQL server of our own, its data under `folder`. `url` is known after `start`. */
export interface EmbeddedPostgres extends Service {
  readonly url: string;
  /** Where the cluster lies; not under `folder` where PostgreSQL could not reach it (see place.ts). */
  readonly data: string;
  readonly pid: number | undefined;
}

const SETTINGS: Readonly<Record<string, string>> = {
  shared_buffers: '96MB',
  max_connections: '60',
  max_wal_size: '512MB',
  checkpoint_completion_target: '0.9',
  wal_compression: 'on',
  listen_addresses: '127.0.0.1',
  jit: 'off',
  log_min_messages: 'warning',
  timezone: 'UTC',
};

export function createEmbeddedPostgres(folder: string, log: Log): EmbeddedPostgres {
  let child: ChildProcess | undefined;
  let url = '';
  let data = '';
  return {
    get url() {
      return url;
    },
    get data() {
      return data;
    },
    get pid() {
      return child?.pid;
    },
    async start() {
      const place = await choosePlace(path.resolve(folder), await findBinaries());
      const { binaries, account } = place;
      data = place.data;
      await endOrphan(data);
      const password = await initialise(path.join(folder, 'postgres.password'), place);
      const port = await freePort();
      const settings = { ...SETTINGS, unix_socket_directories: '' };
      const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      child = spawn(path.join(binaries, 'bin', 'postgres'), ['-D', data, '-p', String(port), ...flags], {
        ...account,
        cwd: data,
        // A Ctrl-C in the terminal reaches the whole process group; PostgreSQL must outlive its clients.
        detached: true,
      });
      await ready(child, log);
      url = `postgres://ranloop:${password}@127.0.0.1:${port}/postgres`;
    },
    async stop() {
      const running = child;
      child = undefined;
      if (!running || running.exitCode !== null) return;
      const exited = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGINT');
      await exited;
    },
  };
}

/** Creates the cluster on first use and returns its password, kept in the data folder with mode 600. */
async function initialise(secret: string, { data, binaries, account }: Place): Promise<string> {
  const known = await readFile(secret, 'utf8').catch(() => undefined);
  const made = await readFile(path.join(data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (known && made) return known.trim();
  const password = randomBytes(24).toString('base64url');
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { recursive: true, mode: 0o700 });
  // initdb runs as another account and must read the password from a file of its own.
  const handed = `${data}.password`;
  await writeFile(handed, password, { mode: 0o600 });
  if (account.uid !== undefined) {
    await chown(data, account.uid, account.gid ?? account.uid);
    await chown(handed, account.uid, account.gid ?? account.uid);
  }
  await chmod(data, 0o700);
  const options = ['--auth=scram-sha-256', '--username=ranloop', '--encoding=UTF8', '--locale=C', `--pwfile=${handed}`];
  await run(path.join(binaries, 'bin', 'initdb'), [`--pgdata=${data}`, ...options], account);
  await rm(handed);
  // Written last: without it the cluster counts as not made, and a start that was cut off is begun anew.
  await writeFile(secret, password, { mode: 0o600 });
  return password;
}

function ready(child: ChildProcess, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    let tail = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString('utf8')).slice(-4_000);
      if (tail.includes('ready to accept connections')) resolve();
      else log.debug({ postgres: chunk.toString('utf8').trim() });
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      log.info({ code }, 'PostgreSQL ended');
      reject(new RanloopError('RL_STORE', `PostgreSQL ended with code ${code}: ${tail.trim()}`));
    });
  });
}
