import { Command } from 'commander';
import { parseStartOptions, type StartOptions, startOptions } from './options.ts';
import { runStart } from './run.ts';

export function startCommand(): Command {
  const command = new Command('start')
    .description('Start every room in one process and, unless told otherwise, the closed loop on a simulated RAN.')
    .action(async (flags: Record<string, unknown>) => {
      process.exitCode = await runStart(readFlags(flags));
    });
  for (const [name, schema] of Object.entries(startOptions.properties)) {
    const {
      description = '',
      type,
      default: standard,
    } = schema as { description?: string; type?: string; default?: unknown };
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const fallback = standard === undefined || type === 'boolean' ? '' : ` (default ${standard})`;
    if (type === 'boolean' && standard === true) command.option(`--no-${flag}`, description);
    else if (type === 'boolean') command.option(`--${flag}`, description);
    else command.option(`--${flag} <${type === 'string' ? 'text' : 'n'}>`, description + fallback);
  }
  return command.addHelpText(
    'after',
    '\nExamples:\n  npm start\n  npm start -- --once --json figures.json\n  npm start -- --no-demo --port-base 20000\n  npm start -- --database-url postgres://user:password@db/ranloop\n  npm start -- --files-s3 s3://models/ranloop --files-s3-endpoint http://minio:9000',
  );
}

/** Commander gives text; what the schema calls a number is read as one, and refused by name if it is none. */
function readFlags(flags: Record<string, unknown>): StartOptions {
  const read = Object.entries(flags).map(([name, value]) => {
    const { type } = (startOptions.properties as Record<string, { type?: string }>)[name] ?? {};
    const numeric = (type === 'number' || type === 'integer') && typeof value === 'string' && value.trim() !== '';
    return [name, numeric && Number.isFinite(Number(value)) ? Number(value) : value];
  });
  return parseStartOptions(Object.fromEntries(read));
}
