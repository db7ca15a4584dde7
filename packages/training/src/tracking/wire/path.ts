import { ApiError } from './errors.ts';

/** `[major, minor]` of the API. */
export type Version = readonly [number, number];

export interface CallPath {
  readonly name: string;
  readonly version: Version | undefined;
}

const GRAMMAR = /^\/?(?:v(\d{1,4})\.(\d{1,4})\/)?([A-Za-z_]\w+\.[A-Za-z_]\w+)\/?$/;

/** `/v2.23/tasks.get_all` or `/tasks.get_all`. */
export function parsePath(path: string): CallPath {
  const [, major, minor, name] = GRAMMAR.exec(path) ?? [];
  if (name === undefined) throw new ApiError('badPath', { path });
  return { name, version: major === undefined ? undefined : [Number(major), Number(minor)] };
}

export function parseVersion(text: string): Version {
  const [major = '0', minor = '0'] = text.split('.');
  return [Number(major), Number(minor)];
}

export function atLeast(version: Version, other: Version): boolean {
  return version[0] > other[0] || (version[0] === other[0] && version[1] >= other[1]);
}

export function versionText([major, minor]: Version): string {
  return `${major}.${minor}`;
}
