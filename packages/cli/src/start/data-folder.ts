import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RanloopError } from '@ranloop/contracts/errors';
import { hashSecret, newKey, newSecret } from '@ranloop/kit/auth';

/** `credentials.json`: what a person or a tool needs to log in. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** `secrets.json`: what only Ranloop needs. */
interface Secrets {
  readonly tokenSecret: string;
  readonly passwordHash: string;
  readonly secretKeyHash: string;
}

export interface DataFolder {
  readonly folder: string;
  readonly credentials: Credentials;
  readonly secrets: Secrets;
  /** True when the credentials were made just now. */
  readonly fresh: boolean;
  /** Writes `run.json`; tools take its presence as "ready". */
  announce(run: object): Promise<void>;
  /** Takes `run.json` and the lock away. */
  release(): Promise<void>;
}

/** Opens the data folder for this process alone, making credentials when there are none. */
export async function openDataFolder(given: string): Promise<DataFolder> {
  const folder = path.resolve(given);
  await mkdir(folder, { recursive: true });
  const file = (name: string) => path.join(folder, name);
  await lock(file('ranloop.lock'), folder);
  await rm(file('run.json'), { force: true });
  const known = await readJson<Credentials>(file('credentials.json'));
  const credentials = known ?? {
    username: 'admin',
    password: newSecret().slice(0, 20),
    accessKey: newKey(),
    secretKey: newSecret(),
  };
  if (!known) await writePrivate(file('credentials.json'), credentials);
  const secrets = await openSecrets(file('secrets.json'), credentials);
  return {
    folder,
    credentials,
    secrets,
    fresh: !known,
    announce: (run) => writeWhole(file('run.json'), run, 0o644),
    async release() {
      await rm(file('run.json'), { force: true });
      await rm(file('ranloop.lock'), { force: true });
    },
  };
}

/** The hashes are made anew whenever they do not exist; editing credentials.json and removing secrets.json changes a password. */
async function openSecrets(file: string, credentials: Credentials): Promise<Secrets> {
  const known = await readJson<Secrets>(file);
  if (known) return known;
  const secrets: Secrets = {
    tokenSecret: randomBytes(48).toString('base64url'),
    passwordHash: await hashSecret(credentials.password),
    secretKeyHash: await hashSecret(credentials.secretKey),
  };
  await writePrivate(file, secrets);
  return secrets;
}

/** Two processes on one folder would corrupt it; a lock whose process is gone (kill -9) is taken over. */
async function lock(file: string, folder: string): Promise<void> {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = Number(await readFile(file, 'utf8').catch(() => ''));
    if (holder !== process.pid && (await isRanloop(holder)))
      throw new RanloopError(
        'RL_CONFIG',
        `${folder} is in use by process ${holder}; stop it or give another --data-dir`,
      );
    await rm(file, { force: true });
    await lock(file, folder);
  }
}

/** Process numbers are reused; where /proc exists the command line is checked as well. */
async function isRanloop(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => 'node');
  return command.includes('node') || command.includes('ranloop');
}

async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new RanloopError('RL_CONFIG', `${file} is not JSON; mend it or take it away`, { cause });
  }
}

const writePrivate = (file: string, value: object) => writeWhole(file, value, 0o600);

/** A reader sees the old file or the new one, never half of it. */
export async function writeWhole(file: string, value: object, mode: number): Promise<void> {
  const partial = `${file}.${process.pid}.part`;
  await writeFile(partial, `${JSON.stringify(value, null, 2)}\n`, { mode });
  await chmod(partial, mode);
  await rename(partial, file);
}
