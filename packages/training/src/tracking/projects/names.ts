import { ApiError } from '../wire/errors.ts';

const DEEPEST = 10;
const SHORTEST = 3;
/** An index over names refuses longer ones. */
const MOST_BYTES = 2_000;

/** The parts of a project's path: trimmed, empty ones dropped. The last one is its basename. */
export function nameParts(name: string): string[] {
  const parts = name
    .split('/')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const basename = parts.at(-1) ?? '';
  if ([...basename].length < SHORTEST)
    throw new ApiError('badProjectName', { name }, `at least ${SHORTEST} characters`);
  if (parts.length > DEEPEST) throw new ApiError('projectTooDeep', { name }, `at most ${DEEPEST} levels`);
  if (Buffer.byteLength(parts.join('/')) > MOST_BYTES) throw new ApiError('badProjectName', { name }, 'too long');
  return parts;
}
