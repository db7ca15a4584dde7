import { RanloopError } from '@ranloop/contracts/errors';
import { createVesClient } from '@ranloop/sdk/ves';
import { Command } from 'commander';
import { createBars } from '../progress.ts';
import { readMap } from './map.ts';
import { locateMap, shippedMaps } from './maps.ts';
import { replay } from './replay.ts';

interface ReplayFlags {
  map: string;
  url: string;
  speed?: string;
  username?: string;
  password?: string;
}

export function replayCommand(): Command {
  return new Command('replay')
    .description('Send a recorded capture (CSV) to any VES collector as measurement events, with its own times.')
    .argument('<file>', 'the capture')
    .requiredOption(
      '--map <map>',
      `how its columns become counters: a JSON file, or one of ${shippedMaps().join(', ')}`,
    )
    .option('--url <url>', 'root of the VES collector', 'http://127.0.0.1:9080')
    .option('--speed <n>', 'recorded seconds per second (default: as fast as the collector accepts)')
    .option('--username <name>', 'for a collector that asks for Basic authentication')
    .option('--password <password>')
    .addHelpText('after', '\nExample:\n  ranloop replay kpm_metrics.csv --map oai-kpm --speed 10')
    .action(async (file: string, flags: ReplayFlags) => {
      const bars = createBars();
      const bar = bars.start('replay');
      try {
        const result = await replay({
          file,
          map: await readMap(locateMap(flags.map)),
          ves: createVesClient({ url: flags.url, username: flags.username, password: flags.password }),
          speed: parseSpeed(flags.speed),
          onProgress: (fraction) => bar.update(fraction),
        });
        bar.done(`${result.rows} rows in ${result.events} events`);
        for (const { line, reason } of result.refused) process.stderr.write(`line ${line}: ${reason}\n`);
        if (result.refusedRows > 0)
          throw new RanloopError(
            'RL_INVALID',
            `${result.refusedRows} rows were not sent; all others were acknowledged`,
          );
      } finally {
        bars.stop();
      }
    });
}

function parseSpeed(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const speed = Number(text);
  if (Number.isFinite(speed) && speed > 0) return speed;
  throw new RanloopError('RL_CONFIG', `--speed must be a number above 0, not "${text}"`);
}
