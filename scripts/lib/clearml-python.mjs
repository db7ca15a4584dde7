import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startProgress } from './progress.mjs';
import { ROOT, run } from './run.mjs';

const REQUIREMENTS = path.join(ROOT, 'e2e', 'conformance', 'requirements.txt');
const CANDIDATES = ['python3', ...[13, 12, 11, 10, 9, 14].map((minor) => `python3.${minor}`), 'python'];
const SUITS = 'import sys, venv, ensurepip; assert (3, 9) <= sys.version_info[:2] <= (3, 14); print(sys.version)';

/**
 * A Python that has ClearML and what the conformance scripts import: `{ python }`, or `{ missing }` with the reason.
 * RANLOOP_CLEARML_PYTHON may name a ready one; otherwise a venv is made once for each content of requirements.txt.
 */
export async function ensureClearmlPython() {
  const named = process.env.RANLOOP_CLEARML_PYTHON;
  if (named) {
    const { code } = await run(named, ['-c', 'import clearml']);
    return code === 0 ? { python: named } : { missing: `RANLOOP_CLEARML_PYTHON (${named}) cannot import clearml` };
  }
  const base = await findPython();
  if (!base) return { missing: 'no Python 3.9 to 3.14 with venv is on the PATH' };
  const key = createHash('sha256').update(base.version).update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const folder = path.join(ROOT, '.cache', `conformance-${key}`);
  const python = path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  if (existsSync(path.join(folder, 'ready'))) return { python };
  return (await install(base.file, folder, python)) ?? { python };
}

async function install(base, folder, python) {
  const done = startProgress('Installing the ClearML SDK and agent from PyPI (700 MB on disk, once)');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
  for (const [file, args] of [
    [base, ['-m', 'venv', folder]],
    [python, [...pip, '--retries', '2', '-r', REQUIREMENTS]],
  ]) {
    const { code, output } = await run(file, args);
    if (code === 0) continue;
    done('failed');
    rmSync(folder, { recursive: true, force: true });
    return { missing: `the ClearML SDK could not be installed: ${output.trim().split('\n').at(-1)}` };
  }
  writeFileSync(path.join(folder, 'ready'), '');
  done('done');
}

async function findPython() {
  for (const file of CANDIDATES) {
    const { code, output } = await run(file, ['-c', SUITS]);
    if (code === 0) return { file, version: output.trim() };
  }
}
