import { checkCaps } from './lib/caps.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';
import { runModule } from './lib/run.mjs';

requireNode();
await ensureInstalled();

/** Each check runs on its own; all are run even when one fails, so that one look shows everything. */
const CHECKS = [
  [
    'eslint: floating promises',
    () =>
      runModule('eslint/bin/eslint.js', [
        'packages',
        'e2e',
        '--max-warnings',
        '0',
        '--cache',
        '--cache-location',
        '.cache/eslint',
      ]),
  ],
  ['biome: form and lint', () => runModule('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.'])],
  ['tsc: types of the services', () => runModule('typescript/bin/tsc', ['-p', '.'])],
  ['tsc: types of the dashboard', () => runModule('typescript/bin/tsc', ['-p', 'packages/dashboard'])],
  [
    'dependency-cruiser: arrows, doors, rings',
    () => runModule('dependency-cruiser/bin/dependency-cruise.mjs', ['packages', 'e2e', 'bench', 'vitest.config.ts']),
  ],
  ['knip: unused files, exports, dependencies', () => runModule('knip/bin/knip.js', [])],
  ['caps: file sizes, size of kit, edges of ARCHITECTURE.md, versions', async () => checkCaps()],
];

const began = Date.now();
let failed = 0;
const queue = [...CHECKS];
await Promise.all([worker(), worker()]);
console.log(
  `${failed === 0 ? 'All checks passed' : `${failed} of ${CHECKS.length} checks failed`} in ${Math.round((Date.now() - began) / 1000)} s`,
);
process.exit(failed === 0 ? 0 : 1);

async function worker() {
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [name, check] = next;
    const start = Date.now();
    const { code, output } = await check();
    if (code !== 0) failed += 1;
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
    if (code !== 0) console.log(output.trim());
  }
}
