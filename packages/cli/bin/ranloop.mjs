#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

/** Runs the command line from its TypeScript sources, in this process. */
export async function main(args) {
  register();
  const { runCli } = await import('../src/main.ts');
  await runCli(args);
}

const invoked = process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (invoked) await main(process.argv.slice(2));
