import { Command } from 'commander';
import { examine } from './checks.ts';

const SIGNS = { ok: 'ok  ', note: 'note', bad: 'BAD ' } as const;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Look for what would keep Ranloop from starting, or at how a running one is.')
    .option('--data-dir <folder>', 'folder for all data', '.ranloop')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port-base <n>', 'first of the eleven ports', Number)
    .action(async (flags: { dataDir: string; host: string; portBase?: number }) => {
      const findings = await examine({ dataDir: flags.dataDir, host: flags.host, portBase: flags.portBase });
      for (const { what, verdict, detail } of findings) console.log(`${SIGNS[verdict]} ${what.padEnd(22)} ${detail}`);
      const bad = findings.filter(({ verdict }) => verdict === 'bad').length;
      console.log(bad === 0 ? '\nNothing keeps Ranloop from running.' : `\n${bad} to mend.`);
      process.exitCode = bad === 0 ? 0 : 1;
    });
}
