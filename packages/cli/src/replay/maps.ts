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
