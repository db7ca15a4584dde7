import { readFileSync } from 'node:fs';
import { asRanloopError } from '@ranloop/contracts/errors';
import { Command, CommanderError } from 'commander';
import { agentCommand } from './agent-command.ts';
import { doctorCommand } from './doctor/command.ts';
import { replayCommand } from './replay/command.ts';
import { startCommand } from './start/command.ts';

/** Exit codes: 0 done, 1 the work failed, 2 the command line or the configuration cannot be used. */
export async function runCli(args: readonly string[]): Promise<void> {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  const program = new Command('ranloop')
    .description('The closed AI loop for Open RAN in one program.')
    .version(manifest.version)
    .showHelpAfterError('(add --help for what can be given)')
    .exitOverride();
  for (const command of [startCommand(), agentCommand(), replayCommand(), doctorCommand()])
    program.addCommand(command.exitOverride());
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (thrown) {
    process.exitCode = report(thrown);
  }
}

function report(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
  const error = asRanloopError(thrown);
  process.stderr.write(`ranloop: ${error.message} [${error.code}]\n`);
  for (const { path, problem } of error.fields.slice(1)) process.stderr.write(`  ${path} ${problem}\n`);
  if (error.code === 'RL_INTERNAL' && error.cause instanceof Error)
    process.stderr.write(`${error.cause.stack ?? ''}\n`);
  return error.code === 'RL_CONFIG' ? 2 : 1;
}
