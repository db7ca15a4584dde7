import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SHIPPED = fileURLToPath(new URL('../../maps/', import.meta.url));

/** Finds a map by path, or by the name of one that ships with Ranloop. */
export function locateMap(given: string): string {
  const shipped = path.join(SHIPPED, `${path.basename(given, '.json')}.json`);
  return !existsSync(given) && existsSync(shipped) ? shipped : given;
}

/** The shipped maps, by name. */
export function shippedMaps(): string[] {
  return readdirSync(SHIPPED).map((file) => file.replace(/\.json$/, ''));
}

/** The shipped map of a capture that is named as its publisher named it; otherwise `<capture>.map.json` beside it. */
export function mapFor(capture: string): string {
  const name = path.basename(capture);
  if (name === 'kpm_metrics.csv') return 'oai-kpm';
  if (name === 'cells.csv') return 'ric-app-qp';
  if (/^ue_\d+\.csv$/.test(name)) return 'ric-app-ad';
  return `${capture.replace(/\.csv$/, '')}.map.json`;
}
