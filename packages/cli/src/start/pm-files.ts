import { readFileSync } from 'node:fs';
import { RanloopError } from '@ranloop/contracts/errors';

/** The file of `--pm-files`: settings of PM file fetching as JSON, e.g. `{"hosts": [{"host": "gnb-1", "user": "pm"}]}`. */
export function readPmFiles(file: string | undefined): unknown {
  if (file === undefined) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new RanloopError('RL_CONFIG', `--pm-files: ${file} cannot be read as JSON`, { cause });
  }
}
