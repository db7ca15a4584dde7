import { ensureDashboard, ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';

/** `npm run ranloop -- <command>`: the command line, from a checkout in which nothing may be installed yet. */
export async function launch(args) {
  requireNode();
  await ensureInstalled();
  if (args[0] === 'start' && !args.includes('--help')) await ensureDashboard();
  const { main } = await import('../packages/cli/bin/ranloop.mjs');
  await main(args);
}

if (process.argv[1]?.endsWith('ranloop.mjs')) await launch(process.argv.slice(2));
