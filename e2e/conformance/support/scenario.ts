import { spawn } from 'node:child_process';
import { appendFile, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClearmlServer } from '../../setup/conformance.ts';
import { temporaryFolder } from '../../support/installation.ts';
import { type Recorded, startRecorder } from './recorder.ts';

const FOLDER = fileURLToPath(new URL('../', import.meta.url));
const MOST_OUTPUT = 400_000;
const TOLD_OF_IT = 30_000;

/** Where a scenario fails, it fails before this. */
export const SCENARIO_MS = 540_000;

/**
 * Runs a Python script of this folder as its user would: in a folder and a home of its own, outside any repository, with a
 * clearml.conf that names the server. Resolves with what it printed; rejects with it when the script failed, did not end
 * in a line `OK`, or saw the server fail.
 */
export async function runScript(server: ClearmlServer, file: string, ...args: string[]): Promise<string> {
  const name = path.basename(file, '.py');
  const folder = await temporaryFolder(`ranloop-${name}-`);
  const recorder = await startRecorder(server.apiUrl);
  try {
    const home = path.join(folder, 'home');
    await mkdir(home);
    const config = path.join(folder, 'clearml.conf');
    await writeFile(config, clearmlConf({ ...server, apiUrl: recorder.url }));
    await copyFile(path.join(FOLDER, file), path.join(folder, `${name}.py`));
    const env = {
      ...withoutClearml(),
      HOME: home,
      CLEARML_CONFIG_FILE: config,
      PYTHONPATH: path.join(FOLDER, 'lib'),
      PYTHONUNBUFFERED: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      MPLBACKEND: 'Agg',
      RANLOOP_API: recorder.url,
      RANLOOP_FILES: server.filesUrl,
      RANLOOP_WEB: server.webUrl,
      RANLOOP_ACCESS_KEY: server.accessKey,
      RANLOOP_SECRET_KEY: server.secretKey,
    };
    const { code, output } = await python([`${name}.py`, ...args], folder, env);
    const problems = recorder.faults();
    if (code !== 0) problems.unshift(`it ended with ${code}`);
    else if (!/^OK$/m.test(output)) problems.unshift('it did not say OK');
    if (problems.length > 0) throw new Error(`${name}: ${problems.join('; ')}\n${output.slice(-TOLD_OF_IT)}`);
    await appendFile(server.traceFile, lines(recorder.calls));
    return output;
  } finally {
    await recorder.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Low retries: with the defaults a client would hide a failing server for hours. The repository is looked for before the
 * client forks its reporter: beside the fork, the reporter can inherit the pipe from git, and the client waits for ever.
 */
function clearmlConf({ apiUrl, filesUrl, webUrl, accessKey, secretKey }: Omit<ClearmlServer, 'traceFile'>): string {
  return `api {
  api_server: "${apiUrl}", web_server: "${webUrl}", files_server: "${filesUrl}"
  credentials { access_key: "${accessKey}", secret_key: "${secretKey}" }
  http { retries { total: 2, connect: 2, read: 2, redirect: 2, status: 2 } }
}
sdk.development.worker { report_period_sec: 1, ping_period_sec: 5 }
sdk.development.vcs_repo_detect_async: false
`;
}

function withoutClearml(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(CLEARML|TRAINS|PYTHON)/.test(key)));
}

function python(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
  return new Promise<{ code: number | string; output: string }>((resolve, reject) => {
    // A process group of its own, so that agents and reporters it left behind end with it.
    const child = spawn(process.env['RANLOOP_CLEARML_PYTHON'] ?? 'python3', args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-MOST_OUTPUT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const endGroup = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nobody of the group is left.
      }
    };
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      endGroup();
    }, SCENARIO_MS);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      // What it printed last is read before its leftovers, which may hold the pipes open, are ended.
      setTimeout(endGroup, 200);
      child.once('close', () =>
        resolve({ code: late ? `no end in ${SCENARIO_MS} ms` : (code ?? `${signal}`), output }),
      );
    });
  });
}

function lines(calls: readonly Recorded[]): string {
  const counts = new Map<string, number>();
  for (const { endpoint } of calls) counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
  return [...counts].map(([endpoint, count]) => `${JSON.stringify({ endpoint, calls: count })}\n`).join('');
}
