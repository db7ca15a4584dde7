import { RanloopError } from '@ranloop/contracts/errors';
import { checker } from '@ranloop/contracts/schema';
import type { Static, TSchema } from 'typebox';
import Value from 'typebox/value';

/** Fills in the defaults of a room's config schema and checks the result; the error names each field that is wrong. */
export function parseConfig<S extends TSchema>(schema: S, given: unknown, room: string): Static<S> {
  const filled = Value.Default(schema, structuredClone(given ?? {}));
  try {
    return checker(schema)(filled, `configuration of ${room}`);
  } catch (error) {
    if (error instanceof RanloopError) throw new RanloopError('RL_CONFIG', error.message, { fields: error.fields });
    throw error;
  }
}

/** The only place where the environment is read. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** The environment for a child process: ours, changed by `changes`; a variable set to undefined is taken away. */
export function childEnvironment(changes: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const merged: Record<string, string | undefined> = { ...process.env, ...changes };
  return Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
