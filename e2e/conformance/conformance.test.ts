import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inject, it } from 'vitest';
import { runScript, SCENARIO_MS } from './support/scenario.ts';

const scripts = readdirSync(fileURLToPath(new URL('scripts/', import.meta.url))).filter((name) => name.endsWith('.py'));

/** Scenarios mostly wait for their clients' reporters, so several run at a time (`maxConcurrency` of the project). */
for (const name of scripts.map((file) => file.slice(0, -'.py'.length)).sort())
  it.concurrent(name, { timeout: SCENARIO_MS + 30_000 }, async () => {
    const output = await runScript(inject('clearmlServer'), `scripts/${name}.py`);
    for (const [, figure] of output.matchAll(/^FIGURE: (.*)$/gm)) console.log(`${name}: ${figure}`);
  });
