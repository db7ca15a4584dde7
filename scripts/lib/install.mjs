import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startProgress } from './progress.mjs';
import { ROOT, run, runModule } from './run.mjs';

const at = (...parts) => path.join(ROOT, ...parts);

/** Installs what package-lock.json names when node_modules is missing or was made from another lock. */
export async function ensureInstalled() {
  const manifests = ['package.json', ...readdirSync(at('packages')).map((name) => `packages/${name}/package.json`)];
  const wanted = digest(['package-lock.json', ...manifests].map((file) => at(file)).filter((file) => existsSync(file)));
  const stamp = at('node_modules', '.ranloop-installed');
  if (read(stamp) === wanted) return;
  const done = startProgress('Installing dependencies');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, output } = npm?.endsWith('.js') ? await run(process.execPath, [npm, ...args]) : await run('npm', args);
  if (code !== 0) {
    done('failed');
    console.error(output);
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
  done('done');
}

/** Builds the web interface when its sources changed since the last build. */
export async function ensureDashboard() {
  const folders = ['packages/dashboard', 'packages/contracts/src', 'packages/sdk/src'];
  const wanted = digest([...folders.flatMap((folder) => sources(at(folder))), at('package-lock.json')]);
  const stamp = at('packages', 'dashboard', 'dist', '.ranloop-built');
  if (read(stamp) === wanted) return;
  const done = startProgress('Building the dashboard');
  const { code, output } = await runModule('vite/bin/vite.js', ['build', '--logLevel', 'error'], {
    cwd: at('packages', 'dashboard'),
  });
  if (code !== 0) {
    done('failed');
    console.error(output);
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
  done('done');
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist' || /\.test\.tsx?$/.test(entry.name)) return [];
    const full = path.join(folder, entry.name);
    return entry.isDirectory() ? sources(full) : [full];
  });
}

function digest(files) {
  const hash = createHash('sha256')
    .update(process.versions.modules)
    .update(process.platform + process.arch);
  for (const file of files.sort()) hash.update(path.relative(ROOT, file)).update(readFileSync(file));
  return hash.digest('hex');
}

function read(file) {
  return existsSync(file) && statSync(file).isFile() ? readFileSync(file, 'utf8') : undefined;
}
