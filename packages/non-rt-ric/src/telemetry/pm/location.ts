import path from 'node:path';
import { RanloopError } from '@ranloop/contracts/errors';
import { redacted } from '../redact.ts';

const SCHEMES = { http: 80, https: 443, sftp: 22, ftpes: 21, ftps: 990 } as const;
export type Scheme = keyof typeof SCHEMES;

/** Where a PM file is. */
export interface Location {
  readonly scheme: Scheme;
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Decoded, for SFTP and FTP. */
  readonly path: string;
  /** Path and query as they stand in the URL, for HTTP. */
  readonly target: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** The last part of the path. */
  readonly name: string;
}

const MOST_LENGTH = 2_048;
const URL_PARTS = /^[a-z]+:\/\/[^/?#]+([^?#]*)/i;

/** @throws RanloopError RL_INVALID whose text names the location without its credentials. */
export function parseLocation(text: string): Location {
  const told = redacted(text).slice(0, 256);
  const refuse = (problem: string) => new RanloopError('RL_INVALID', `the location "${told}" ${problem}`);
  if (text.length > MOST_LENGTH) throw refuse(`is longer than ${MOST_LENGTH} characters`);
  if (!URL.canParse(text)) throw refuse('is no URL with scheme and host');
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1);
  if (!isScheme(scheme))
    throw refuse(
      scheme === 'ftp'
        ? 'is plain FTP; ftpes keeps its password private'
        : `is none of ${Object.keys(SCHEMES).join(', ')}`,
    );
  if (url.hostname === '') throw refuse('has no host');
  // What stands in the text counts: URL resolves ".." on its own, and a server may be asked for what nobody announced.
  const segments = (URL_PARTS.exec(text)?.[1] ?? '').split('/').map((segment) => decoded(segment, refuse));
  if (segments.some(unsafe)) throw refuse('has a path that leaves its folder, or control characters');
  const name = segments.at(-1) ?? '';
  if (name === '') throw refuse('names no file');
  return {
    scheme,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? SCHEMES[scheme] : Number(url.port),
    path: segments.join('/'),
    target: `${url.pathname}${url.search}`,
    user: url.username === '' ? undefined : decoded(url.username, refuse),
    password: url.password === '' ? undefined : decoded(url.password, refuse),
    name,
  };
}

/** The name of a file as a notification gives it: no path. */
export function checkFileName(name: string): string {
  if (name !== '' && name.length <= 512 && !unsafe(name) && path.basename(name) === name) return name;
  throw new RanloopError('RL_INVALID', `the file name ${JSON.stringify(name.slice(0, 128))} is not the name of a file`);
}

function isScheme(text: string): text is Scheme {
  return Object.hasOwn(SCHEMES, text);
}

function decoded(text: string, refuse: (problem: string) => RanloopError): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse('has a broken percent encoding');
  }
}

function unsafe(segment: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break would be a second command to an FTP server
  return segment === '..' || segment === '.' || /[/\\\u0000-\u001f\u007f]/.test(segment);
}
