import type { Identities, TimeRules } from '../canonical/index.ts';
import type { AcceptedEvent, Point } from '../model.ts';
import type { TelemetryStore } from '../store/index.ts';
import type { Writer } from '../writer.ts';
import { createPmParser, documentProblem, type PmHeader } from './document/index.ts';
import { asFileProblem, createPmEvents } from './events.ts';
import type { SavedFile } from './fetch/index.ts';
import { unpacked } from './unpack.ts';

export interface Ingested {
  readonly source: string;
  readonly header: PmHeader;
  readonly samples: number;
  /** Parts of the file that were stored before: all of them when the same file came twice. */
  readonly repeated: number;
  readonly parts: number;
}

export interface IngestDeps {
  readonly writer: () => Writer;
  readonly store: TelemetryStore;
  readonly identities: Identities;
  readonly times: TimeRules;
  readonly groupSamples: number;
  readonly mostUnpackedBytes: number;
}

export interface FileOf {
  readonly saved: SavedFile;
  /** Absent: the sender that the file itself names. */
  readonly source: string | undefined;
  readonly name: string;
  readonly signal: AbortSignal;
}

const MOST_TIMES = 100_000;

/**
 * Stores the samples of a PM file, all or none. A file of one group is held in memory until its end; a longer one is read
 * twice: once to see that all of it is right, and once to store it group by group. A stop in between leaves a file that
 * is read again, of which the groups that were stored are known.
 */
export function createIngest(deps: IngestDeps): (file: FileOf) => Promise<Ingested> {
  return async ({ saved, source: given, name, signal }) => {
    const source = given ?? (await senderOf(saved.file, deps.mostUnpackedBytes));
    const check = createCheck(deps.groupSamples);
    const header = await read(check.group);
    const held = check.held();
    const totals = { samples: 0, repeated: 0, parts: 0 };
    if (held) await submit(held);
    else {
      // Refuses times that the store has no room for, before anything is stored.
      await deps.store.prepare(check.times()).catch(rethrow);
      await read(submit);
    }
    return { source, header, ...totals };

    async function submit(events: readonly AcceptedEvent[]): Promise<void> {
      if (events.length === 0) return;
      const written = await deps.writer().submit(events).catch(rethrow);
      totals.parts += events.length;
      totals.repeated += written.repeated;
      totals.samples += written.points.length;
    }

    async function read(onGroup: (events: readonly AcceptedEvent[]) => Promise<void> | void): Promise<PmHeader> {
      const { identities, times, groupSamples, mostUnpackedBytes } = deps;
      const { digest, file } = saved;
      const groups: (readonly AcceptedEvent[])[] = [];
      const onReady = (events: readonly AcceptedEvent[]) => void groups.push(events);
      const events = createPmEvents({ source, name, digest, identities, times, groupSamples, onGroup: onReady });
      const parser = createPmParser((values) => events.add(values));
      const settle = async () => {
        for (const group of groups.splice(0)) await onGroup(group);
      };
      for await (const chunk of unpacked(file, mostUnpackedBytes)) {
        signal.throwIfAborted();
        parser.write(chunk);
        await settle();
      }
      const found = parser.end();
      events.end();
      await settle();
      return found;
    }
  };
}

/** Holds the events while they are few; of more only their times. */
function createCheck(most: number) {
  let held: AcceptedEvent[] | undefined = [];
  let points = 0;
  const times = new Map<number, Point>();
  return {
    group(events: readonly AcceptedEvent[]): void {
      for (const event of events) {
        points += event.points.length;
        const [first] = event.points;
        if (first) times.set(event.time, first);
      }
      if (times.size > MOST_TIMES)
        throw documentProblem('RL_UNPROCESSABLE', undefined, `the file has more than ${MOST_TIMES} periods`);
      if (held && points <= most && held.length + events.length <= most) held.push(...events);
      else held = undefined;
    },
    held: () => held,
    times: () => [...times.values()],
  };
}

async function senderOf(file: string, mostBytes: number): Promise<string> {
  const parser = createPmParser(() => undefined);
  for await (const chunk of unpacked(file, mostBytes)) parser.write(chunk);
  const { sender } = parser.end();
  const source = elementOf(sender);
  if (source !== '') return source;
  throw documentProblem('RL_UNPROCESSABLE', undefined, 'the file does not name its sender; say which source it is of');
}

/** The name of the managed element in a DN, by which its events call it too; the whole of what names none. */
function elementOf(dn: string): string {
  const [, id] = /(?:^|,)\s*ManagedElement=((?:\\.|[^,\\]){1,256})(?:,|$)/.exec(dn) ?? [];
  return (id?.replace(/\\(.)/g, '$1') ?? dn).slice(0, 256);
}

function rethrow(error: unknown): never {
  throw asFileProblem(error);
}
