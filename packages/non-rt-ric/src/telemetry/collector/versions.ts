import type { FastifyRequest } from 'fastify';
import { Refusal } from '../refusal.ts';
import { EVENT_FORMATS, type EventFormat } from './formats.ts';

/** A client may ask for a minor version and a patch of it; what this listener does not speak is refused (SVC0002). */
export function checkVersion({ headers }: FastifyRequest, { minors, path }: EventFormat): void {
  const major = path.slice(path.lastIndexOf('v') + 1);
  const spoken = minors.map((minor) => `${major}.${minor}`).join(', ');
  const check = (header: string, fits: (value: string) => boolean) => {
    const value = headers[header.toLowerCase()];
    if (value !== undefined && value !== '' && !(typeof value === 'string' && fits(value.trim())))
      throw new Refusal('SVC0002', ['header', header, `is not of a version spoken here (${spoken})`]);
  };
  check('X-MinorVersion', (value) => minors.includes(value));
  check('X-PatchVersion', (value) => /^[0-9]$/.test(value));
  // Which version the client thinks to be the latest; it may know later ones.
  check('X-LatestVersion', (value) => /^[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}$/.test(value));
}

/** The format of a path, also of one whose version is not spoken: then the newest, whose headers tell the client so. */
export function formatOf(url: string): EventFormat {
  const [newest] = EVENT_FORMATS;
  const found = EVENT_FORMATS.find(
    ({ path }) => url === path || url.startsWith(`${path}/`) || url.startsWith(`${path}?`),
  );
  return found ?? (newest as EventFormat);
}
