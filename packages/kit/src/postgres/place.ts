import { createHash } from 'node:crypto';
import { access, cp, mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { RanloopError } from '@ranloop/contracts/errors';

export interface Account {
  uid?: number;
  gid?: number;
}

export interface Place {
  readonly data: string;
  readonly binaries: string;
  readonly account: Account;
}

const ROOT_OWNED = '/var/lib/ranloop';

/**
 * PostgreSQL refuses to run as root. Started by root, it runs as `postgres` or `nobody`; where that account cannot reach
 * the data folder or the programs (a home of mode 700), both go under /var/lib/ranloop, the data by a digest of the folder.
 */
export async function choosePlace(folder: string, binaries: string): Promise<Place> {
  const data = path.join(folder, 'postgres');
  if (process.getuid?.() !== 0) {
    await mkdir(folder, { recursive: true });
    return { data, binaries, account: {} };
  }
  const account = await serviceAccount();
  await mkdir(folder, { recursive: true });
  const reachable = (await passable(folder)) ? data : path.join(ROOT_OWNED, digest(folder), 'postgres');
  await mkdir(path.dirname(reachable), { recursive: true });
  return { data: reachable, binaries: (await passable(binaries)) ? binaries : await copied(binaries), account };
}

async function serviceAccount(): Promise<Account> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  for (const name of ['postgres', 'nobody']) {
    const fields = users
      .split('\n')
      .find((line) => line.startsWith(`${name}:`))
      ?.split(':');
    if (fields?.[2] && fields[3]) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  const way = 'add a user "postgres" or give a PostgreSQL of your own with --database-url';
  throw new RanloopError('RL_CONFIG', `PostgreSQL cannot run as root and this system has no account for it; ${way}`);
}

/** Whether others may pass every folder from the root down to this one. */
async function passable(folder: string): Promise<boolean> {
  for (let at = folder; ; at = path.dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

async function copied(binaries: string): Promise<string> {
  const target = path.join(ROOT_OWNED, `postgresql-${digest(binaries)}`);
  const present = await access(path.join(target, 'bin', 'postgres')).then(
    () => true,
    () => false,
  );
  if (!present) await cp(binaries, target, { recursive: true, verbatimSymlinks: true });
  return target;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
