import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Runs a program in the project's folder; resolves with its exit code and, unless it inherits the terminal, what it printed. */
export function run(file, args, options = {}) {
  const { inherit = false, env = {}, cwd = ROOT } = options;
  return new Promise((resolve) => {
    const stdio = inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'];
    const child = spawn(file, args, { cwd, stdio, env: { ...process.env, ...env } });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-200_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.once('error', (error) => resolve({ code: 127, output: String(error) }));
    child.once('close', (code, signal) => resolve({ code: code ?? (signal ? 130 : 1), output }));
  });
}

/** Runs one of the JavaScript programs that npm installed, without npx. */
export const runModule = (script, args, options) =>
  run(process.execPath, [`${ROOT}node_modules/${script}`, ...args], options);
