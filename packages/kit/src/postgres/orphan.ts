import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import path from 'node:path';

const STEP_MS = 50;
const PATIENCE_MS = 20_000;

/**
 * After a `kill -9` of ours PostgreSQL runs on. It is asked for a fast shutdown, and its last processes are waited for,
 * so that its data can be opened again. A lock file whose process is gone is taken away: PostgreSQL itself takes a dead
 * process that nobody has reaped (as in a container whose first process does not) for a living one.
 */
export async function endOrphan(data: string): Promise<void> {
  const lock = path.join(data, 'postmaster.pid');
  const text = await readFile(lock, 'utf8').catch(() => undefined);
  const pid = Number(text?.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  if (await isPostgres(pid)) {
    signal(pid, 'SIGINT');
    if (!(await ended(async () => !(await isPostgres(pid))))) {
      signal(pid, 'SIGQUIT');
      if (!(await ended(async () => !(await isPostgres(pid))))) return;
    }
  }
  // Backends leave by themselves when their server is gone; until then they may still write.
  if (await ended(async () => !(await anyoneIn(data)))) await rm(lock, { force: true });
}

async function ended(condition: () => Promise<boolean>): Promise<boolean> {
  for (let waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
    if (await condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  return false;
}

/** Process numbers are reused; where /proc exists the name is checked as well. A dead one that is not reaped has none. */
async function isPostgres(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => 'postgres');
  return command.includes('postgres');
}

/** Whether a living process works in the folder; every process of a PostgreSQL server does in its data folder. */
async function anyoneIn(data: string): Promise<boolean> {
  const names = await readdir('/proc').catch(() => []);
  const places = await Promise.all(names.map((name) => readlink(`/proc/${name}/cwd`).catch(() => '')));
  return places.includes(data);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended in between.
  }
}
