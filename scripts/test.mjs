import { existsSync } from 'node:fs';
import path from 'node:path';
import { ensureClearmlPython } from './lib/clearml-python.mjs';
import { ensureDashboard, ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';
import { startProgress } from './lib/progress.mjs';
import { run } from './lib/run.mjs';
import { ensureVenv } from './lib/venv.mjs';

requireNode();
await ensureInstalled();
await ensureDashboard();

const filters = process.argv.slice(2);
const leftOut = [];
await debian('chromium', ['chromium', 'chromium-browser', 'google-chrome'], 'browser tests');
await debian('influxdb', ['influxd'], 'the tests of the InfluxDB store on a real InfluxDB');
if (!existsSync(path.join('..', 'shared', 'data')))
  leftOut.push('tests on the public captures: ../shared/data is not there');
if (!onPath('java')) leftOut.push('the tests of the Kafka bus: there is no java');
const s3 = await s3Server();
const conformance = filters.length === 0 || filters.some((filter) => 'e2e/conformance'.includes(filter));
const { python, missing } = conformance ? await ensureClearmlPython() : {};
if (missing) leftOut.push(`conformance to ClearML's own SDK and agent: ${missing}`);

const began = Date.now();
const results = [];
if (filters.length === 0) results.push(['checks', await stage([process.execPath, 'scripts/check.mjs'])]);
results.push(['unit and integration', await vitest('unit', s3)]);
results.push(['end to end', await vitest('e2e', s3)]);
if (python) results.push(['conformance', await vitest('conformance', { RANLOOP_CLEARML_PYTHON: python })]);

console.log(`\nIn ${Math.round((Date.now() - began) / 1000)} s:`);
for (const [name, code] of results) console.log(`  ${code === 0 ? 'passed' : 'FAILED'}  ${name}`);
for (const what of leftOut) console.log(`  left out  ${what}`);
process.exit(results.every(([, code]) => code === 0) ? 0 : 1);

function vitest(project, env) {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, '--passWithNoTests', ...filters];
  return stage([process.execPath, ...args], env);
}

async function stage([file, ...args], env) {
  return (await run(file, args, { inherit: true, env })).code;
}

/** Where an S3 server is that the tests of the file store can start. */
async function s3Server() {
  if (process.env.RANLOOP_S3_SERVER || onPath('moto_server') || onPath('gofakes3')) return {};
  const requirements = 'packages/training/src/files/testing/requirements.txt';
  const { python, missing } = await ensureVenv({ name: 's3', requirements, what: 'an S3 server (moto)' });
  if (python) return { RANLOOP_S3_SERVER: path.join(path.dirname(python), 'moto_server') };
  leftOut.push(`tests of files in S3: ${missing}`);
  return {};
}

/** Installs a Debian package when it is missing and this is root on a system with apt; says so where it cannot. */
async function debian(name, programs, what) {
  if (programs.some(onPath)) return;
  if (process.getuid?.() !== 0)
    return void leftOut.push(`${what}: ${name} is not installed, and only root may install it`);
  if (!onPath('apt-get')) return void leftOut.push(`${what}: ${name} is not installed, and there is no apt-get`);
  const done = startProgress(`Installing ${name}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = () => run('apt-get', ['install', '-y', '--no-install-recommends', name], { env });
  let { code, output } = await install();
  if (code !== 0) {
    await run('apt-get', ['update'], { env });
    ({ code, output } = await install());
  }
  done(code === 0 ? 'done' : 'failed');
  if (code !== 0) leftOut.push(`${what}: ${name} could not be installed: ${output.trim().split('\n').at(-1)}`);
}

function onPath(program) {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => existsSync(path.join(folder, program)));
}
