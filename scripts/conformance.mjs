import { readdirSync } from 'node:fs';
import path from 'node:path';
import { ensureClearmlPython } from './lib/clearml-python.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';
import { ROOT, run } from './lib/run.mjs';

const HELP = `Usage: npm run conformance -- [options] [NAME ...]

Runs ClearML's own SDK, command lines and agent against a Ranloop that it starts, and checks what the server then
answers. With names, only those scenarios.

Options:
  --list      print the names of the scenarios
  -h, --help  this text

Needs Python 3.9 to 3.14 and, the first time, PyPI. RANLOOP_CLEARML_PYTHON=/path/to/python takes a Python that has
e2e/conformance/requirements.txt installed.`;

requireNode();
const names = process.argv.slice(2);
const known = readdirSync(path.join(ROOT, 'e2e', 'conformance', 'scripts'))
  .filter((file) => file.endsWith('.py'))
  .map((file) => file.slice(0, -'.py'.length))
  .sort();
known.push('interchange');
if (names.includes('--help') || names.includes('-h')) end(HELP, 0);
if (names.includes('--list')) end(known.join('\n'), 0);
const unknown = names.find((name) => !known.includes(name));
if (unknown) end(`There is no scenario ${unknown}; there are: ${known.join(', ')}`, 2);

await ensureInstalled();
const { python, missing } = await ensureClearmlPython();
if (missing) end(`Left out: ${missing}`, 1);
const filter = names.length === 0 ? [] : ['--testNamePattern', `^(${names.join('|')})\\b`];
const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'conformance', ...filter];
const { code } = await run(process.execPath, args, { inherit: true, env: { RANLOOP_CLEARML_PYTHON: python } });
process.exit(code);

function end(text, code) {
  console.log(text);
  process.exit(code);
}
