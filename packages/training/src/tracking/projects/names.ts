import { ApiError } from '../wire/errors.ts';

export const DEEPEST = 10;
const SHORTEST = 3;
/** An index over names refuses longer ones. */
const MOST_BYTES = 2_000;

/** The parts of a project's path: trimmed, empty ones dropped. The last one is its basename. */
export function nameParts(name: string): string[] {
  const parts = locationParts(name);
  if (parts.length === 0) throw new ApiError('badProjectName', { name }, 'empty');
  if (parts.length > DEEPEST) throw new ApiError('projectTooDeep', { name }, `at most ${DEEPEST} levels`);
  checkName(parts.join('/'));
  return parts;
}

/** Where a project stands: the parts of its parent's path, none for the top. */
export function locationParts(location: string): string[] {
  return location
    .split('/')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** It is the full path that may not be short: what a client keeps below a project is named freely. */
export function checkName(name: string): void {
  const [top = ''] = name.split('/');
  if ([...top].length < SHORTEST) throw new ApiError('badProjectName', { name }, `at least ${SHORTEST} characters`);
  if (Buffer.byteLength(name) > MOST_BYTES) throw new ApiError('badProjectName', { name }, 'too long');
}
