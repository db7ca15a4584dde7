import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startProgress } from './progress.mjs';
import { ROOT, run } from './run.mjs';

const CANDIDATES = ['python3', ...[13, 12, 11, 10, 9, 14].map((minor) => `python3.${minor}`), 'python'];
const SUITS = 'import sys, venv, ensurepip; assert (3, 9) <= sys.version_info[:2] <= (3, 14); print(sys.version)';

/**
 * A Python in a venv of its own under .cache/, made once for each content of the requirements file: `{ python }`, or
 * `{ missing }` with the reason. `what` says to people what is being installed.
 */
export async function ensureVenv({ name, requirements, what }) {
  const base = await findPython();
  if (!base) return { missing: 'no Python 3.9 to 3.14 with venv is on the PATH' };
  const file = path.join(ROOT, requirements);
  const key = createHash('sha256').update(base.version).update(readFileSync(file)).digest('hex').slice(0, 12);
  const folder = path.join(ROOT, '.cache', `${name}-${key}`);
  const python = path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  if (existsSync(path.join(folder, 'ready'))) return { python };
  const done = startProgress(`Installing ${what} from PyPI, once`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
  for (const [program, args] of [
    [base.file, ['-m', 'venv', folder]],
    [python, [...pip, '--retries', '2', '-r', file]],
  ]) {
    const { code, output } = await run(program, args);
    if (code === 0) continue;
    done('failed');
    rmSync(folder, { recursive: true, force: true });
    return { missing: `${what} could not be installed: ${output.trim().split('\n').at(-1)}` };
  }
  writeFileSync(path.join(folder, 'ready'), '');
  done('done');
  return { python };
}

async function findPython() {
  for (const file of CANDIDATES) {
    const { code, output } = await run(file, ['-c', SUITS]);
    if (code === 0) return { file, version: output.trim() };
  }
}
