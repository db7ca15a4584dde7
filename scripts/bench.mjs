import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';
import { ROOT, run } from './lib/run.mjs';
import { ensureVenv } from './lib/venv.mjs';

requireNode();
await ensureInstalled();

const names = readdirSync(path.join(ROOT, 'bench'))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''));
const [name, ...args] = process.argv.slice(2);
if (!name || !existsSync(path.join(ROOT, 'bench', `${name}.bench.ts`))) {
  console.error(`npm run bench -- <name>, where <name> is one of ${names.join(', ')}`);
  process.exit(2);
}
const env = name === 'tracking' ? await peers() : {};
const { code } = await run(process.execPath, ['--import', 'tsx', `bench/${name}.bench.ts`, ...args], {
  inherit: true,
  env,
});
process.exit(code);

/** The server that tracking is compared with, where Python and PyPI are there. */
async function peers() {
  const what = 'MLflow (900 MB on disk)';
  const { python, missing } = await ensureVenv({
    name: 'mlflow',
    requirements: 'bench/tracking/requirements.txt',
    what,
  });
  return missing ? { RANLOOP_MLFLOW_MISSING: missing } : { RANLOOP_MLFLOW_PYTHON: python };
}
