import { checker } from '@ranloop/contracts/schema';
import type { Identity } from '@ranloop/kit/auth';
import type { Static, TSchema } from 'typebox';
import { ApiError } from './errors.ts';
import type { Parameters } from './parameters.ts';
import { atLeast, type CallPath, parseVersion, type Version } from './path.ts';

/** Who calls, and how. */
export interface Call {
  readonly identity: Identity;
  readonly version: Version;
  /** Header X-ClearML-Worker: the default `worker` of an event. */
  readonly worker: string;
  readonly ip: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Sets a header of the answer, such as a cookie. */
  readonly setHeader: (name: string, value: string) => void;
  /** Does `undo` when the caller is gone before the answer is out: for what was handed over and would be lost. */
  readonly ifUnsent: (undo: () => void) => void;
  /** Keys that came as null, which most calls take as absent and a few as a value of its own. */
  readonly nulls: readonly string[];
}

/** `one`: a JSON object. `batch`: lines of objects. */
export type Input = { readonly one: Parameters } | { readonly batch: readonly Parameters[] };

export interface Endpoint {
  readonly name: string;
  readonly since: Version;
  readonly batch: boolean;
  /** Served without credentials; the call's identity is then that of a guest unless credentials were sent. */
  readonly open: boolean;
  /** What one object must be; a batch endpoint judges its items itself. */
  readonly body?: TSchema;
  run(input: Input, call: Call): Promise<object>;
}

interface One<S extends TSchema> {
  name: string;
  /** The lowest API version that has this shape. */
  since?: string;
  open?: boolean;
  body: S;
  run: (body: Static<S>, call: Call) => Promise<object> | object;
}

/** An endpoint that takes one object. Keys that the schema does not name are ignored. */
export function endpoint<S extends TSchema>({ name, since = '2.1', open = false, body, run }: One<S>): Endpoint {
  // Compiling a schema costs a millisecond: it waits for the first call.
  let check: ((value: unknown, what?: string) => Static<S>) | undefined;
  return {
    name,
    since: parseVersion(since),
    batch: false,
    open,
    body,
    async run(input, call) {
      check ??= checker(body);
      return run(check('one' in input ? input.one : {}, name), call);
    },
  };
}

interface Batch {
  name: string;
  since?: string;
  run: (items: readonly Parameters[], call: Call) => Promise<object>;
}

export function batchEndpoint({ name, since = '2.1', run }: Batch): Endpoint {
  return {
    name,
    since: parseVersion(since),
    batch: true,
    open: false,
    run: (input, call) => run('batch' in input ? input.batch : [input.one], call),
  };
}

/** Finds the newest handler whose lowest version is not above the version asked for. */
export interface Registry {
  find(path: CallPath): Endpoint;
  readonly names: readonly string[];
  /** The handlers of a name, the newest first. */
  handlers(name: string): readonly Endpoint[];
}

const OLDEST = parseVersion('2.1');

export function createRegistry(endpoints: readonly Endpoint[]): Registry {
  const byName = new Map<string, Endpoint[]>();
  for (const one of endpoints) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  for (const list of byName.values()) list.sort((a, b) => (atLeast(a.since, b.since) ? -1 : 1));
  return {
    names: [...byName.keys()].sort(),
    handlers: (name) => byName.get(name) ?? [],
    find({ name, version }) {
      const newest = (asked: Version | undefined) =>
        byName.get(name)?.find(({ since }) => asked === undefined || atLeast(asked, since));
      // Clients of the first versions get what 2.1 gives, the oldest whose shapes are known, where nothing is older.
      const found = newest(version) ?? (version && !atLeast(version, OLDEST) ? newest(OLDEST) : undefined);
      if (!found) throw new ApiError('noSuchEndpoint', { name });
      return found;
    },
  };
}
