import { spawn } from 'node:child_process';
import { RanloopError } from '@ranloop/contracts/errors';

/** Runs a program to its end; a failure carries what it printed. */
export function run(
  file: string,
  args: readonly string[],
  account: { uid?: number; gid?: number } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args], { ...account, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-8_000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new RanloopError('RL_STORE', `${file} ended with code ${code}: ${output.trim()}`));
    });
  });
}
